"""Rows of a register of low-efficiency land as they stand in a workbook, read and checked alone."""

import csv
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import files
from typing import IO

from openpyxl import load_workbook

from gis.importing.fields import code_of
from gis.layers.parcels import PARCELS
from server.disposal.codes import IdleClass
from server.disposal.measures import MEASURE_TITLES

MOST_ROWS = 20_000
_MOST_UNPACKED_BYTES = 200 << 20
_HEAD_WITHIN = 10
_LEAST_HEADS = 4
TOLERANCE_M2 = Decimal("6.67")
"""A hundredth of a 亩: areas in registers are rounded to two decimals of 亩."""


class BadRegister(ValueError):
    """A file that is no register: no workbook, no heading, too large; in Chinese."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row of the file, in Chinese; ``row`` as Excel counts."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class RegisterRow:
    """One row: areas in m2, taxes in 万元 a 亩; None where the file says nothing."""

    number: int
    parcel_code: str | None
    supervision_no: str | None
    company: str
    credit_code: str | None
    idle_class: IdleClass
    occupied_m2: Decimal
    disposed_m2: Decimal
    measure: str | None
    tax_last: Decimal | None
    tax_before: Decimal | None
    texts: Mapping[str, str | None]


TEXTS = ("address", "operating_state", "current_use", "progress_note", "problem", "plan_unit")

TITLES = {
    "parcel_code": "地块编号",
    "supervision_no": "电子监管号",
    "company": "企业名称",
    "credit_code": "统一社会信用代码",
    "address": "坐落",
    "occupied": "占地面积(亩)",
    "disposed": "处置面积(亩)",
    "remaining": "剩余面积(亩)",
    "tax_last": "上年度亩均税收(万元)",
    "tax_before": "上上年度亩均税收(万元)",
    "operating_state": "经营状态",
    "current_use": "现状用途",
    "idle_class": "低效类型",
    "measure": "处置方式",
    "state": "当前状态",
    "progress_note": "详细进展",
    "problem": "问题类型",
    "plan_unit": "计划实施单位",
}
"""Columns as they are written, in their order."""

_REQUIRED = ("company", "occupied", "idle_class")
_UNITS = {"mu": Decimal(2000) / 3, "m2": Decimal(1), "": Decimal(1)}


@lru_cache
def _aliases() -> Mapping[str, tuple[str, str]]:
    text = (files("server.disposal") / "data" / "register_fields.csv").read_text("utf-8")
    return {_key(r["alias"]): (r["name"], r["unit"]) for r in csv.DictReader(text.splitlines())}


def _key(title: object) -> str:
    # Full-width brackets and ㎡ are the same as their plain forms.
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(title))).casefold()


def read(file: IO[bytes]) -> tuple[list[RegisterRow], list[Fault]]:
    """The rows that can be read and what is wrong with the others; :class:`BadRegister`."""
    lines = _lines(file)
    head = _head(lines)
    rows, faults = [], []
    for number, values in lines[head.line :]:
        cells = {name: values[at] for name, (at, _) in head.places.items() if at < len(values)}
        if all(_text(value) is None for value in cells.values()):
            continue
        reading = _Reading(number, cells, {name: unit for name, (_, unit) in head.places.items()})
        row = reading.row()
        faults += reading.faults
        if row is not None and not reading.faults:
            rows.append(row)
    return rows, faults


def _lines(file: IO[bytes]) -> list[tuple[int, tuple[object, ...]]]:
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED_BYTES:
                raise BadRegister("工作簿解压后过大")
        file.seek(0)
        sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
        rows = enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1), start=1)
        found = [(number, tuple(values)) for number, values in rows]
    except BadRegister:
        raise
    except Exception as error:  # openpyxl raises whatever a broken part of a workbook leads to
        raise BadRegister("不是可以读取的 Excel 工作簿（.xlsx）") from error
    if len(found) > MOST_ROWS:
        raise BadRegister(f"超过 {MOST_ROWS} 行，请分开导入")
    return found


@dataclass(frozen=True)
class _Head:
    line: int
    places: Mapping[str, tuple[int, str]]


def _head(lines: Sequence[tuple[int, tuple[object, ...]]]) -> _Head:
    """The first line that names enough columns; titles may stand above it."""
    for line, (_, values) in enumerate(lines[:_HEAD_WITHIN], start=1):
        places: dict[str, tuple[int, str]] = {}
        for at, value in enumerate(values):
            known = _aliases().get(_key(value)) if value is not None else None
            if known is not None:
                places.setdefault(known[0], (at, known[1]))
        if len(places) >= _LEAST_HEADS:
            missing = [TITLES[name] for name in _REQUIRED if name not in places]
            if missing:
                raise BadRegister(f"缺少列：{'、'.join(missing)}")
            return _Head(line, places)
    raise BadRegister("前十行中没有找到表头，应有企业名称、占地面积、低效类型等列")


def _text(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return "".join(c for c in text if c.isprintable() or c == "\n")[:2000] or None


class _Reading:
    """One row on its way from cells to what they mean; faults gather as they are found."""

    def __init__(self, number: int, cells: Mapping[str, object], units: Mapping[str, str]) -> None:
        self._number, self._cells, self._units = number, cells, units
        self.faults: list[Fault] = []

    def row(self) -> RegisterRow | None:
        """The row, or None where what it must have is missing."""
        for name in _REQUIRED:
            if _text(self._cells.get(name)) is None:
                self._fault(name, "必须填写")
        idle_class, credit_code = self._class(), self._credit_code()
        occupied, disposed = self._area("occupied"), self._area("disposed") or Decimal(0)
        self._reconcile(occupied, disposed)
        taxes = self._number_of("tax_last"), self._number_of("tax_before")
        measure = self._measure()
        company = _text(self._cells.get("company"))
        if idle_class is None or occupied is None or company is None:
            return None
        return RegisterRow(
            self._number,
            _text(self._cells.get("parcel_code")),
            _text(self._cells.get("supervision_no")),
            company,
            credit_code,
            idle_class,
            occupied,
            disposed,
            measure,
            *taxes,
            {name: _text(self._cells.get(name)) for name in TEXTS},
        )

    def _fault(self, name: str, message: str) -> None:
        self.faults.append(Fault(self._number, TITLES[name], message))

    def _number_of(self, name: str) -> Decimal | None:
        text = _text(self._cells.get(name))
        if text is None:
            return None
        try:
            found = Decimal(unicodedata.normalize("NFKC", text).replace(",", ""))
        except InvalidOperation:
            self._fault(name, f"“{text[:30]}”不是数字")
            return None
        if not found.is_finite() or abs(found) > 10**9:
            self._fault(name, f"“{text[:30]}”超出范围")
            return None
        return found

    def _area(self, name: str) -> Decimal | None:
        found = self._number_of(name)
        if found is None:
            return None
        if found < 0 or (name == "occupied" and found == 0):
            self._fault(name, "面积应大于 0" if name == "occupied" else "面积不能为负")
            return None
        return round(found * _UNITS[self._units[name]], 2)

    def _reconcile(self, occupied: Decimal | None, disposed: Decimal) -> None:
        """occupyArea >= disposed, remArea = occupyArea - disposed."""
        if occupied is None:
            return
        if disposed > occupied + TOLERANCE_M2:
            self._fault("disposed", f"处置面积 {_mu(disposed)} 亩大于占地面积 {_mu(occupied)} 亩")
            return
        remaining = self._area("remaining")
        if remaining is not None and abs(occupied - disposed - remaining) > TOLERANCE_M2:
            wanted = _mu(occupied - disposed)
            self._fault("remaining", f"应为占地面积减处置面积 {wanted} 亩，填的是 {_mu(remaining)}")

    def _class(self) -> IdleClass | None:
        word = _text(self._cells.get("idle_class"))
        if word is None:
            return None
        code = code_of(PARCELS.column("declared_idle_class"), word)
        if code is None:
            offered = "、".join(one.term for one in IdleClass)
            self._fault("idle_class", f"不认识“{word[:30]}”，应为：{offered}，或其常用别名")
            return None
        return IdleClass(code)

    def _measure(self) -> str | None:
        word = _text(self._cells.get("measure"))
        if word is None:
            return None
        by_title = {_key(title): code for code, title in MEASURE_TITLES.items()}
        code = by_title.get(_key(word), word if word in MEASURE_TITLES else None)
        if code is None:
            self._fault(
                "measure",
                f"不认识处置方式“{word[:30]}”，应为：{'、'.join(MEASURE_TITLES.values())}",
            )
        return code

    def _credit_code(self) -> str | None:
        text = _text(self._cells.get("credit_code"))
        if text is None:
            return None
        code = text.upper()
        if not _CREDIT_CODE.fullmatch(code):
            self._fault("credit_code", "应为 18 位数字和大写字母（不含 I、O、S、V、Z）")
        elif _check_digit(code[:17]) != code[17]:
            self._fault("credit_code", "校验位不对，请核对")
        return code


_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(rf"[{_LETTERS}]{{18}}")


def _check_digit(first: str) -> str:
    """The last character of a credit code, GB 32100-2015."""
    total = sum(_LETTERS.index(c) * pow(3, n, 31) for n, c in enumerate(first))
    return _LETTERS[-total % 31]


def _mu(area_m2: Decimal) -> str:
    return f"{area_m2 * 3 / 2000:.2f}"


def titles() -> Iterator[str]:
    """Headings in their order."""
    yield from TITLES.values()
