"""Rows of the audit log in words: what was changed, from what to what."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gis import regions
from gis.audit import Action
from gis.audit_log import Entry
from gis.layers import layer_named
from gis.tables import SITES
from gis.words import NOTHING
from gis.words import in_words as column_in_words
from mini_program_api.audit_terms import COUNTS, TERMS, TITLES
from server.accounts import users
from server.accounts.principals import ROLE_TITLES, Role
from server.disposal.actions import ACTION_TITLES
from server.disposal.codes import State
from server.disposal.wording import told as inputs_told
from server.people.enquiry_states import ACT_TITLES, STATE_TITLES

_REGION = re.compile(r"\d{2}(\d{2}(\d{2}(\d{3})?)?)?")
_UNTOLD = frozenset({"sha256", "content_sha256", "columns", "hash", "actor"})
_MOST_CHARACTERS = 300

Line = dict[str, str | None]
"""``title``, ``before`` (None where nothing was before) and ``after``."""


@dataclass(frozen=True)
class Names:
    """Names of regions by code, of staff by number, and of subjects: sites by their code."""

    places: Mapping[str, str]
    people: Mapping[int, str]
    subjects: Mapping[str, str]


def load(connection: Connection, entries: Sequence[Entry]) -> Names:
    """The names that the rows need."""
    codes = {code for one in entries for code in _codes(one.details)}
    people = {one.id: one.name for one in users.listed(connection)}
    return Names(regions.names(connection, codes), people, _subjects(connection, entries, people))


def lines(entry: Entry, names: Names) -> list[Line]:
    """What a row says."""
    return list(_lines(entry, names))


def _subjects(
    connection: Connection, entries: Iterable[Entry], people: Mapping[int, str]
) -> dict[str, str]:
    found = {f"users/{number}": name for number, name in people.items()}
    wanted = [subject.partition("/") for subject in {one.subject for one in entries}]
    for name, table in SITES.items():
        ids = [int(number) for kind, _, number in wanted if kind == name and number.isdigit()]
        named = select(table.c.id, table.c.code).where(table.c.id.in_(ids))
        found |= {f"{name}/{row.id}": row.code for row in connection.execute(named)}
    return found


def _codes(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (code for code in value.split(":") if _REGION.fullmatch(code))
    elif isinstance(value, Mapping):
        yield from (code for inner in value.values() for code in _codes(inner))
    elif isinstance(value, list):
        yield from (code for inner in value for code in _codes(inner))


def _lines(entry: Entry, names: Names) -> Iterable[Line]:
    match entry.action:
        case Action.SITE_EDITED:
            return _edited(entry, names)
        case Action.CASE_CHANGED:
            return _acted(entry.details)
        case Action.USER_GRANTED:
            return [_granted(entry.details, names)]
        case Action.USER_CHANGED:
            return [_user_changed(entry.details)]
        case Action.ENQUIRY_ACTED:
            return _answered(entry.details, names)
    return _said(entry.details, names)


def _edited(entry: Entry, names: Names) -> Iterator[Line]:
    layer = layer_named(entry.subject.split("/")[0])
    columns = {column.name: column for column in layer.columns}
    for name, (before, after) in entry.details["changes"].items():
        column = columns.get(name)
        told = [
            column_in_words(column, value, names.places) if column else _text(value)
            for value in (before, after)
        ]
        yield {"title": column.title if column else name, "before": told[0], "after": told[1]}
    if entry.details.get("verified"):
        yield _line("核实", "已核实，更新核实日期")
    if entry.details.get("reason"):
        yield _line("原因", entry.details["reason"])


def _acted(details: Mapping[str, object]) -> Iterator[Line]:
    action, inputs = str(details["action"]), details.get("inputs")
    yield _line("操作", ACTION_TITLES.get(action, action))
    if details["from"] != details["to"]:
        before, after = (_case_state(details[name]) for name in ("from", "to"))
        yield {"title": "状态", "before": before, "after": after}
    yield _line("办理日期", details.get("happened_on"))
    given = inputs if isinstance(inputs, Mapping) else {}
    for one in inputs_told(action, given):
        yield _line(one["title"], one["text"])
    if details.get("comment"):
        yield _line("说明", details["comment"])


def _case_state(code: object) -> str:
    return next((one.term for one in State if one.value == code), str(code))


def _granted(details: Mapping[str, object], names: Names) -> Line:
    before, after = (_roles(details.get(name), names) for name in ("before", "after"))
    return {"title": "角色与区域", "before": before, "after": after}


def _roles(granted: object, names: Names) -> str:
    if not isinstance(granted, list) or not granted:
        return "无"
    pairs = [str(one).partition(":") for one in granted]
    return "、".join(
        f"{ROLE_TITLES[Role(role)]}（{names.places.get(code, code) or '全部区域'}）"
        for role, _, code in pairs
    )


_CHANGED = {"password": "密码已更换", "totp on": "动态口令已启用", "totp off": "动态口令已停用"}


def _user_changed(details: Mapping[str, object]) -> Line:
    changed = str(details["changed"])
    if changed in _CHANGED:
        return _line("账号", _CHANGED[changed])
    return {"title": "姓名", "before": _text(details["before"]), "after": _text(details["after"])}


def _answered(details: Mapping[str, object], names: Names) -> Iterator[Line]:
    act, told = str(details["act"]), {one.value: term for one, term in STATE_TITLES.items()}
    yield _line("操作", {one.value: term for one, term in ACT_TITLES.items()}.get(act, act))
    if details["from"] != details["to"]:
        before, after = (told.get(str(details[name])) for name in ("from", "to"))
        yield {"title": "状态", "before": before, "after": after}
    officer = details.get("officer")
    if isinstance(officer, int):
        yield _line("经办人", names.people.get(officer, f"用户 {officer}"))


def _said(details: Mapping[str, object], names: Names) -> Iterator[Line]:
    """Any other row: its members by their titles."""
    for name, value in details.items():
        if name not in _UNTOLD and value not in (None, "", [], {}):
            yield _line(TITLES.get(name, name), _value(name, value, names))


def _value(name: str, value: object, names: Names) -> str:
    if isinstance(value, Mapping):
        return _counted(value)
    if isinstance(value, list):
        return "、".join(_value(name, one, names) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    if name in ("region_code", "region"):
        return names.places.get(text, text)
    return TERMS.get(name, {}).get(text, text)[:_MOST_CHARACTERS]


def _counted(counts: Mapping[str, object]) -> str:
    told = [f"{COUNTS.get(name, name)}{_count(one)}" for name, one in counts.items() if one]
    return "，".join(told) or "无"


def _count(value: object) -> str:
    if isinstance(value, Mapping):
        return f"（{_counted(value)}）"
    return f" {round(value)}" if isinstance(value, float) else f" {value}"


def _line(title: str, after: object) -> Line:
    return {"title": title, "before": None, "after": _text(after)}


def _text(value: object) -> str:
    return NOTHING if value is None else str(value)
