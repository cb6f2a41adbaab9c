"""Fields of an action: what it asks for, and how what was sent becomes values or is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

_LONGEST_TEXT = 4000
_MOST = Decimal(10) ** 12
_MOST_CHOICES = 30

Value = str | date | Decimal | int | tuple[str, ...] | tuple[int, ...]


class FieldKind(StrEnum):
    """What a client shows for a field."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    PHOTO = "photo"
    DOCUMENT = "document"
    USER = "user"


@dataclass(frozen=True)
class Field:
    """One input of an action; a date lies in the past unless ``ahead`` says it is a plan.

    ``proposed`` is what the case already tells: a form begins with it, nothing is taken from it.
    """

    name: str
    title: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    choices: Mapping[str, str] = field(default_factory=dict)
    ahead: bool = False
    signed: bool = False
    proposed: str | None = None


class InvalidInputs(ValueError):
    """Inputs of an action are missing or wrong; ``fields`` says which and why, in Chinese."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("；".join(fields.values()))
        self.fields = dict(fields)


def parsed(
    fields: Sequence[Field], given: Mapping[str, object], today: date
) -> dict[str, Value | None]:
    """Values by name, None where an optional one is missing; all that is wrong is told at once.

    Photos and documents that are required but not named are left to the evidence of the case.
    """
    known = {one.name: one for one in fields}
    wrong = {name: f"没有“{name}”这一项" for name in given if name not in known}
    values: dict[str, Value | None] = {}
    for one in fields:
        raw = given.get(one.name)
        if raw is None or raw in ("", []):
            values[one.name] = None
            if one.required and one.kind not in (FieldKind.PHOTO, FieldKind.DOCUMENT):
                wrong[one.name] = f"请填写{one.title}"
            continue
        try:
            values[one.name] = _value(one, raw, today)
        except (ValueError, InvalidOperation) as error:
            wrong[one.name] = f"{one.title}{error.args[0] if error.args else '有误'}"
    if wrong:
        raise InvalidInputs(wrong)
    return values


def _value(one: Field, raw: object, today: date) -> Value:
    match one.kind:
        case FieldKind.TEXT:
            return _text(raw)
        case FieldKind.DATE:
            return _date(raw, today, ahead=one.ahead)
        case FieldKind.NUMBER:
            return _number(raw, signed=one.signed)
        case FieldKind.CHOICE:
            return _choice(raw, one.choices)
        case FieldKind.CHOICES:
            chosen = raw if isinstance(raw, list) and len(raw) <= _MOST_CHOICES else [raw]
            return tuple(dict.fromkeys(_choice(item, one.choices) for item in chosen))
        case FieldKind.USER:
            return _serial(raw)
        case FieldKind.PHOTO | FieldKind.DOCUMENT:
            return tuple(_serial(item) for item in (raw if isinstance(raw, list) else [raw]))


def _text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("应为文字")
    if len(raw) > _LONGEST_TEXT:
        raise ValueError(f"不能超过 {_LONGEST_TEXT} 字")
    if any(not c.isprintable() and c != "\n" for c in raw):
        raise ValueError("含有不可见的字符")
    return raw.strip()


def _date(raw: object, today: date, *, ahead: bool) -> date:
    try:
        found = date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None or found.year < today.year - 100:
        raise ValueError("应为日期，例如 2026-03-01")
    if found > today and not ahead:
        raise ValueError("不能晚于今天")
    return found


def _number(raw: object, *, signed: bool) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError("应为数字")
    try:
        found = Decimal(str(raw))
    except InvalidOperation:
        raise ValueError("应为数字") from None
    if not found.is_finite() or abs(found) > _MOST:
        raise ValueError("超出范围")
    if found < 0 and not signed:
        raise ValueError("不能为负")
    return found


def _choice(raw: object, choices: Mapping[str, str]) -> str:
    if not isinstance(raw, str) or raw not in choices:
        offered = "、".join(f"{code}（{title}）" for code, title in choices.items())
        raise ValueError(f"应为 {offered} 之一")
    return raw


def _serial(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < 2**63:
        raise ValueError("应为编号")
    return raw


def plain(values: Mapping[str, Value | None]) -> dict[str, object]:
    """Values as JSON keeps them: dates ISO, numbers as exact text."""
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Value) -> object:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return format(value.normalize(), "f")
        case tuple():
            return list(value)
        case _:
            return value
