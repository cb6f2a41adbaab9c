"""A question with everything known: hard constraints of each layer, wants, and the profile used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import shapely

from gis.layers import Layer
from gis.layers.codes import CONSTRAINT_KIND
from gis.query import Admits, AnyOf, Between, Condition, Is, OneOf, Under
from gis.siting import codec, drawing
from gis.siting.criteria import Criteria, Place
from gis.siting.profiles import Profile, Wanted, likenesses, wanted
from gis.siting.terms import BITS, DISTANCES, NUMERIC


@dataclass(frozen=True)
class Filter:
    """A condition on a column, as lists know it."""

    condition: Condition

    def told(self, places: Mapping[str, str]) -> str:
        """The condition in Chinese, with numbers and units; ``places`` are names by region code."""
        return _condition_text(self.condition, places)

    @property
    def relaxable(self) -> bool:
        """Whether it can be missed by a share: bounds of a number can, a code cannot."""
        condition = self.condition
        return isinstance(condition, Between) and condition.column.kind in NUMERIC


@dataclass(frozen=True)
class Inside:
    """The site's point lies in what was drawn; ``shape`` is in CGCS2000 degrees."""

    place: Place
    shape: shapely.Geometry
    relaxable: bool = False

    def told(self, _places: Mapping[str, str]) -> str:
        """The condition in Chinese."""
        names = {"polygon": "在所画范围内", "point": "距指定点", "route": "距指定路线"}
        near = "" if self.place.drawing == "polygon" else f"不超过 {figure(self.place.within_m)} m"
        return f"{names[self.place.drawing]}{near}"


@dataclass(frozen=True)
class Admitted:
    """The park's industries are like those asked for, and the plant does not ban them."""

    industries: tuple[str, ...]
    alike: tuple[str, ...]
    relaxable: bool = False

    def told(self, _places: Mapping[str, str]) -> str:
        """The condition in Chinese."""
        return f"准入产业 {'、'.join(self.industries)}"


@dataclass(frozen=True)
class Avoiding:
    """The site breaks none of these constraints by more than the tolerance; unknown passes."""

    kinds: tuple[str, ...]
    relaxable: bool = False

    def told(self, _places: Mapping[str, str]) -> str:
        """The condition in Chinese."""
        return f"不违反{'、'.join(CONSTRAINT_KIND[one] for one in self.kinds)}管控"

    @property
    def mask(self) -> int:
        """The bits that say the site breaks one."""
        return sum(BITS[kind] for kind in self.kinds)


Hard = Filter | Inside | Admitted | Avoiding


@dataclass(frozen=True)
class Question:
    """What is asked, completed from a profile."""

    criteria: Criteria
    profile: Profile
    wants: tuple[Wanted, ...]
    avoid: tuple[str, ...]
    places: Mapping[str, str] = field(default_factory=dict)
    """Names of regions by code, as far as somebody looked them up."""

    @cached_property
    def share(self) -> str:
        """The query string that asks the same."""
        return codec.to_query(self.criteria)

    def hard(self, layer: Layer) -> tuple[Hard, ...]:
        """The hard constraints of one layer, in a fixed order."""
        return self._hards[layer.name]

    def conditions(self, layer: Layer) -> list[str]:
        """The hard constraints of one layer in Chinese, in their order."""
        return [one.told(self.places) for one in self.hard(layer)]

    def bounds(self, layer: Layer) -> tuple[Between, ...]:
        """The constraints that a near miss may break, in their order."""
        return self._bounds[layer.name]

    def distances(self, layer: Layer) -> tuple[str, ...]:
        """Kinds of facility whose distance the question asks of a layer."""
        return self._distances[layer.name]

    @cached_property
    def _hards(self) -> dict[str, tuple[Hard, ...]]:
        return {layer.name: self._hard(layer) for layer in self.criteria.asked}

    @cached_property
    def _bounds(self) -> dict[str, tuple[Between, ...]]:
        return {
            name: tuple(
                one.condition
                for one in hards
                if isinstance(one, Filter) and one.relaxable and isinstance(one.condition, Between)
            )
            for name, hards in self._hards.items()
        }

    @cached_property
    def _distances(self) -> dict[str, tuple[str, ...]]:
        wanted = {one.want.term.column.name for one in self.wants}
        found = {}
        for name, hards in self._hards.items():
            asked = {one.condition.column.name for one in hards if isinstance(one, Filter)}
            kinds = (k for k, column in DISTANCES.items() if column.name in wanted | asked)
            found[name] = tuple(kinds)
        return found

    def _hard(self, layer: Layer) -> tuple[Hard, ...]:
        criteria = self.criteria
        found: list[Hard] = [Filter(one) for one in criteria.conditions[layer.name]]
        still_open = self.profile.open.get(layer.name)
        if still_open and "status" not in criteria.filters:
            found.append(Filter(OneOf(layer.column("status"), still_open)))
        if criteria.place is not None:
            shape = drawing.geometry(criteria.place, criteria.crs)
            found.append(Inside(criteria.place, shape))
        if criteria.industries:
            levels = likenesses(self.profile, criteria.industries)
            alike = tuple(name for _, names in levels for name in names)
            found.append(Admitted(criteria.industries, alike))
        return (*found, Avoiding(self.avoid)) if self.avoid else tuple(found)


def complete(criteria: Criteria, profile: Profile) -> Question:
    """The question with the profile's functions, weights and vetoes."""
    avoid = tuple(dict.fromkeys((*profile.veto, *criteria.avoid)))
    return Question(criteria, profile, wanted(criteria, profile), avoid)


def figure(number: float) -> str:
    """A figure as people read it: 45, 12.5, 33333.33."""
    return f"{number:.2f}".rstrip("0").rstrip(".") if abs(number) < 1e15 else f"{number:g}"


def said_in_mu(column_name: str) -> bool:
    """Whether people say it in 亩: ground they do, floors in m²."""
    return column_name == "area_m2"


def measure(column_name: str, number: float, unit: str) -> str:
    """A figure with its unit; metres beyond a kilometre in km."""
    if column_name.startswith("near_") and number >= 1000:
        return f"{number / 1000:.1f}".removesuffix(".0") + " km"
    return f"{figure(number)} {unit}".strip()


def _condition_text(condition: Condition, places: Mapping[str, str]) -> str:
    title = condition.column.title
    match condition:
        case Between(column, low, high):
            bounds = [_bound(column.name, column.unit, one) for one in (low, high)]
            least, most = ("不小于", "不大于") if column.kind in NUMERIC else ("不早于", "不晚于")
            if low is not None and high is not None:
                return f"{title} {bounds[0]} 至 {bounds[1]}"
            return (
                f"{title}{least} {bounds[0]}" if low is not None else f"{title}{most} {bounds[1]}"
            )
        case OneOf(column, values):
            choices = column.choices or {}
            return f"{title}为 {'、'.join(choices.get(one, one) for one in values)}"
        case Under(_, prefixes):
            named = "、".join(places.get(one, one) for one in prefixes)
            return f"{title.removesuffix('代码')}属于 {named}"
        case Admits(_, value):
            return f"{title}允许 {value}"
        case Is(_, value):
            return f"{title}：{'是' if value else '否'}"
        case AnyOf(_, values):
            return f"{title}含 {'、'.join(values)}"


def _bound(name: str, unit: str | None, bound: object) -> str:
    if bound is None:
        return ""
    if not isinstance(bound, Decimal | int | float):
        return str(bound)[:10]
    if said_in_mu(name):
        return f"{figure(float(bound) * 3 / 2000)} 亩"
    return measure(name, float(bound), unit or "")
