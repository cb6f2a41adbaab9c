"""What was filled in for an action, in the words of its form: for the timeline."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.disposal import following
from server.disposal.fields import Field, FieldKind
from server.disposal.measures import MEASURES, proof_fields
from server.disposal.states import TRANSITIONS

_UNTOLD = (FieldKind.PHOTO, FieldKind.DOCUMENT, FieldKind.USER)
"""Files stand beside the words, and a person is named by who did it."""


def told(action: str, inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each input with its title, in the order of the form; ``found`` facts are not among them."""
    return [
        {"name": one.name, "title": one.title, "text": _text(one, inputs[one.name])}
        for one in _fields(action, inputs)
        if one.kind not in _UNTOLD and inputs.get(one.name) not in (None, "", [])
    ]


def _fields(action: str, inputs: Mapping[str, Any]) -> Iterator[Field]:
    seen: dict[str, Field] = {}
    for (_, known), found in TRANSITIONS.items():
        if known.value == action:
            seen |= {one.name: one for one in found.requires}
    yield from seen.values()
    proven = dict.fromkeys(name.partition(".")[0] for name in inputs if "." in name)
    yield from proof_fields([measure for measure in proven if measure in MEASURES])
    yield from following.known(name for name in inputs if name.startswith(following.PREFIX))


def _text(field: Field, value: Any) -> str:
    if isinstance(value, list):
        return "、".join(field.choices.get(str(one), str(one)) for one in value)
    return field.choices.get(str(value), str(value))
