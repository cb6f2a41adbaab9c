"""Excel workbooks: Chinese headers, one row a site, read back as an attribute table."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from gis.exporting.model import Export, ExportRefused
from gis.exporting.rows import SiteRow, as_text
from gis.layers import Kind

MOST_ROWS = 1_048_575
_MOST_LETTERS = 32_767


def write_workbook(export: Export, parts: Iterable[list[SiteRow]], folder: Path) -> Path:
    """One sheet named for the layer; :class:`ExportRefused` for more rows than Excel has."""
    path = folder / "export.xlsx"
    columns = export.layer.writable
    rows = ([_value(c.kind, as_text(c, v), v) for c, v in zip(columns, row.values, strict=True)]
            for part in parts for row in part)  # fmt: skip
    book = Workbook(write_only=True)
    add_sheet(book, export.layer.title, [column.title for column in columns], rows)
    book.save(path)
    return path


def add_sheet(
    book: Workbook, title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """A sheet whose first row names its columns and stays in view."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for index in range(len(headers)):
        sheet.column_dimensions[_letters(index)].width = 16
    sheet.append(list(_cells(sheet, headers, Font(bold=True))))
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise ExportRefused("too-many-rows", "Excel 最多一百万行，请缩小范围或改用 gpkg")
        sheet.append(list(_cells(sheet, row)))


def _cells(sheet: Any, values: Iterable[object], font: Font | None = None) -> Iterator[object]:
    for value in values:
        if isinstance(value, str):
            # Text stays text: a cell that begins with = would otherwise be a formula.
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:_MOST_LETTERS])
            cell.data_type = "s"
            if font is not None:
                cell.font = font
            yield cell
        else:
            yield value


def _value(kind: Kind, words: str | None, value: object) -> object:
    """Numbers and dates as such where Excel keeps every digit of them, else their text."""
    if isinstance(value, Decimal) and Decimal(repr(float(value))) == value:
        return float(value) if value % 1 else int(value)
    if kind is Kind.INTEGER:
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return words


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
