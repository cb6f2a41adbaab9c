"""What callers may ask of cases, parsed or refused."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

from flask import request
from pydantic import Field

from gis.filters import clean_text
from gis.query import BadQuery
from mini_program_api import params
from mini_program_api.bodies import Body
from server.accounts.principals import Principal
from server.disposal.codes import IdleClass, Source, State
from server.disposal.listing import CasesQuery, Sort

DEFAULT_LIMIT, MOST = 50, 200

_Area = Annotated[float, Field(gt=0, le=1e9)]
_Text = Annotated[str, Field(min_length=1, max_length=4000)]
Code = TypeVar("Code", bound=StrEnum)

_PARAMETERS = (
    "region",
    "class",
    "state",
    "overdue",
    "officer",
    "site",
    "q",
    "limit",
    "cursor",
    "sort",
)


class DiscoveryForm(Body):
    """Someone found idle land: on patrol, on a satellite picture, by a report."""

    site_id: Annotated[int, Field(gt=0, lt=2**63)]
    idle_class: Annotated[IdleClass, Field(alias="class")]
    source: Source = Source.PATROL
    area_m2: _Area | None = None
    found_on: date | None = None
    idle_since: date | None = None
    legal: bool | None = None
    note: _Text


class ActionForm(Body):
    """What someone wants done to a case."""

    action: Annotated[str, Field(min_length=1, max_length=40)]
    inputs: dict[str, object] = Field(default_factory=dict)
    comment: _Text | None = None
    happened_on: Annotated[str, Field(max_length=10)] | None = None


def cases_query(who: Principal, today: date) -> CasesQuery:
    """The query of a list of cases, within the regions of the asker."""
    values = params.once(request.args, _PARAMETERS)
    limit = params.limit(values["limit"], MOST) if "limit" in values else DEFAULT_LIMIT
    sort = _code(Sort, "sort", values["sort"]) if "sort" in values else Sort.NEWEST
    return CasesQuery(
        prefixes=who.prefixes(),
        today=today,
        region=region(values),
        classes=_codes(IdleClass, "class", values),
        states=_codes(State, "state", values),
        is_overdue=_truth("overdue", values),
        officer=_officer(who, values),
        site_id=_number("site", values),
        words=clean_text("q", values["q"]) if "q" in values else None,
        sort=sort,
        limit=limit,
        after=_cursor(values["cursor"], sort) if "cursor" in values else None,
    )


def region(values: Mapping[str, str]) -> str | None:
    """The region asked for: any prefix of a code."""
    value = values.get("region")
    if value is not None and not re.fullmatch(r"\d{2}(\d{2}(\d{2}(\d{3})?)?)?", value):
        raise BadQuery("region", "应为行政区划代码，例如 330503")
    return value


def cursor_of(place: tuple[str, int] | None, sort: Sort) -> str | None:
    """The opaque text that says where the next page begins."""
    if place is None:
        return None
    text = f"{sort.value}~{place[0]}~{place[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


_PLACE = {
    Sort.NEWEST: r"\d{4}-\d{2}-\d{2}",
    Sort.DEADLINE: r"\d{4}-\d{2}-\d{2}",
    Sort.AREA: r"\d{1,16}(\.\d{1,2})?",
}


def _cursor(value: str, sort: Sort) -> tuple[str, int]:
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        kind, place, last = text.decode("ascii").split("~")
    except (binascii.Error, ValueError):
        kind = place = last = ""
    right = kind == sort.value and re.fullmatch(_PLACE[sort], place) and _is_number(last)
    if right and sort is not Sort.AREA:
        try:
            date.fromisoformat(place)
        except ValueError:
            right = False
    if not right:
        raise BadQuery("cursor", "无效，请使用上一页 next 里的值，并保持 sort 不变")
    return place, int(last)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[1-9]\d{0,17}", text, re.ASCII) is not None


def _code(codes: type[Code], name: str, value: str) -> Code:
    try:
        return codes(value)
    except ValueError:
        raise BadQuery(name, f"应为 {'、'.join(one.value for one in codes)}") from None


def _codes(codes: type[Code], name: str, values: Mapping[str, str]) -> tuple[Code, ...]:
    if name not in values:
        return ()
    return tuple(_code(codes, name, one) for one in values[name].split(","))


def _truth(name: str, values: Mapping[str, str]) -> bool | None:
    if name not in values:
        return None
    found = {"true": True, "false": False}.get(values[name])
    if found is None:
        raise BadQuery(name, "应为 true 或 false")
    return found


def _number(name: str, values: Mapping[str, str]) -> int | None:
    if name not in values:
        return None
    if not _is_number(values[name]):
        raise BadQuery(name, "应为编号")
    return int(values[name])


def _officer(who: Principal, values: Mapping[str, str]) -> int | None:
    return who.user_id if values.get("officer") == "me" else _number("officer", values)
