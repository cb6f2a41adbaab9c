"""The register of low-efficiency land: in whole or not at all, reconciled, out and in again."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import Engine

from server.disposal import register, register_workbook
from server.disposal.codes import IdleClass
from server.disposal.register import Imported, Importer, RegisterRefused
from server.disposal.register_rows import TITLES, BadRegister, _check_digit
from tests.database.idle_land import add_parcel
from tests.database.office import Office

DAY = date(2026, 11, 1)
GOOD_CODE = "91350100M000100Y43"
"""The example of GB 32100-2015."""
HEADS = [
    "序号", "地块编号", "企业名称", "统一社会信用代码", "坐落", "占地面积（亩）",
    "处置面积(亩)", "剩余面积(亩)", "上年度亩均税收", "经营状态", "低效类型", "处置方式",
    "当前状态", "计划实施单位",
]  # fmt: skip
ROW = [
    1, "DK-1", "甲公司", GOOD_CODE, "向阳路1号", 30, 12, 18, "3.50", "停产", "用而不足",
    "增资技改", "处置中", "开发区",
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("office")


def book(
    *rows: list[object], heads: list[str] = HEADS, above: str | None = "低效用地库"
) -> BytesIO:
    made = openpyxl.Workbook()
    if above:
        made.active.append([above])
    for row in (heads, *rows):
        made.active.append(row)
    written = BytesIO()
    made.save(written)
    written.seek(0)
    return written


def row(**changes: object) -> list[object]:
    given = dict(zip(HEADS, ROW, strict=True)) | changes
    return [given[name] for name in HEADS]


def import_(engine: Engine, file: BytesIO, *, dry: bool = False, under: str = "") -> Imported:
    with engine.begin() as connection:
        by = Importer("tests", (under,), DAY, dry)
        return register.import_workbook(connection, file, by)


def faults(engine: Engine, file: BytesIO, under: str = "") -> set[tuple[int, str]]:
    with pytest.raises(RegisterRefused) as refused:
        import_(engine, file, under=under)
    return {(one.row, one.column) for one in refused.value.faults}


def exported(engine: Engine) -> BytesIO:
    with engine.connect() as connection:
        return BytesIO(register_workbook.workbook(register.listed(connection, ("",))))


def test_a_register_becomes_cases_and_comes_out_as_it_is(engine: Engine, office: Office) -> None:
    for number in range(3):
        add_parcel(engine, f"DK-{number}", holder_name=f"{number}公司")
    rows = [
        row(地块编号="DK-0"),
        row(地块编号=None, 企业名称="1公司", 统一社会信用代码=None, 低效类型="投而未达"),
        row(**{"地块编号": "DK-2", "处置面积(亩)": 30, "剩余面积(亩)": 0, "处置方式": None}),
    ]
    assert import_(engine, book(*rows), dry=True) == Imported(3, 3, 0, 0, 2)
    assert office.rows("SELECT count(*) FROM disposal_cases") == [(0,)]
    assert import_(engine, book(*rows)) == Imported(3, 3, 0, 0, 2)
    assert office.rows(
        "SELECT class, area_in_class_m2, source, discovered_on FROM disposal_cases ORDER BY id"
    ) == [
        ("yewj", Decimal("12000.00"), "register", DAY),
        ("tewdb", Decimal("12000.00"), "register", DAY),
    ]
    out = exported(engine)
    assert import_(engine, out) == Imported(3, 0, 0, 3, 0)
    out.seek(0)
    values = list(openpyxl.load_workbook(out).active.values)
    assert list(values[0]) == list(TITLES.values())
    told = [dict(zip(values[0], line, strict=True)) for line in values[1:]]
    assert [line["剩余面积(亩)"] for line in told] == [18, 18, 0]
    assert [line["当前状态"] for line in told] == ["已发现", "已发现", "已处置完毕"]
    assert told[0]["低效类型"] == IdleClass.YEWJ.term
    assert told[0]["统一社会信用代码"] == GOOD_CODE


def test_what_the_case_disposed_of_is_in_the_register(engine: Engine, office: Office) -> None:
    add_parcel(engine, "DK-1")
    import_(engine, book(row()))
    office.execute("UPDATE disposal_cases SET disposed_area_m2 = 6000, last_on = '2026-11-05'")
    (line,) = register_lines(engine)
    assert (line["处置面积(亩)"], line["剩余面积(亩)"]) == (21, 9)
    assert import_(engine, exported(engine)).unchanged == 1
    assert faults(engine, book(row())) == {(3, "处置面积(亩)")}


def register_lines(engine: Engine) -> list[dict[str, object]]:
    values = list(openpyxl.load_workbook(exported(engine)).active.values)
    return [dict(zip(values[0], line, strict=True)) for line in values[1:]]


def test_words_may_change_and_areas_may_not(engine: Engine) -> None:
    add_parcel(engine, "DK-1")
    import_(engine, book(row()))
    assert import_(engine, book(row(经营状态="已复产"))) == Imported(1, 0, 1, 0, 0)
    assert register_lines(engine)[0]["经营状态"] == "已复产"
    assert faults(engine, book(row(**{"占地面积（亩）": 29, "剩余面积(亩)": 17}))) == {
        (3, "占地面积(亩)")
    }


def test_every_wrong_row_is_told_and_none_comes_in(engine: Engine, office: Office) -> None:
    add_parcel(engine, "DK-1")
    add_parcel(engine, "A", holder_name="双公司")
    add_parcel(engine, "B", holder_name="双公司")
    add_parcel(engine, "W", region_code="330502")
    wrong = book(
        row(),
        row(企业名称=None),
        row(低效类型="其他"),
        row(**{"占地面积（亩）": "约三十"}),
        row(**{"处置面积(亩)": 31}),
        row(**{"剩余面积(亩)": 17.5}),
        row(统一社会信用代码=GOOD_CODE[:17] + "4"),
        row(处置方式="再议"),
        row(地块编号="没有"),
        row(地块编号=None, 企业名称="双公司"),
        row(地块编号="W"),
        row(**{"占地面积（亩）": 31, "剩余面积(亩)": 19}),
        row(),
    )
    assert faults(engine, wrong, "330503") == {
        (4, "企业名称"),
        (5, "低效类型"),
        (6, "占地面积(亩)"),
        (7, "处置面积(亩)"),
        (8, "剩余面积(亩)"),
        (9, "统一社会信用代码"),
        (10, "处置方式"),
        (11, "地块编号"),
        (12, "企业名称"),
        (13, "地块编号"),
        (14, "占地面积(亩)"),
        (15, "地块编号"),
    }
    assert office.rows("SELECT count(*) FROM disposal_register") == [(0,)]
    assert office.rows("SELECT count(*) FROM disposal_cases") == [(0,)]


def test_areas_may_be_in_square_metres_and_rounded(engine: Engine, office: Office) -> None:
    add_parcel(engine, "DK-1")
    heads = ["地块编号", "用地单位", "占地面积（㎡）", "处置面积(平方米)", "类型"]
    import_(engine, book(["DK-1", "甲", "12,345.678", 345.5, "yewj"], heads=heads, above=None))
    assert office.rows("SELECT occupied_m2, disposed_before_m2 FROM disposal_register") == [
        (Decimal("12345.68"), Decimal("345.50"))
    ]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (BytesIO(b"PK no workbook"), "不是可以读取"),
        (book(heads=["甲", "乙"]), "没有找到表头"),
        (book(heads=["地块编号", "企业名称", "坐落", "处置方式"]), "缺少列：占地面积"),
    ],
)
def test_what_is_no_register_is_refused(engine: Engine, file: BytesIO, told: str) -> None:
    with pytest.raises(BadRegister, match=told):
        import_(engine, file)


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert _check_digit(GOOD_CODE[:17]) == GOOD_CODE[17]
