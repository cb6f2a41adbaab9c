"""The one codec of criteria: JSON and query strings are two spellings of the same flat names.

``area_mu_min=30&want.power_kva=rising(500,5000)*2`` is ``{"must": {"area_mu_min": 30}, "want":
{"power_kva": {"rising": [500, 5000], "weight": 2}}}``. What one spelling says the other can say.
"""

import difflib
import math
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from gis import filters
from gis.crs import Crs
from gis.filters import Parameter
from gis.layers import Layer
from gis.layers.codes import CONSTRAINT_KIND
from gis.query import BadQuery, Condition
from gis.siting import drawing
from gis.siting.criteria import BadCriteria, Criteria
from gis.siting.terms import SITED, STORED
from gis.siting.wants import WANT, names, number, parse_want, shown, want_text

MOST_CRITERIA = 60
"""Must and want together; beyond it nobody reads the answer."""

_OPTIONS = ("layers", "profile", "limit", "crs")
_MUST = ("industry", "avoid", *drawing.NAMES)
_DISTANCE = re.compile(r"near_[a-z_]+_m_(?:min|max)")
_PROFILE = re.compile(r"([a-z][a-z0-9_]{0,39})(?:@([1-9][0-9]{0,5}))?")


def from_query(values: Mapping[str, str]) -> Criteria:
    """The question of a query string; :class:`BadCriteria` names the first parameter in error."""
    return _parse(values, must="")


def from_json(body: object) -> Criteria:
    """The question of a parsed JSON body; :class:`BadCriteria` names the first field in error."""
    return _parse(_flattened(body), must="must.")


def to_query(criteria: Criteria) -> str:
    """The query string that says the same, as short as it can be."""
    return urlencode(_flat(criteria), safe=",;()*:@/")


def to_json(criteria: Criteria) -> dict[str, object]:
    """The JSON body that says the same."""
    flat = _flat(criteria)
    must: dict[str, object] = {}
    want: dict[str, object] = {}
    body: dict[str, object] = {}
    for name, text in flat.items():
        if name.startswith(WANT):
            want[name.removeprefix(WANT)] = text
        elif name in _OPTIONS:
            body[name] = text
        else:
            must[name] = text
    return body | ({"must": must} if must else {}) | ({"want": want} if want else {})


def _flat(criteria: Criteria) -> dict[str, str]:
    flat: dict[str, str] = {}
    if criteria.layers != SITED:
        flat["layers"] = ",".join(layer.name for layer in criteria.layers)
    if criteria.profile != "standard" or criteria.profile_version:
        version = f"@{criteria.profile_version}" if criteria.profile_version else ""
        flat["profile"] = f"{criteria.profile}{version}"
    if criteria.limit != Criteria.limit:
        flat["limit"] = str(criteria.limit)
    if criteria.crs is not Crs.GCJ02:
        flat["crs"] = criteria.crs.value
    flat |= dict(criteria.filters)
    flat |= drawing.flat(criteria.place)
    if criteria.industries:
        flat["industry"] = ",".join(criteria.industries)
    if criteria.avoid:
        flat["avoid"] = ",".join(criteria.avoid)
    return flat | {f"{WANT}{want.term.name}": want_text(want) for want in criteria.wants}


def _flattened(body: object) -> dict[str, str]:
    if not isinstance(body, dict):
        raise BadCriteria("(body)", '应为 JSON 对象，例如 {"must": {"area_mu_min": 30}}')
    flat: dict[str, str] = {}
    for name, content in body.items():
        if name == "must":
            members = _object("must", content)
            flat |= {key: _text(f"must.{key}", one) for key, one in members.items()}
        elif name == "want":
            members = _object("want", content)
            flat |= {f"{WANT}{key}": _want_words(key, one) for key, one in members.items()}
        elif name in _OPTIONS:
            flat[name] = _text(name, content)
        else:
            raise BadCriteria(shown(name), f"没有这一项，可用：must、want、{'、'.join(_OPTIONS)}")
    return flat


def _object(name: str, content: object) -> dict[str, object]:
    if not isinstance(content, dict):
        raise BadCriteria(name, "应为 JSON 对象")
    if len(content) > MOST_CRITERIA:
        raise BadCriteria(name, f"条件最多 {MOST_CRITERIA} 项，收到 {len(content)} 项")
    return content


def _text(name: str, content: object) -> str:
    """A JSON value as it stands in a query string."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, int | float):
        return _plain_number(name, content)
    if isinstance(content, str):
        return content
    if name.removeprefix("must.") in drawing.NAMES:
        return drawing.text_of(name, content)
    if isinstance(content, list) and content and all(isinstance(one, str) for one in content):
        return ",".join(content)
    raise BadCriteria(shown(name), "应为文字、数字、true/false 或文字的数组")


def _plain_number(name: str, given: float) -> str:
    if not math.isfinite(given) or abs(given) >= 1e12:
        raise BadCriteria(shown(name), "数字过大或不是有限的数")
    return number(given) if isinstance(given, float) else str(given)


def _want_words(term: str, content: object) -> str:
    """``{"around": [50, 20], "weight": 3}`` as ``around(50,20)*3``."""
    name = f"{WANT}{term}"
    if isinstance(content, str):
        return content
    words = dict(_object(name, content))
    weight = words.pop("weight", None)
    if len(words) > 1:
        raise BadCriteria(shown(name), "只能有一种价值函数和 weight")
    text = "".join(f"{shape}({_arguments(name, given)})" for shape, given in words.items())
    if weight is None:
        return text
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight >= 0:
        raise BadCriteria(shown(f"{name}.weight"), "权重应为不小于 0 的数")
    return f"{text}*{_plain_number(f'{name}.weight', weight)}"


def _arguments(name: str, given: object) -> str:
    if isinstance(given, list):
        pairs = [":".join(map(str, one)) if isinstance(one, list) else one for one in given]
        return ",".join(_text(name, one) for one in pairs)
    return "" if given is True else _text(name, given)


def _parse(values: Mapping[str, str], must: str) -> Criteria:
    if len(values) > MOST_CRITERIA + len(_OPTIONS):
        raise BadCriteria("must", f"条件最多 {MOST_CRITERIA} 项，收到 {len(values)} 项")
    layers = _layers(values.get("layers"))
    profile, version = _profile(values.get("profile"))
    asked = {n: v for n, v in values.items() if n not in (*_OPTIONS, *_MUST) and WANT not in n[:5]}
    return Criteria(
        layers=layers,
        filters=asked,
        conditions=_conditions(layers, asked, must),
        place=drawing.parse(values, must),
        industries=_industries(f"{must}industry", values.get("industry")),
        avoid=_avoid(f"{must}avoid", values.get("avoid")),
        wants=tuple(
            parse_want(name, text) for name, text in values.items() if name.startswith(WANT)
        ),
        profile=profile,
        profile_version=version,
        limit=_limit(values.get("limit")),
        crs=_crs(values.get("crs")),
    )


def _layers(text: str | None) -> tuple[Layer, ...]:
    if text is None:
        return SITED
    by_name = {layer.name: layer for layer in SITED}
    names = text.split(",")
    if not set(names) <= set(by_name) or len(set(names)) != len(names):
        raise BadCriteria("layers", f"可选：{'、'.join(by_name)}，每个一次")
    return tuple(layer for layer in SITED if layer.name in names)


def _profile(text: str | None) -> tuple[str, int | None]:
    if text is None:
        return Criteria.profile, None
    found = _PROFILE.fullmatch(text)
    if not found:
        raise BadCriteria("profile", "应为评分方案的名称，可带版本，例如 standard@1")
    return found[1], int(found[2]) if found[2] else None


def _limit(text: str | None) -> int:
    if text is None:
        return Criteria.limit
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 100:
        raise BadCriteria("limit", "应为 1 到 100 的整数")
    return int(text)


def _crs(text: str | None) -> Crs:
    try:
        return Crs(text) if text else Crs.GCJ02
    except ValueError:
        raise BadCriteria("crs", "应为 gcj02 或 cgcs2000") from None


def _conditions(
    layers: tuple[Layer, ...], values: Mapping[str, str], must: str
) -> dict[str, tuple[Condition, ...]]:
    """What the filters say of each layer that knows all of them."""
    known = {layer.name: filters.parameters(STORED[layer.name]) for layer in layers}
    for name in values:
        if not any(name in parameters for parameters in known.values()):
            raise BadCriteria(f"{must}{shown(name)}", f"没有这个条件{_near(name, known)}")
    found = {}
    for layer in layers:
        own = _own_codes(layer, values, known)
        if own is not None:
            try:
                found[layer.name] = filters.parse(STORED[layer.name], own)
            except BadQuery as error:
                raise BadCriteria(f"{must}{error.parameter}", error.detail) from error
    for name, text in values.items():
        if _DISTANCE.fullmatch(name) and float(text) < 0:
            raise BadCriteria(f"{must}{name}", "应为不小于 0 的米数")
    if not found:
        raise BadCriteria(must.rstrip(".") or "layers", "没有一个图层同时具备这些条件，请分开查询")
    return found


def _own_codes(
    layer: Layer, values: Mapping[str, str], known: Mapping[str, Mapping[str, Parameter]]
) -> dict[str, str] | None:
    """The filters as a layer can read them; None if it lacks a column or every code asked for.

    Layers have status lists of their own: 拟出让 is said of parcels, 可租售 of plants. A code that
    no layer knows stays, so that it is refused by name.
    """
    own: dict[str, str] = {}
    for name, text in values.items():
        if name not in known[layer.name]:
            return None
        asked = text.split(",")
        foreign = [one for one in asked if _knows(known, layer.name, name, one) is False]
        if foreign and len(foreign) == len(asked):
            return None
        own[name] = ",".join(one for one in asked if one not in foreign)
    return own


def _knows(
    known: Mapping[str, Mapping[str, Parameter]], layer: str, name: str, code: str
) -> bool | None:
    """Whether a coded column of the layer has the code that some other layer has."""
    choices = known[layer][name].column.choices
    others = [p[name].column.choices or {} for p in known.values() if name in p]
    if choices is None or not any(code in other for other in others):
        return None
    return code in choices


def _near(name: str, known: Mapping[str, Mapping[str, object]]) -> str:
    everything = {one for parameters in known.values() for one in parameters} | set(_MUST)
    near = difflib.get_close_matches(name, everything, 1)
    return f"，是否指 {near[0]}" if near else ""


def _industries(name: str, text: str | None) -> tuple[str, ...]:
    return () if text is None else names(name, text)


def _avoid(name: str, text: str | None) -> tuple[str, ...]:
    kinds = () if text is None else names(name, text)
    for kind in kinds:
        if kind not in CONSTRAINT_KIND:
            offered = "、".join(f"{key}（{title}）" for key, title in CONSTRAINT_KIND.items())
            raise BadCriteria(name, f"没有 {kind} 这种约束，可选：{offered}")
    return kinds
