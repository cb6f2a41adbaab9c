"""Parameters that questions about disposal share: regions within the asker's, classes, days."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date

from gis.query import BadQuery
from server.accounts.principals import Forbidden, Principal
from server.disposal.codes import IdleClass

_REGION = re.compile(r"([0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3})?)?)?)?")


def region(values: Mapping[str, str], name: str = "region") -> str:
    """A region code, or "" for all."""
    return region_code(values.get(name, ""), name)


def region_code(value: str, name: str) -> str:
    """A region code of any level, or "" for all; BadQuery otherwise."""
    if not _REGION.fullmatch(value):
        raise BadQuery(name, "应为行政区划代码，例如 330503")
    return value


def within(who: Principal, asked: str) -> tuple[str, ...]:
    """Prefixes of the regions that one may see below the one asked for; :class:`Forbidden`."""
    granted = who.prefixes()
    if any(asked.startswith(prefix) for prefix in granted):
        return (asked,)
    below = tuple(prefix for prefix in granted if prefix.startswith(asked))
    if not below:
        raise Forbidden(asked)
    return below


def one_region(who: Principal, asked: str) -> str:
    """The one region that a whole answer is about: as asked, else the only one granted."""
    found = within(who, asked)
    if len(found) != 1:
        raise BadQuery("region", f"请选择一个行政区：{'、'.join(found)}")
    return found[0]


def idle_class(values: Mapping[str, str]) -> IdleClass | None:
    """One of the five classes, or None for all."""
    value = values.get("class")
    if value is None:
        return None
    try:
        return IdleClass(value)
    except ValueError:
        offered = "、".join(f"{one.value}（{one.term}）" for one in IdleClass)
        raise BadQuery("class", f"应为：{offered}") from None


def day(values: Mapping[str, str], name: str) -> date | None:
    """A calendar day, or None where none is given."""
    value = values.get(name)
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise BadQuery(name, "应为日期，例如 2026-11-15") from None


def number(values: Mapping[str, str], name: str, most: int) -> int | None:
    """A whole number up to ``most``, or None where none is given."""
    value = values.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) > most:
        raise BadQuery(name, f"应为不超过 {most} 的整数")
    return int(value)


def place_of(on: date, row_id: int) -> str:
    """The cursor behind a row that is ordered by day and id."""
    return base64.urlsafe_b64encode(f"{on.isoformat()}/{row_id}".encode()).decode().rstrip("=")


def place(value: str) -> tuple[date, int]:
    """What :func:`place_of` wrote; BadQuery for anything else."""
    try:
        text = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
        on, _, row_id = text.partition("/")
        return date.fromisoformat(on), _id(row_id)
    except (ValueError, binascii.Error):
        raise BadQuery("cursor", "不是本接口给出的位置") from None


def _id(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise ValueError(value)
    return int(value)
