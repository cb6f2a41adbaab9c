"""JSON bodies of requests, parsed into forms or refused with the name of the member."""

import json
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from gis.query import BadQuery

MOST_BYTES = 1 << 20

Form = TypeVar("Form", bound=BaseModel)


class Body(BaseModel):
    """A form: members that it does not know are refused, types are not guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)


def parse(form: type[Form]) -> Form:
    """The body of this request as a form; :class:`BadQuery` names the first wrong member."""
    return validated(form, json_body())


def validated(form: type[Form], values: object) -> Form:
    """A JSON value as a form."""
    try:
        # As JSON, so that strict forms read dates and enums from their text.
        return form.model_validate_json(json.dumps(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadQuery(_clean(place), _reason(form, first)) from error


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:80]


def _reason(form: type[BaseModel], error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return f"没有这一项，可用：{'、'.join(form.model_fields)}"
        case "missing":
            return "必须填写"
        case "string_too_short" | "string_too_long" | "string_pattern_mismatch":
            return "长度或格式不对，请看接口说明"
    return "取值不对，请看接口说明"


def json_body() -> object:
    """The JSON of this request, an empty object where it has no body."""
    if request.content_length is not None and request.content_length > MOST_BYTES:
        raise BadQuery("body", "内容过大")
    raw = request.get_data()
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw.decode("utf-8"), parse_constant=_no_number)
        json.dumps(found).encode()
        _require_text(found)
    except (ValueError, RecursionError) as error:
        raise BadQuery("body", "不是有效的 JSON") from error
    return found


def _no_number(name: str) -> object:
    raise ValueError(name)


def _require_text(value: object) -> None:
    """PostgreSQL holds no NUL, UTF-8 no lone surrogate: neither may come in by an escape."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("NUL")
        value.encode()
    elif isinstance(value, dict):
        for key, inner in value.items():
            _require_text(key)
            _require_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _require_text(inner)
