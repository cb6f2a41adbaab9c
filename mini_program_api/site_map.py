"""The map of a site sheet, drawn by us as SVG: no tiles and no foreign host."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import shapely

from gis.siting.surroundings import About

WIDTH, HEIGHT = 640.0, 400.0
_METRES_PER_DEGREE = 111_320.0
_MARGIN = 16.0

_STYLE = """
.park{fill:#eef4ea;stroke:#7a9a6a;stroke-width:1.2;stroke-dasharray:6 3}
.neighbour{fill:#f3efe6;stroke:#b9ad97;stroke-width:.7}
.site{fill:#1677ff;fill-opacity:.35;stroke:#0b4fb3;stroke-width:2}
.facility{fill:#d4380d;stroke:#fff;stroke-width:1}
.away{stroke:#d4380d;stroke-width:1.4;fill:none}
text{font-family:'Noto Sans CJK SC','Noto Sans SC',sans-serif;font-size:10px;fill:#222}
.halo{stroke:#fff;stroke-width:3;stroke-linejoin:round}
"""


@dataclass(frozen=True)
class Plane:
    """Pixels of a small map: degrees scaled alike in both directions about the frame's middle."""

    west: float
    north: float
    per_degree_x: float
    per_degree_y: float

    @classmethod
    def over(cls, frame: tuple[float, float, float, float]) -> "Plane":
        """The plane on which a frame of degrees just fits."""
        west, south, east, north = frame
        shrink = math.cos(math.radians((south + north) / 2))
        scale = min(WIDTH / ((east - west) * shrink), HEIGHT / (north - south))
        left = (west + east) / 2 - WIDTH / 2 / scale / shrink
        return cls(left, (south + north) / 2 + HEIGHT / 2 / scale, scale * shrink, scale)

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Pixels of a place, from the upper left corner."""
        x = (longitude - self.west) * self.per_degree_x
        return x, (self.north - latitude) * self.per_degree_y

    @property
    def metres_per_pixel(self) -> float:
        """Ground covered by one pixel."""
        return _METRES_PER_DEGREE / self.per_degree_y


def svg(about: About) -> str:
    """The map as one SVG element."""
    plane = Plane.over(about.frame)
    parts = [
        *(_area("park", shape, plane) for shape in about.parks),
        *(_area("neighbour", shape, plane) for shape in about.neighbours),
        _area("site", about.site, plane),
        *_facilities(about, plane),
        _scale_bar(plane),
        _north_arrow(),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
        f"<style>{_STYLE}</style>"
        f'<clipPath id="frame"><rect width="{WIDTH:g}" height="{HEIGHT:g}"/></clipPath>'
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fbfaf7"/>'
        f'<g clip-path="url(#frame)">{"".join(parts)}</g>'
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="none" stroke="#888"/></svg>'
    )


def _area(name: str, shape: shapely.Geometry, plane: Plane) -> str:
    rings = [
        ring
        for polygon in shapely.get_parts(shape)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    paths = ("M" + "L".join(_point(plane.at(x, y)) for x, y in ring.coords) + "Z" for ring in rings)
    return f'<path class="{name}" fill-rule="evenodd" d="{"".join(paths)}"/>'


def _point(pixels: tuple[float, float]) -> str:
    return f"{pixels[0]:.1f} {pixels[1]:.1f}"


def _facilities(about: About, plane: Plane) -> Iterator[str]:
    middle = shapely.point_on_surface(about.site)
    start = plane.at(middle.x, middle.y)
    taken: list[tuple[float, float]] = []
    for one in about.nearby:
        x, y = plane.at(*one.point)
        label = f"{one.title} {distance(one.metres)}"
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
            yield f'<circle class="facility" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
            yield _label(min(x + 7, WIDTH - 110), y + 3, label)
        else:
            yield _pointing(start, (x, y), label, taken)


def _pointing(
    start: tuple[float, float],
    end: tuple[float, float],
    label: str,
    taken: list[tuple[float, float]],
) -> str:
    """An arrow at the border towards a facility beyond it, its label clear of the others."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    reach = min(
        ((WIDTH - _MARGIN if dx > 0 else _MARGIN) - x) / dx if dx else math.inf,
        ((HEIGHT - _MARGIN if dy > 0 else _MARGIN) - y) / dy if dy else math.inf,
    )
    tip, long = (x + dx * reach, y + dy * reach), math.hypot(dx, dy)
    tail = (tip[0] - dx / long * 14, tip[1] - dy / long * 14)
    at = (min(max(tail[0] - 45, 4), WIDTH - 115), min(max(tail[1], 14), HEIGHT - 10))
    while any(abs(at[0] - tx) < 112 and abs(at[1] - ty) < 12 for tx, ty in taken):
        at = (at[0], at[1] + (12 if at[1] < HEIGHT / 2 else -12))
    taken.append(at)
    line = f'<path class="away" d="M{_point(tail)}L{_point(tip)}"/>'
    head = f'<circle class="facility" cx="{tip[0]:.1f}" cy="{tip[1]:.1f}" r="2.5"/>'
    return line + head + _label(*at, label)


def _label(x: float, y: float, text: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text class="halo" {place}>{escape(text)}</text><text {place}>{escape(text)}</text>'


def distance(metres: float) -> str:
    """Metres as people read them."""
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"


def _scale_bar(plane: Plane) -> str:
    rounded = (50, 100, 200, 500, 1000, 2000, 5000)
    metres = max(m for m in rounded if m / plane.metres_per_pixel <= WIDTH / 4 or m == rounded[0])
    long, y = metres / plane.metres_per_pixel, HEIGHT - 18
    return (
        f'<path d="M20 {y - 4:g}V{y:g}H{20 + long:.1f}V{y - 4:g}" fill="none" stroke="#222"/>'
        f"{_label(24, y - 5, distance(metres))}"
    )


def _north_arrow() -> str:
    x = WIDTH - 24
    return f'<path d="M{x:g} 12l-7 22 7-5 7 5z" fill="#222"/>{_label(x - 5, 46, "北")}'
