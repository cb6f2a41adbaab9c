"""Values of a statement that is made as text: each gets a name, none gets into the text."""


class Binds:
    """Collects values; calling it gives the placeholder that stands for one."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def __call__(self, value: object) -> str:
        """The placeholder (psycopg2's own style) for a value; a float is a double in SQL too."""
        name = f"b{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::float8" if isinstance(value, float) else f"%({name})s"
