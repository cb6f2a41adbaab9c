"""The map of a site sheet, drawn by us as SVG: no tiles and no foreign host."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import shapely

from gis.siting.surroundings import About

WIDTH, HEIGHT = 640.0, 400.0
_METRES_PER_DEGREE = 111_320.0
_MARGIN = 17.0
_RADIUS = 8.0
_APART = 2 * _RADIUS + 2

_STYLE = """
.park{fill:#eef4ea;stroke:#7a9a6a;stroke-width:1.2;stroke-dasharray:6 3}
.neighbour{fill:#f3efe6;stroke:#b9ad97;stroke-width:.7}
.site{fill:#1677ff;fill-opacity:.35;stroke:#0b4fb3;stroke-width:2}
.facility{fill:#d4380d;stroke:#fff;stroke-width:1}
.away{fill:#d4380d}
text{font-family:'Noto Sans CJK SC','Noto Sans SC',sans-serif;font-size:10px;fill:#222}
.number{font-size:9.5px;fill:#fff;font-weight:bold;text-anchor:middle}
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
    """A numbered disc for each facility: in its place, or at the border in its direction."""
    middle = shapely.point_on_surface(about.site)
    start = plane.at(middle.x, middle.y)
    taken: list[tuple[float, float]] = []
    for number, one in enumerate(about.nearby, 1):
        end = plane.at(*one.point)
        inside = _MARGIN <= end[0] <= WIDTH - _MARGIN and _MARGIN <= end[1] <= HEIGHT - _MARGIN
        spot = end if inside else free(_at_border(start, end), taken)
        taken.append(spot)
        yield _disc(spot, number)
        if not inside:
            yield _arrow(spot, (end[0] - start[0], end[1] - start[1]))


def _at_border(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """Where the way from the site towards something beyond the map leaves it."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    reach = min(
        ((WIDTH - _MARGIN if dx > 0 else _MARGIN) - x) / dx if dx else math.inf,
        ((HEIGHT - _MARGIN if dy > 0 else _MARGIN) - y) / dy if dy else math.inf,
    )
    return x + dx * reach, y + dy * reach


def free(spot: tuple[float, float], taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The spot, or the next one along its border that touches no other disc."""
    x, y = spot
    along_top = y <= _MARGIN + 1 or y >= HEIGHT - _MARGIN - 1
    for step in range(24):
        aside = (step + 1) // 2 * _APART * (-1 if step % 2 else 1)
        tried = (x + aside, y) if along_top else (x, y + aside)
        on_map = _MARGIN <= tried[0] <= WIDTH - _MARGIN and _MARGIN <= tried[1] <= HEIGHT - _MARGIN
        if on_map and all(math.dist(tried, one) >= _APART for one in taken):
            return tried
    return spot


def _disc(spot: tuple[float, float], number: int) -> str:
    x, y = spot
    circle = f'<circle class="facility" cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:g}"/>'
    return f'{circle}<text class="number" x="{x:.1f}" y="{y + 3.4:.1f}">{number}</text>'


def _arrow(spot: tuple[float, float], towards: tuple[float, float]) -> str:
    """A point on the disc's rim: the facility lies that way, beyond the map."""
    long = math.hypot(*towards)
    ux, uy = towards[0] / long, towards[1] / long
    tip = (spot[0] + ux * (_RADIUS + 6), spot[1] + uy * (_RADIUS + 6))
    wings = [
        (spot[0] + ux * _RADIUS - side * uy * 4, spot[1] + uy * _RADIUS + side * ux * 4)
        for side in (1, -1)
    ]
    return f'<path class="away" d="M{"L".join(map(_point, (wings[0], tip, wings[1])))}Z"/>'


def _label(x: float, y: float, text: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text class="halo" {place}>{escape(text)}</text><text {place}>{escape(text)}</text>'


def distance(metres: float) -> str:
    """Metres as people read them."""
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"


def _scale_bar(plane: Plane) -> str:
    rounded = (50, 100, 200, 500, 1000, 2000, 5000)
    metres = max(m for m in rounded if m / plane.metres_per_pixel <= WIDTH / 4 or m == rounded[0])
    long, y = metres / plane.metres_per_pixel, HEIGHT - 40
    return (
        f'<path d="M40 {y - 4:g}V{y:g}H{40 + long:.1f}V{y - 4:g}" fill="none" stroke="#222"/>'
        f"{_label(44, y - 5, distance(metres))}"
    )


def _north_arrow() -> str:
    x = WIDTH - 48
    return f'<path d="M{x:g} 36l-7 22 7-5 7 5z" fill="#222"/>{_label(x - 5, 70, "北")}'
