"""Documents: numbered in series, equal for equal content, with the numbers of the case in them."""

import hashlib
import io
import zipfile
from datetime import date
from typing import Any

import pytest
from docx import Document
from sqlalchemy import text

from server.disposal.documents import office_of
from server.disposal.official import Official, chinese_date, docx
from tests.api.answers import problem
from tests.disposal.county import County
from tests.disposal.desk import BASE, Desk
from tests.disposal.lives import classified, fined

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def words(content: bytes) -> str:
    return "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs)


def made(desk: Desk, case: dict[str, Any], kind: str, **more: Any) -> tuple[dict[str, Any], str]:
    """The document's record and its text, as downloaded."""
    answer = desk.client.post(
        f"{BASE}/{case['id']}/documents",
        json={"kind": kind, "issued_on": case["state_since"], **more},
        headers=desk.people["officer"],
    )
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.get_json()
    file = desk.client.get(record["url"], headers=desk.people["viewer"])
    assert file.content_type == WORD
    assert hashlib.sha256(file.data).hexdigest() == record["sha256"]
    assert len(file.data) == record["size_bytes"]
    return record, words(file.data)


def test_a_notice_tells_facts_grounds_and_the_time_to_answer(desk: Desk, county: County) -> None:
    site = county.parcel(holder_name="湖州某某机械有限公司", start_due_on=date(2025, 1, 31))
    case = desk.verified(site, "2026-02-02")
    record, text = made(desk, case, "notice")
    assert record["doc_no"] == "湖州市南浔区自然资闲调〔2026〕1号"
    assert "湖州某某机械有限公司：" in text
    assert "合同约定的动工开发日期为2025年1月31日" in text
    assert "10000平方米（合15亩）" in text
    assert "自收到本通知书之日起30日内" in text
    assert "第五条、第六条" in text
    assert text.endswith("湖州市南浔区自然资源和规划局\n2026年2月2日")
    again, _ = made(desk, case, "notice")
    assert again["doc_no"] == "湖州市南浔区自然资闲调〔2026〕2号"
    listed = desk.get(f"/disposal-cases/{case['id']}/documents")["items"]
    assert [one["id"] for one in listed] == [record["id"], again["id"]]


@pytest.mark.parametrize("day", ["0116-07-09", "2026-02-01"])
def test_no_document_is_older_than_its_case(desk: Desk, county: County, day: str) -> None:
    case = desk.verified(county.parcel(), "2026-02-02")
    refused = desk.client.post(
        f"{BASE}/{case['id']}/documents",
        json={"kind": "notice", "issued_on": day},
        headers=desk.people["officer"],
    )
    assert "不能早于发现日期（2026-02-02）" in problem(refused, 400, "invalid-parameter")["detail"]


def test_a_fee_decision_has_the_fee_and_belongs_to_its_step(desk: Desk, county: County) -> None:
    case = fined(desk, county.parcel(holder_name="湖州某某机械有限公司"))
    record, text = made(desk, case, "fee_decision")
    assert "价款1680万元的20%，征缴土地闲置费336万元" in text
    assert "浔政〔2026〕9号" in text
    assert "自本决定书送达之日起30日内缴纳（第十七条）" in text
    assert "听证的权利（第十五条）" in text
    case = desk.act(case, "execute", decision_no=record["doc_no"], served_on="2026-03-13")
    steps = desk.get(f"/disposal-cases/{case['id']}/timeline")["items"]
    assert [one["doc_no"] for one in steps[-1]["documents"]] == [record["doc_no"]]
    refused = desk.client.post(
        f"{BASE}/{case['id']}/documents",
        json={"kind": "recovery_decision"},
        headers=desk.people["officer"],
    )
    assert "第十四条" in problem(refused, 409, "illegal-action")["detail"]


def test_a_plan_and_a_finding_name_measure_and_cause(desk: Desk, county: County) -> None:
    case = classified(desk, county.parcel(), "gov", supervision_recorded_on="2026-02-03")
    _, finding = made(desk, case, "finding")
    assert "第八条（二）规划依法修改" in finding
    assert "闲置时间自2025年1月31日起算" in finding
    case = desk.act(
        case,
        "draft_plan",
        on="2026-03-04",
        measures=["temp_use", "adjust_use"],
        temporary_until_on="2028-03-04",
        target_on="2026-12-31",
        target_area_m2=10000,
    )
    _, plan = made(desk, case, "plan")
    assert "政府安排临时使用（第十二条（三））、调整用途、规划条件（第十二条（二））" in plan
    assert "计划于2026年12月31日前完成处置10000平方米（合15亩）" in plan
    assert "湖州市南浔区人民政府：" in plan


@pytest.mark.parametrize("kind", ["notice", "finding", "fee_decision", "recovery_decision"])
def test_land_outside_of_the_law_gets_no_papers_of_it(
    desk: Desk, county: County, kind: str
) -> None:
    case = desk.find(county.parcel(), **{"class": "jewt"})
    answer = desk.client.post(
        f"{BASE}/{case['id']}/documents", json={"kind": kind}, headers=desk.people["officer"]
    )
    problem(answer, 409, "illegal-action")


def test_the_file_is_the_same_for_the_same_content() -> None:
    content = Official(
        "某局", "某〔2026〕1号", "通知书", "某公司", ("一、事实", "正文。"), date(2026, 3, 2)
    )
    first, second = docx(content), docx(content)
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        body = archive.read("word/document.xml").decode()
    assert 'w:line="560"' in archive_style(first), "28 points"
    assert "黑体" in body, "headings stand in another type"
    assert "2026年3月2日" in body


def archive_style(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("word/styles.xml").decode()


def test_days_are_written_without_leading_zeros() -> None:
    assert chinese_date(date(2024, 2, 29)) == "2024年2月29日"


def test_the_page_is_told_which_documents_may_be_made_now(desk: Desk, county: County) -> None:
    def told(case: dict[str, Any], who: str) -> list[dict[str, Any]]:
        path = f"{BASE}/{case['id']}/documents"
        kinds: list[dict[str, Any]] = desk.client.get(path, headers=desk.people[who]).get_json()[
            "kinds"
        ]
        return kinds

    case = desk.verified(county.parcel(holder_name="湖州某某机械有限公司"), "2026-02-02")
    notice, finding = told(case, "officer")
    assert notice == {"value": "notice", "title": "闲置土地调查通知书"}
    assert finding["value"] == "finding"
    for cause in finding["causes"]:
        _, text = made(desk, case, "finding", cause=cause["value"])
        assert "闲置土地" in text
    assert told(case, "viewer") == []
    fee = told(fined(desk, county.parcel(holder_name="湖州某某机械有限公司")), "officer")
    assert [one["value"] for one in fee] == ["plan", "fee_decision"]


def test_a_signature_stays_with_text_and_pages_are_numbered() -> None:
    day = date(2026, 2, 2)
    made = Document(io.BytesIO(docx(Official("局", "1号", "书", None, ("一、事实", "正文"), day))))
    texts = [(one.text, one.paragraph_format.keep_with_next) for one in made.paragraphs]
    assert texts[-5:] == [
        ("一、事实", True), ("正文", True), ("", True), ("局", True), ("2026年2月2日", None),
    ]  # fmt: skip
    section = made.sections[0]
    for footer in (section.footer, section.even_page_footer):
        assert 'w:instr="PAGE"' in footer._element.xml
    assert "w:pBdr" in made.paragraphs[1]._p.xml


@pytest.mark.parametrize(
    ("code", "government"),
    [("330503", "湖州市南浔区人民政府"), ("330523", "安吉县人民政府")],
)
def test_a_district_is_called_after_its_city_and_a_county_is_not(
    county: County, code: str, government: str
) -> None:
    with county.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO regions (code, level, name, parent_code, source)"
                " VALUES ('330523', 'county', '安吉县', '3305', 't') ON CONFLICT DO NOTHING"
            )
        )
        assert office_of(connection, f"{code}101", date(2026, 2, 2)).government == government
