"""Wants as words: ``around(50,20)*3``, read and written."""

import difflib
import re

from gis import filters
from gis.layers import Kind
from gis.query import BadQuery
from gis.siting.criteria import BadCriteria, Term, Want, terms
from gis.siting.terms import INDUSTRIES, SITED
from gis.siting.values import Around, Decay, Falling, Fit, Holds, Rising, Steps, ValueFunction

WANT = "want."
"""What the names of wants begin with in a query string."""

INDUSTRY = Term("industry", INDUSTRIES)

_WANT = re.compile(r"(?:([a-z]+)(?:\(([^()]*)\))?)?(?:\*([0-9]{1,6}(?:\.[0-9]{1,9})?))?")
_FIGURE = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")


def terms_of_all() -> list[str]:
    """Names of every figure that can be wanted of some layer."""
    found = {name for layer in SITED for name in terms(layer)}
    return [*sorted(found), INDUSTRY.name]


def _term(name: str) -> Term:
    wanted = name.removeprefix(WANT)
    if wanted == INDUSTRY.name:
        return INDUSTRY
    for layer in SITED:
        if wanted in terms(layer):
            return terms(layer)[wanted]
    near = difflib.get_close_matches(wanted, terms_of_all(), 1)
    hint = f"，是否指 {near[0]}" if near else ""
    raise BadCriteria(shown(name), f"没有可评分的指标 {wanted[:40]}{hint}")


def parse_want(name: str, text: str) -> Want:
    """A want that stands under ``want.`` and its term's name; raises :class:`BadCriteria`."""
    term = _term(name)
    found = _WANT.fullmatch(text)
    if not found:
        detail = "应为 函数(参数)*权重，例如 around(50,20)*3，权重不小于 0"
        raise BadCriteria(shown(name), detail)
    shape, given, weight = found.groups()
    function = None if shape is None else _function(name, term, shape, given or "")
    if weight is not None and float(weight) > 1000:
        raise BadCriteria(f"{name}.weight", "权重最大 1000")
    return Want(term, function, None if weight is None else float(weight))


def _function(name: str, term: Term, shape: str, given: str) -> ValueFunction:
    if shape == "fit" and term is INDUSTRY:
        return Fit(names(name, given))
    if shape == "holds" and term.column.kind is Kind.BOOLEAN and not given:
        return Holds()
    offered = _offered(term)
    if shape not in offered:
        raise BadCriteria(shown(name), f"{term.name} 可用的价值函数：{'、'.join(offered)}")
    if shape == "steps":
        return _steps(name, given)
    numbers = [_figure(name, part) for part in given.split(",")]
    if shape == "decay":
        return Decay(_positive(name, "衰减距离", _exactly(name, shape, numbers, 1)[0]))
    first, second = _exactly(name, shape, numbers, 2)
    if shape == "around":
        return Around(first, _positive(name, "容差", second))
    if not first < second:
        raise BadCriteria(shown(name), "下限应小于上限，请对调两个数")
    return Rising(first, second) if shape == "rising" else Falling(first, second)


def _offered(term: Term) -> tuple[str, ...]:
    if term is INDUSTRY:
        return ("fit",)
    if term.column.kind is Kind.BOOLEAN:
        return ("holds",)
    return ("rising", "falling", "around", "steps", "decay")


def _exactly(name: str, shape: str, numbers: list[float], count: int) -> list[float]:
    if len(numbers) != count:
        raise BadCriteria(shown(name), f"{shape} 需要 {count} 个数")
    return numbers


def _positive(name: str, title: str, number: float) -> float:
    if not number > 0:
        raise BadCriteria(shown(name), f"{title}应大于 0")
    return number


def _figure(name: str, text: str) -> float:
    if not _FIGURE.fullmatch(text):
        raise BadCriteria(shown(name), "参数应为数字，例如 30 或 1.5")
    return float(text)


def _steps(name: str, given: str) -> Steps:
    pairs = [part.partition(":") for part in given.split(",")]
    steps = tuple((_figure(name, start), _figure(name, value)) for start, _, value in pairs)
    starts = [start for start, _ in steps]
    if len(steps) > 20 or starts != sorted(set(starts)):
        raise BadCriteria(shown(name), "各级的起点应从小到大，最多 20 级")
    if not all(0 <= value <= 1 for _, value in steps):
        raise BadCriteria(shown(name), "各级的得分应在 0 到 1 之间")
    return Steps(steps)


def want_text(want: Want) -> str:
    """A want as one word: ``around(50,20)*3``."""
    weight = "" if want.weight is None else f"*{number(want.weight)}"
    return f"{_shape_text(want.function)}{weight}"


def number(figure: float) -> str:
    """A number in plain decimals, at most 9."""
    return f"{figure:.9f}".rstrip("0").rstrip(".")


def _shape_text(function: ValueFunction | None) -> str:
    match function:
        case None:
            return ""
        case Rising(low, high) | Falling(low, high):
            return f"{function.shape}({number(low)},{number(high)})"
        case Around(target, tolerance):
            return f"around({number(target)},{number(tolerance)})"
        case Steps(steps):
            return f"steps({','.join(f'{number(x)}:{number(v)}' for x, v in steps)})"
        case Decay(scale):
            return f"decay({number(scale)})"
        case Holds():
            return "holds"
        case Fit(asked):
            return f"fit({','.join(asked)})"


def names(name: str, text: str) -> tuple[str, ...]:
    """Words between commas, each once; raises :class:`BadCriteria`."""
    try:
        found = tuple(filters.clean_text(name, part) for part in text.split(","))
    except BadQuery as error:
        raise BadCriteria(name, error.detail) from error
    if len(found) > filters.MOST_VALUES or any(set(one) & set("()*") for one in found):
        raise BadCriteria(name, f"最多 {filters.MOST_VALUES} 个名称，名称中不能有 ( ) *")
    return tuple(dict.fromkeys(found))


def shown(name: str) -> str:
    """A name as short as an answer may repeat it."""
    return name[:60]
