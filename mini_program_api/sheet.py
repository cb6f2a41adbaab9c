"""The sheet of a site: one page of HTML made into PDF by WeasyPrint, without any network."""

from dataclasses import dataclass

from flask import json, render_template

from gis.layers import Audience, Column, Kind, Layer
from gis.siting.routes import StraightLine
from gis.siting.surroundings import About
from mini_program_api import site_map
from server import papers

PDF = "application/pdf"

# In the head of the sheet, or of no use to who chooses a site.
_LEFT_OUT = frozenset(
    {
        "name",
        "source",
        "code",
        "status",
        "address",
        "verified_at",
        "region_code",
        "land_use_system",
        "area_planar_m2",
        "area_ellipsoid_m2",
        "lot_code",
        "supervision_no",
        "contact_name",
        "contact_phone",
    }
)


def pdf(layer: Layer, feature: str, about: About) -> bytes:
    """The sheet; ``feature`` is the site's GeoJSON text with every public column.

    It is one page: columns that find no room are left out, those that no list shows first.
    """
    properties = json.loads(feature)["properties"]
    listed = rows(layer, properties)
    for most in range(min(len(listed), 44), 8, -2):
        page = _page(layer, properties, foremost(listed, most), about)
        document = papers.laid_out(page)
        if len(document.pages) == 1:
            break
    return bytes(document.copy(document.pages[:1]).write_pdf())


def _page(layer: Layer, properties: dict[str, object], listed: list["Row"], about: About) -> str:
    return render_template(
        "sheet.html",
        layer=layer,
        properties=properties,
        rows=listed,
        map=site_map.svg(about),
        nearby=[
            (number, one.title, one.name, site_map.distance(one.metres))
            for number, one in enumerate(about.nearby, 1)
        ],
        verdicts=[one for one in about.verdicts if one.m2 is not None],
        distance=StraightLine.label,
        as_of=(about.as_of or "")[:10],
    )


@dataclass(frozen=True)
class Row:
    """One line of the table of attributes; lists show the foremost columns too."""

    title: str
    text: str
    is_foremost: bool


def rows(layer: Layer, properties: dict[str, object]) -> list[Row]:
    """Title and figure of every public column that has one, in the order of the registry."""
    shown = [
        Row(column.title, _shown(column, properties), column.summary)
        for column in layer.readable(Audience.PUBLIC)
        if properties.get(column.name) is not None and column.name not in _LEFT_OUT
    ]
    return [row for row in shown if row.text]


def foremost(listed: list[Row], most: int) -> list[Row]:
    """At most so many rows in their order; those go first that no list shows, from the end."""
    kept = sorted(range(len(listed)), key=lambda index: not listed[index].is_foremost)[:most]
    return [listed[index] for index in sorted(kept)]


def _shown(column: Column, properties: dict[str, object]) -> str:
    value = properties[column.name]
    match column.kind:
        case Kind.CODE:
            return str(properties.get(f"{column.name}_text", value))
        case Kind.AREA:
            return f"{value} m²（{properties[column.mu_name]} 亩）"
        case Kind.BOOLEAN:
            return "是" if value else "否"
        case Kind.TEXTS:
            return "、".join(map(str, value)) if isinstance(value, list) else ""
        case Kind.INTERVAL:
            return _interval(value, column.unit or "")
        case Kind.INSTANT:
            return str(value)[:10]
        case _:
            return f"{value} {column.unit or ''}".strip()


def _interval(value: object, unit: str) -> str:
    bounds = value if isinstance(value, dict) else {}
    low, high = bounds.get("min"), bounds.get("max")
    if low is None:
        return f"≤ {high} {unit}".strip()
    return f"≥ {low} {unit}".strip() if high is None else f"{low} – {high} {unit}".strip()
