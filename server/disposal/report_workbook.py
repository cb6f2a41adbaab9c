"""The report as an Excel workbook: the same figures, with charts, from its snapshot alone."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from server.disposal.report_page import ranking
from server.disposal.reports import Report

_HEAD = PatternFill("solid", fgColor="F1F3F5")
_AREA, _SHARE = "#,##0.00", "0.0%"
_LINE = (
    "期初宗数", "期初（亩）", "新增宗数", "新增（亩）", "调整（亩）", "本期处置（亩）",
    "销号宗数", "不予认定（亩）", "期末宗数", "期末剩余（亩）", "本年累计处置（亩）",
    "年度任务（亩）", "处置率", "完成率", "逾期宗数",
)  # fmt: skip
_LINE_FORMATS = (
    "0", _AREA, "0", _AREA, _AREA, _AREA, "0", _AREA, "0", _AREA, _AREA, _AREA, _SHARE, _SHARE, "0",
)  # fmt: skip
_Named = Callable[[Mapping[str, Any]], list[object]]


def workbook(report: Report) -> bytes:
    """The bytes of an .xlsx file."""
    book = Workbook()
    told = report.snapshot
    figures = told["figures"]
    first = book.active
    _front(first, report)
    regions = ranking(figures["region"]["items"])
    sheet = _figures(book, "分区域", ["排名", "区域"], regions, _by_rank)
    _total(sheet, ["", "合计"], figures["region"]["total"])
    _chart(sheet, len(regions), 2, 13, "本年累计处置（亩）")
    sheet = _figures(book, "分类型", ["类型"], figures["class"]["items"], _text("class_text"))
    _total(sheet, ["合计"], figures["class"]["total"])
    _chart(sheet, len(figures["class"]["items"]), 1, 11, "期末剩余（亩）")
    _figures(book, "分原因", ["原因"], figures["cause"]["items"], _text("cause_text"))
    _figures(book, "分措施", ["主要措施"], figures["measure"]["items"], _text("measure_text"))
    _list(book, "环节用时", _STAGES, figures["class"]["stages"])
    _list(book, "逾期案件", _OVERDUE, told["overdue"])
    _list(book, "预警", _WARNINGS, told["warnings"])
    _corrections(book, told["corrections"])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


_STAGES = {"state_text": "环节", "ended": "完成宗数", "average_days": "平均天数"}
_OVERDUE = {
    "case_no": "案号", "code": "地块编号", "name": "地块名称", "region_name": "区域",
    "class_text": "类型", "state_text": "环节", "responsible_unit": "责任单位",
    "deadline_on": "期限", "days_late": "逾期天数", "remaining_mu": "剩余（亩）",
}  # fmt: skip
_WARNINGS = {
    "code": "地块编号", "name": "地块名称", "region_name": "区域", "holder_name": "土地使用权人",
    "class_text": "类型", "line_on": "到期日", "days_left": "还有天数", "area_mu": "面积（亩）",
}  # fmt: skip


def _front(sheet: Worksheet, report: Report) -> None:
    told = report.snapshot
    sheet.title = "通报"
    rows = [
        ("五未土地处置情况通报", ""),
        ("区域", told["region"]["name"]),
        ("月份", told["month"]["term"]),
        ("通报编号", report.id),
        ("印发日期", told["frozen_on"]),
        ("说明", told["note"] or ""),
        ("数据快照 SHA-256", report.sha256),
    ]
    for row in rows:
        _append(sheet, row)
    sheet["A1"].font = Font(bold=True, size=16)
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 70


def _by_rank(line: Mapping[str, Any]) -> list[object]:
    return [line["rank"], line["region_name"]]


def _text(name: str) -> _Named:
    return lambda line: [line[name]]


def _figures(
    book: Workbook,
    title: str,
    heads: list[str],
    lines: Sequence[Mapping[str, Any]],
    named: _Named,
) -> Worksheet:
    sheet = _sheet(book, title, [*heads, *_LINE])
    for line in lines:
        _append(sheet, [*named(line), *_line(line)])
        _format(sheet, len(heads))
    return sheet


def _line(one: Mapping[str, Any]) -> list[object]:
    return [
        one["base"]["cases"], one["base"]["area_mu"], one["new"]["cases"], one["new"]["area_mu"],
        one["adjusted"]["area_mu"], one["disposed"]["area_mu"], one["disposed"]["cases"],
        one["rejected"]["area_mu"], one["remaining"]["cases"], one["remaining"]["area_mu"],
        one["year"]["disposed"]["area_mu"], one["target_mu"], one["disposal_rate"],
        one["completion_rate"], one["overdue"],
    ]  # fmt: skip


def _total(sheet: Worksheet, heads: list[str], total: Mapping[str, Any]) -> None:
    _append(sheet, [*heads, *_line(total)])
    _format(sheet, len(heads))
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)


def _format(sheet: Worksheet, before: int) -> None:
    for cell, number_format in zip(sheet[sheet.max_row][before:], _LINE_FORMATS, strict=True):
        cell.number_format = number_format


def _chart(sheet: Worksheet, rows: int, names: int, values: int, title: str) -> None:
    if not rows:
        return
    chart = BarChart()
    chart.type, chart.title, chart.legend = "bar", title, None
    chart.add_data(Reference(sheet, min_col=values, min_row=2, max_row=rows + 1))
    chart.set_categories(Reference(sheet, min_col=names, min_row=2, max_row=rows + 1))
    chart.height, chart.width = 4 + rows * 0.8, 20
    sheet.add_chart(chart, f"A{rows + 5}")


def _list(
    book: Workbook, title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    sheet = _sheet(book, title, list(columns.values()))
    for row in rows:
        _append(sheet, [row[name] for name in columns])


def _corrections(book: Workbook, rows: Sequence[Mapping[str, Any]]) -> None:
    heads = ["月份", "类型", "项目", "原通报宗数", "原通报（亩）", "更正为宗数", "更正为（亩）"]
    sheet = _sheet(book, "更正", heads)
    for one in rows:
        amounts = (one[when][what] for when in ("told", "now") for what in ("cases", "area_mu"))
        _append(sheet, [one["month_term"], one["class_text"], one["figure_text"], *amounts])


def _sheet(book: Workbook, title: str, heads: Sequence[str]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(title)
    _append(sheet, heads)
    sheet.freeze_panes = "A2"
    for number, cell in enumerate(sheet[1], start=1):
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(number)].width = 15
    return sheet


def _append(sheet: Worksheet, values: Sequence[object]) -> None:
    """A row in which text stays text: what begins with = would otherwise be a formula."""
    sheet.append(
        [ILLEGAL_CHARACTERS_RE.sub("", one) if isinstance(one, str) else one for one in values]
    )
    for cell in sheet[sheet.max_row]:
        if isinstance(cell.value, str):
            cell.data_type = "s"
