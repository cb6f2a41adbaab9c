"""Units that files use, and the exact factor to the unit of our column."""

from decimal import Decimal

_FACTORS: dict[tuple[str, str], Decimal] = {
    ("mu", "m²"): Decimal(2000) / 3,
    ("ha", "m²"): Decimal(10_000),
    ("km2", "m²"): Decimal(1_000_000),
    ("wan_m2", "m²"): Decimal(10_000),
    ("yuan", "万元"): Decimal("0.0001"),
    ("yi", "万元"): Decimal(10_000),
    ("wan", "亿元"): Decimal("0.0001"),
    ("wan_ha", "万元/亩"): Decimal(1) / 15,
    ("mva", "kVA"): Decimal(1000),
    ("wan_t_per_day", "t/d"): Decimal(10_000),
    ("kg", "t"): Decimal("0.001"),
    ("kg_m2", "t/m²"): Decimal("0.001"),
    ("kn_m2", "t/m²"): 1 / Decimal("9.80665"),
    ("year", "月"): Decimal(12),
    ("wan_m2_price", "元/m²"): Decimal(10_000),
    ("yuan_m2_day", "元/m²·月"): Decimal(365) / 12,
    ("yuan_m2_year", "元/m²·月"): Decimal(1) / 12,
}
PER_M2 = {"wan_mu": Decimal(3) / 2000, "yuan_m2": Decimal("0.0001")}
"""Prices by the area of their row: 万元 for each m2 of it. ``gis.importing.totals`` multiplies."""


class UnknownUnit(LookupError):
    """No factor leads from that unit to the column's."""


def factor(unit: str, column_unit: str | None) -> Decimal:
    """What a value in ``unit`` is multiplied with to be in the column's unit; 1 for no unit."""
    if not unit or (unit in PER_M2 and column_unit == "万元"):
        return Decimal(1)
    try:
        return _FACTORS[unit, column_unit or ""]
    except KeyError:
        raise UnknownUnit(f"{unit} -> {column_unit}") from None


_WORDS = {
    "m²": ("㎡", "m2", "平方米", "平米"),
    "mu": ("亩",),
    "ha": ("公顷",),
    "km2": ("km²", "平方公里"),
    "yuan": ("元",),
    "yi": ("亿元",),
    "wan": ("万元",),
    "kg": ("千克", "公斤"),
    "mva": ("MVA",),
    "wan_mu": ("万元/亩", "万/亩"),
    "yuan_m2": ("元/m²", "元/㎡", "元/m2", "元/平方米"),
}


def words(unit: str, column_unit: str | None) -> frozenset[str]:
    """What may stand behind a number in that unit; anything else is another unit."""
    named = unit or column_unit or ""
    return frozenset({"", "%", named, *_WORDS.get(named, ())})
