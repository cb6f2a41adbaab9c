"""Forms of the import API: what staff say about a file, parsed into options or refused."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gis.carriers.model import Severity
from gis.filters import clean_text
from gis.importing.options import ImportOptions
from gis.importing.profiles import Profile
from gis.layers import Layer, UnknownLayer, layer_named
from gis.query import BadQuery

_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
_Value = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f]*$")]
_Epsg = Annotated[int, Field(ge=1000, le=99999)]


class OptionsForm(BaseModel):
    """Options of an import; a member that is left out stays as it was, null is the default."""

    model_config = ConfigDict(extra="forbid", strict=True)

    table: _Name | None = None
    encoding: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{2,20}$")] | None = None
    crs: _Epsg | None = None
    datum: Annotated[str, Field(pattern=r"^(wgs84|gcj02)$")] | None = None
    zone: _Epsg | None = None
    mapping: Annotated[dict[_Name, _Value | None], Field(max_length=500)] | None = None
    constants: Annotated[dict[_Name, _Value], Field(max_length=200)] | None = None
    repair: bool | None = None
    allow_overlap: bool | None = None
    profile: _Name | None = None
    save_profile: _Name | None = None
    shift: _Name | None = None

    def onto(self, options: ImportOptions) -> ImportOptions:
        """These options with what the form says in place of theirs."""
        plain = ImportOptions()
        own = {"crs": "crs_epsg", "datum": "coordinate_system", "zone": "default_zone_epsg"}
        changed: dict[str, Any] = {}
        for name in self.model_fields_set - {"profile", "save_profile"}:
            target = own.get(name, name)
            value = getattr(self, name)
            changed[target] = getattr(plain, target) if value is None else value
        return replace(options, **changed)


_BODY_BYTES = 1 << 20
_MOST_PATIENCE_S = 30.0

_OBJECTS = ("mapping", "constants")
_NUMBERS = ("crs", "zone")
_TRUTHS = ("repair", "allow_overlap")


def form(fields: Mapping[str, str]) -> OptionsForm:
    """Options of a multipart form: ``options`` as one JSON object, or each by its own field."""
    values: dict[str, object] = {}
    for name, text in fields.items():
        if name in ("layer", "options"):
            continue
        if not text.strip():
            continue
        if name in _OBJECTS:
            values[name] = _json(name, text)
        elif name in _NUMBERS:
            values[name] = int(text) if text.isascii() and text.isdecimal() else text
        elif name in _TRUTHS:
            values[name] = {"true": True, "false": False}.get(text, text)
        else:
            values[name] = text
    if "options" in fields:
        given = _json("options", fields["options"])
        if not isinstance(given, dict):
            raise BadQuery("options", "应为 JSON 对象")
        values = given | values
    return body(values)


def body(values: object) -> OptionsForm:
    """Options of a JSON object; :class:`BadQuery` names the first member that is wrong."""
    try:
        return OptionsForm.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "options"
        known = "、".join(OptionsForm.model_fields)
        reason = (
            f"没有这个选项，可用：{known}"
            if first["type"] == "extra_forbidden"
            else ("取值不对，请看接口说明")
        )
        raise BadQuery(place[:80], reason) from error


def _json(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadQuery(name, "不是有效的 JSON") from error


def layer(fields: Mapping[str, str]) -> Layer:
    """The layer that a form names."""
    try:
        return layer_named(fields.get("layer", ""))
    except UnknownLayer as error:
        raise BadQuery("layer", "请指明要导入哪个图层，例如 parcels") from error


def idempotency_key(value: str | None) -> str | None:
    """The Idempotency-Key of a request, if it brings one."""
    if value is not None and not re.fullmatch("[!-~]{1,200}", value):
        raise BadQuery("Idempotency-Key", "应为 1 到 200 个可见的 ASCII 字符")
    return value


def json_body(request: Request) -> object:
    """The JSON of a request, an empty object where it has no body."""
    if request.content_length and request.content_length > _BODY_BYTES:
        raise BadQuery("body", "内容过大")
    raw = request.get_data()
    return _json("body", raw.decode("utf-8", "replace")) if raw.strip() else {}


def severity(values: Mapping[str, str]) -> Severity | None:
    """The severity asked for, if one is."""
    value = values.get("severity")
    try:
        return None if value is None else Severity(value)
    except ValueError:
        raise BadQuery("severity", "应为 error、warning 或 note") from None


class _ProfileForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    layer: str
    mapping: Annotated[dict[_Name, _Value | None], Field(max_length=500)]


def profile(name: str, request: Request) -> Profile:
    """The profile in the body of a request."""
    try:
        found = _ProfileForm.model_validate(json_body(request))
    except ValidationError as error:
        raise BadQuery("body", '应为 {"layer": "parcels", "mapping": {"字段": "列"}}') from error
    return Profile(clean_text("name", name), layer({"layer": found.layer}), found.mapping)


def patience(prefer: str) -> float:
    """Seconds that a caller waits for the worker: ``Prefer: wait=5`` (RFC 7240), 30 at most."""
    found = re.search(r"(?:^|[,;\s])wait=([0-9]{1,4})(?:$|[,;\s])", prefer)
    return min(float(found[1]), _MOST_PATIENCE_S) if found else 0.0
