"""Land-use codes of three standards that say the same.

From the tables of 国土空间调查、规划、用途管制用地用海分类指南 (2023), GB 50137-2011 and
GB/T 21010-2017; only uses that promoted land has. 1001 is railway land in GB/T 21010 and 0601 a
country road in the 2023 standard: neither is promoted, so a code alone has its usual meaning.
"""

EQUIVALENTS: tuple[tuple[str, ...], ...] = (
    ("1001", "M", "0601"),
    ("100101", "M1"),
    ("100102", "M2"),
    ("100103", "M3"),
    ("1002", "0602"),
    ("1101", "W", "0604"),
    ("110101", "W1"),
    ("110102", "W2"),
    ("110103", "W3"),
    ("0802", "A35"),
    ("0901", "B1"),
    ("0902", "B2"),
)
"""Each line is one use: its code of 2023 first, then those of the older standards."""


def with_equivalents(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """The prefixes and what says the same in the other standards; none that another one covers."""
    same = [
        code
        for codes in EQUIVALENTS
        if any(code.startswith(prefix) for code in codes for prefix in prefixes)
        for code in codes
    ]
    found = dict.fromkeys((*prefixes, *same))
    return tuple(
        code for code in found if not any(code != one and code.startswith(one) for one in found)
    )
