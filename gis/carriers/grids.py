"""Lines of cells out of CSV, DAT and Excel files, all as text, with their row numbers."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl

from gis.carriers.archive import open_archive
from gis.carriers.model import CarrierError, EncodingEvidence, Limits, ReadOptions, Source
from gis.carriers.text_encoding import decode_text

_MOST_COLUMNS = 500
_MOST_BLANK_ROWS = 10_000
_MOST_CELLS = 50_000_000
_WORKBOOK_LIMITS = Limits(max_unpacked_bytes=512 << 20, max_ratio=200)


@dataclass(frozen=True)
class Line:
    """One row of a sheet; ``number`` from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """One sheet; ``lines()`` starts from the top each time."""

    name: str
    encoding: EncodingEvidence
    lines: Callable[[], Iterator[Line]]

    def head(self, count: int) -> list[Line]:
        """The first lines that are not blank."""
        return list(islice((line for line in self.lines() if any(line.cells)), count))


def grids(source: Source, options: ReadOptions) -> Iterator[Grid]:
    """Sheets of a file; raises CarrierError where the file is no such thing."""
    if source.kind == "xlsx":
        yield from _workbook(Path(source.path))
        return
    text, evidence = decode_text(Path(source.path).read_bytes(), options.encoding)
    if "\0" in text[:4096]:
        raise CarrierError("csv-damaged", "不是文本文件，请检查扩展名是否正确。")
    yield Grid(source.name, evidence, lambda: _csv_lines(text))


def _csv_lines(text: str) -> Iterator[Line]:
    first = text[: text.find("\n") + 1 or len(text)]
    delimiter = max((",", "\t", ";", "，"), key=first.count)
    for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
        yield Line(number, tuple(cell.strip() for cell in cells[:_MOST_COLUMNS]))


def _workbook(path: Path) -> Iterator[Grid]:
    with open_archive(path, _WORKBOOK_LIMITS) as archive:
        names = {f"{member.folder}/{member.name}" for member in archive.members}
    if "xl/workbook.xml" not in names:
        raise CarrierError(
            "xlsx-damaged", "不是有效的 Excel 工作簿（.xlsx），请用 Excel 另存后上传。"
        )
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    evidence = EncodingEvidence("utf-8", "format")
    for sheet in book.worksheets:
        # The stated dimensions of a sheet are often wrong, and then rows are lost.
        sheet.reset_dimensions()
        yield Grid(sheet.title, evidence, partial(_sheet_lines, sheet))


def _sheet_lines(sheet: Any) -> Iterator[Line]:
    """Rows of a sheet; a few cells far apart stand for billions, so blank space has an end."""
    blank = cells_seen = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [_text(cell) for cell in cells] if len(cells) <= _MOST_COLUMNS else []
        while texts and not texts[-1]:
            texts.pop()
        blank = 0 if texts else blank + 1
        cells_seen += len(cells)
        if len(cells) > _MOST_COLUMNS or blank > _MOST_BLANK_ROWS or cells_seen > _MOST_CELLS:
            message = (
                f"工作表“{sheet.title}”过大或有大片空白（到第 {number} 行），"
                "请删除空白行列，或把数据复制到新工作表后上传。"
            )
            raise CarrierError("sheet-too-big", message)
        yield Line(number, tuple(texts))


def _text(value: object) -> str:
    """A cell as a person reads it: whole numbers without .0, dates as ISO without midnight."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
