"""Enquiries: made once, given to the right officer, answered in time or escalated, seen by both."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.accounts.principals import Role
from server.disposal.clocks import CHINA, is_working_day, today
from server.people import visits
from server.people.visits import OFFERED
from server.wechat.fake_answers import Script
from tests.api.answers import problem
from tests.api.investors import Caller, Town, demo_town
from tests.databases import Maker

CHECK = "/wxa/msg_sec_check"
RACERS = 8


@pytest.fixture(scope="module")
def place(
    maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("people")
    with demo_town(maker, demo_template, folder) as made:
        made.execute("UPDATE users SET disabled_at = now() RETURNING 1")
        yield made


def form(place: Town, **more: object) -> dict[str, object]:
    (site,) = place.sites(where="region_code LIKE '330502%'", most=1)
    asked = {
        "layer": "parcels",
        "site_id": site,
        "message": "请问这块地通天然气吗？",
        "contact_name": "王女士",
        "phone": "13800138000",
    }
    return asked | more


def asker(place: Town, person: str = "mary") -> Caller:
    made = place.log_in(person)
    made.consent()
    return made


def fresh(place: Town) -> tuple[Caller, dict[str, Any]]:
    """An investor nobody knows yet, with one enquiry."""
    mary = asker(place, place.code("someone"))
    made: dict[str, Any] = mary.send("POST", "/me/enquiries", form(place))
    return mary, made


def act(staff: Caller, number: int, **step: object) -> Any:
    return staff.ask("POST", f"/enquiries/{number}/actions", json=step)


def test_without_consent_nothing_is_stored(place: Town) -> None:
    guest = place.guest()
    problem(guest.ask("POST", "/me/enquiries", json=form(place)), 403, "consent-required")
    assert guest.get("/me/enquiries")["items"] == []


def test_an_enquiry_is_answered_and_both_sides_see_it(place: Town) -> None:
    officer = place.staff("officer")
    mary, made = fresh(place)
    assert (made["state"], made["state_text"]) == ("waiting", "待回复")
    assert made["number"].startswith("ZX20")
    seen = officer.get(f"/enquiries/{made['id']}")
    assert seen["messages"][0]["text"] == form(place)["message"]
    assert seen["messages"][0]["verdict"] == "passed"
    assert (seen["phone"], seen["contact_name"]) == ("13800138000", "王女士")
    assert {one["action"] for one in seen["actions"]} == {"reply", "schedule", "close"}
    assert act(officer, made["id"], action="reply", text="通，DN200。").status_code == 200
    shown = mary.get(f"/me/enquiries/{made['id']}")
    assert (shown["state"], shown["phone"]) == ("answered", "138****8000")
    assert [(said["from"], said["name"]) for said in shown["messages"]] == [
        ("investor", None),
        ("staff", "officer（测试）"),
    ]
    mary.send("POST", f"/me/enquiries/{made['id']}/messages", {"text": "谢谢，想来看看。"})
    assert officer.get("/enquiries?state=waiting&mine=true")["items"][0]["id"] == made["id"]
    visit = "2026-12-01T09:30:00+08:00"
    assert act(officer, made["id"], action="schedule", scheduled_for=visit).status_code == 200
    assert mary.get(f"/me/enquiries/{made['id']}")["scheduled_for"] == visit
    assert act(officer, made["id"], action="close", text="已看地。").status_code == 200
    over = mary.get(f"/me/enquiries/{made['id']}")
    assert (over["state"], over["actions"]) == ("closed", [])
    refused = mary.ask("POST", f"/me/enquiries/{made['id']}/messages", json={"text": "还有"})
    assert problem(refused, 409, "illegal-enquiry-action")["legal"] == []
    place.errands().round()
    openid = place.wx.client.openid_of(place.code(str(mary.get("/me")["id"])))
    assert openid


def test_the_first_answer_is_due_at_the_end_of_a_working_day(place: Town) -> None:
    _, made = fresh(place)
    due = datetime.fromisoformat(made["first_response_due_at"]).astimezone(CHINA)
    last = datetime.fromtimestamp(due.timestamp() - 1, CHINA)
    assert (due.hour, due.minute) == (0, 0)
    assert is_working_day(last.date())
    days = place.execute("SELECT days FROM periods WHERE kind = 'enquiry_first_response'")
    today, between = datetime.now(CHINA).date(), 0
    while today < last.date():
        today = type(today).fromordinal(today.toordinal() + 1)
        between += is_working_day(today)
    assert between == days == 2


def test_a_county_may_answer_faster_than_the_rest(place: Town) -> None:
    _, before = fresh(place)
    place.execute(
        "INSERT INTO periods VALUES ('enquiry_first_response', '3305', '2026-01-01', 0, false, 't')"
        " RETURNING 1"
    )
    try:
        _, after = fresh(place)
    finally:
        place.execute("DELETE FROM periods WHERE region_code = '3305' RETURNING 1")
    assert after["first_response_due_at"] < before["first_response_due_at"]


def test_the_officer_of_the_town_comes_before_the_one_of_the_city(place: Town) -> None:
    region = place.execute(
        "SELECT region_code FROM parcels WHERE id = :id", id=form(place)["site_id"]
    )
    place.staff("officer")
    town = place.staff("town", (Role.OFFICER, region))
    other = place.staff("other-town", (Role.OFFICER, "330522"))
    _, made = fresh(place)
    assert made["officer_name"] == "town（测试）"
    assert town.get("/enquiries?mine=true")["items"][0]["id"] == made["id"]
    assert made["id"] not in [one["id"] for one in other.get("/enquiries")["items"]]
    problem(other.ask("GET", f"/enquiries/{made['id']}"), 404, "unknown-enquiry")
    problem(act(other, made["id"], action="reply", text="x"), 404, "unknown-enquiry")
    place.execute("UPDATE users SET disabled_at = now() WHERE username = 'town' RETURNING 1")
    _, next_one = fresh(place)
    assert next_one["officer_name"] == "officer（测试）"


def test_of_two_officers_the_less_busy_one_gets_it_also_in_a_crowd(place: Town) -> None:
    region = place.execute(
        "SELECT region_code FROM parcels WHERE id = :id", id=form(place)["site_id"]
    )
    for name in ("pair-a", "pair-b"):
        place.staff(name, (Role.OFFICER, region))
    callers = [asker(place, place.code("crowd")) for _ in range(RACERS)]
    gate = threading.Barrier(RACERS)

    def one(caller: Caller) -> str:
        gate.wait()
        return str(caller.send("POST", "/me/enquiries", form(place))["officer_name"])

    with ThreadPoolExecutor(RACERS) as crowd:
        given = list(crowd.map(one, callers))
    assert given.count("pair-a（测试）") == given.count("pair-b（测试）") == RACERS // 2
    place.execute("UPDATE users SET disabled_at = now() WHERE username LIKE 'pair-%' RETURNING 1")


def test_only_reviewers_and_leaders_give_it_to_another(place: Town) -> None:
    officer, (_, made) = place.staff("officer"), fresh(place)
    reviewer = place.staff("reviewer", (Role.REVIEWER, "3305"))
    town = place.staff("assignee", (Role.OFFICER, "330502"))
    number = town.get("/session")["user"]["id"]
    problem(act(officer, made["id"], action="assign", officer_id=number), 403, "out-of-region")
    shown = reviewer.get(f"/enquiries/{made['id']}")["officers"]
    assert {"id": number, "name": "assignee（测试）"} in shown
    nobody = act(reviewer, made["id"], action="assign", officer_id=999_999)
    problem(nobody, 422, "no-such-officer")
    assert act(reviewer, made["id"], action="assign", officer_id=number).status_code == 200
    assert town.get("/enquiries?mine=true")["items"][0]["id"] == made["id"]
    place.execute("UPDATE users SET disabled_at = now() WHERE username = 'assignee' RETURNING 1")


def test_who_only_watches_sees_no_phone_number_and_does_nothing(place: Town) -> None:
    place.staff("officer")
    viewer, (_, made) = place.staff("viewer", (Role.VIEWER, "3305")), fresh(place)
    seen = viewer.get(f"/enquiries/{made['id']}")
    assert (seen["phone"], seen["actions"]) == ("138****8000", [])
    problem(act(viewer, made["id"], action="reply", text="x"), 403, "staff-only")
    gis = place.staff("gis", (Role.GIS, "3305"))
    problem(gis.ask("GET", "/enquiries"), 403, "staff-only")


def test_nobody_reads_the_enquiries_of_another(place: Town) -> None:
    _, made = fresh(place)
    paul = asker(place, "paul")
    for method, path in (("GET", ""), ("POST", "/messages"), ("POST", "/cancel")):
        body = {"text": "x"} if path == "/messages" else None
        answer = paul.ask(method, f"/me/enquiries/{made['id']}{path}", json=body)
        problem(answer, 404, "unknown-enquiry")
    problem(paul.ask("GET", "/enquiries"), 401, "unauthenticated")


def test_nobody_answers_in_time_and_it_goes_up_step_by_step(place: Town) -> None:
    place.staff("officer")
    _, made = fresh(place)
    number = made["id"]
    late = "UPDATE enquiries SET escalate_at = now() - interval '1 minute',"
    late += " first_response_due_at = now() - interval '1 minute' WHERE id = :id RETURNING 1"
    for level, to in ((1, "reviewer"), (2, "leader"), (2, "leader")):
        if (
            level == 1
            or place.execute("SELECT escalation FROM enquiries WHERE id = :i", i=number) == 1
        ):
            place.execute(late, id=number)
        for _ in range(2):
            place.errands().round()
        seen = place.staff("officer").get(f"/enquiries/{number}")
        assert (seen["escalation"], seen["escalated_to"], seen["overdue"]) == (level, to, True)
    rows = "SELECT count(*) FROM audit WHERE action = 'enquiry.escalated' AND subject = :s"
    assert place.execute(rows, s=f"enquiries/{number}") == 2
    leader = place.staff("leader", (Role.LEADER, "3305"))
    assert number in [one["id"] for one in leader.get("/enquiries?overdue=true")["items"]]
    assert act(place.staff("officer"), number, action="reply", text="抱歉").status_code == 200
    assert leader.get(f"/enquiries/{number}")["overdue"] is False


def test_an_answered_enquiry_is_not_escalated(place: Town) -> None:
    officer, (_, made) = place.staff("officer"), fresh(place)
    assert act(officer, made["id"], action="reply", text="好").status_code == 200
    left = "SELECT escalate_at IS NULL FROM enquiries WHERE id = :id"
    assert place.execute(left, id=made["id"]) is True


def test_a_retried_enquiry_is_made_once_also_in_a_crowd(place: Town) -> None:
    mary, body = asker(place, "retry"), form(place)
    gate = threading.Barrier(RACERS)

    def send(_: int) -> Any:
        gate.wait()
        headers = {"Idempotency-Key": "one-and-the-same"}
        return mary.ask("POST", "/me/enquiries", json=body, headers=headers)

    with ThreadPoolExecutor(RACERS) as crowd:
        answers = list(crowd.map(send, range(RACERS)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    assert mary.get("/me/enquiries")["total"] == 1
    other = mary.ask(
        "POST",
        "/me/enquiries",
        json=form(place, message="另一个"),
        headers={"Idempotency-Key": "one-and-the-same"},
    )
    problem(other, 422, "idempotency-key-reused")


def test_control_without_a_key_each_retry_is_another_enquiry(place: Town) -> None:
    mary = asker(place, "no-key")
    for _ in range(3):
        mary.send("POST", "/me/enquiries", form(place))
    assert mary.get("/me/enquiries")["total"] == 3


def test_a_phone_number_may_come_by_wechat(place: Town) -> None:
    mary = asker(place, "by-code")
    body = form(place, phone=None, phone_code=place.code("13900139000"))
    made = mary.send("POST", "/me/enquiries", body)
    assert mary.get(f"/me/enquiries/{made['id']}")["phone"] == "139****9000"
    again = mary.send("POST", "/me/enquiries", form(place, phone=None))
    assert mary.get(f"/me/enquiries/{again['id']}")["phone"] == "139****9000"


@pytest.mark.parametrize("phone", ["110", "1380013800x", "+86", "１３８００１３８０００"])
def test_what_is_no_phone_number_is_refused(place: Town, phone: str) -> None:
    answer = asker(place).ask("POST", "/me/enquiries", json=form(place, phone=phone))
    assert problem(answer, 400, "invalid-parameter")["parameter"] == "phone"


def test_an_appointment_names_its_day(place: Town) -> None:
    mary = asker(place, "visitor")
    answer = mary.ask("POST", "/me/enquiries", json=form(place, kind="appointment"))
    assert problem(answer, 400, "invalid-parameter")["parameter"] == "visit_on"
    day = place.guest().get("/visit-days")["days"][-1]
    (site,) = place.sites(where="status = 'available'", most=1)
    body = form(place, kind="appointment", visit_on=day, site_id=site)
    made = mary.send("POST", "/me/enquiries", body)
    assert (made["visit_on"], made["kind_text"]) == (day, "预约看地")


def test_land_is_shown_on_working_days(place: Town) -> None:
    days = place.guest().get("/visit-days")["days"]
    assert len(days) == len(set(days)) == OFFERED
    assert all(is_working_day(date.fromisoformat(day)) for day in days)
    assert days[0] > today().isoformat()
    mary = asker(place, "weekend")
    (site,) = place.sites(where="status = 'available'", most=1)
    later = (date.fromisoformat(days[-1]) + timedelta(days=1)).isoformat()
    for wrong in (today().isoformat(), later):
        body = form(place, kind="appointment", visit_on=wrong, site_id=site)
        refused = mary.ask("POST", "/me/enquiries", json=body)
        assert problem(refused, 422, "no-visit-day")["days"] == days


def test_what_is_sold_is_asked_about_but_not_visited(place: Town) -> None:
    day = place.guest().get("/visit-days")["days"][0]
    (sold,) = place.sites(where="status = 'sold'", most=1)
    mary = asker(place, "late")
    body = form(place, kind="appointment", visit_on=day, site_id=sold)
    problem(mary.ask("POST", "/me/enquiries", json=body), 409, "no-visit")
    mary.send("POST", "/me/enquiries", form(place, site_id=sold))


def test_the_holidays_of_the_state_council_are_no_days_for_visits() -> None:
    """国庆 2026 is 1 to 7 October; 20 September and 10 October, at weekends, are worked."""
    offered = {day.isoformat() for day in visits.days(date(2026, 9, 18))}
    assert "2026-09-20" in offered
    assert "2026-10-01" not in offered
    assert "2026-10-10" in {day.isoformat() for day in visits.days(date(2026, 9, 30))}


def test_a_site_that_is_not_public_is_not_asked_about(place: Town) -> None:
    answer = asker(place).ask("POST", "/me/enquiries", json=form(place, site_id=1))
    problem(answer, 404, "unknown-feature")


def test_risky_words_are_refused_and_doubtful_ones_marked(place: Town) -> None:
    mary = asker(place, "words")
    refused = mary.ask("POST", "/me/enquiries", json=form(place, message="违禁内容"))
    problem(refused, 422, "risky-text")
    assert mary.get("/me/enquiries")["total"] == 0
    made = mary.send("POST", "/me/enquiries", form(place, message="疑似内容"))
    (said,) = place.staff("officer").get(f"/enquiries/{made['id']}")["messages"]
    assert said["verdict"] == "held"
    answer = mary.ask("POST", f"/me/enquiries/{made['id']}/messages", json={"text": "违禁"})
    problem(answer, 422, "risky-text")


def test_words_that_could_not_be_judged_are_judged_later(place: Town) -> None:
    mary = asker(place, "later")
    place.fake.scripts.append(Script(CHECK, times=3, status=500))
    made = mary.send("POST", "/me/enquiries", form(place, message="违禁内容"))
    officer = place.staff("officer")
    (said,) = officer.get(f"/enquiries/{made['id']}")["messages"]
    assert said["verdict"] == "unchecked"
    place.fake.scripts.clear()
    place.errands().round()
    (said,) = officer.get(f"/enquiries/{made['id']}")["messages"]
    assert (said["verdict"], said["text"]) == ("risky", "（内容未通过审核）")


def test_an_investor_takes_an_enquiry_back(place: Town) -> None:
    mary, made = fresh(place)
    mary.send("POST", f"/me/enquiries/{made['id']}/cancel")
    assert mary.get(f"/me/enquiries/{made['id']}")["state_text"] == "已撤回"
    answer = act(place.staff("officer"), made["id"], action="reply", text="x")
    problem(answer, 409, "illegal-enquiry-action")


def test_lists_of_staff_have_pages(place: Town) -> None:
    officer = place.staff("officer")
    for _ in range(3):
        fresh(place)
    first = officer.get("/enquiries?limit=2")
    second = officer.get(f"/enquiries?limit=2&cursor={first['next']}")
    ids = [one["id"] for one in first["items"] + second["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 4
    assert first["total"] == second["total"] >= 4


@pytest.mark.parametrize("query", ["state=open", "overdue=yes", "mine=1", "limit=0", "cursor=x"])
def test_questions_of_staff_that_mean_nothing_are_refused(place: Town, query: str) -> None:
    problem(place.staff("officer").ask("GET", f"/enquiries?{query}"), 400, "invalid-parameter")


@pytest.mark.parametrize("step", [{"action": "reply"}, {"action": "assign"}, {"action": "dance"}])
def test_steps_that_say_too_little_are_refused(place: Town, step: dict[str, str]) -> None:
    _, made = fresh(place)
    answer = place.staff("officer").ask("POST", f"/enquiries/{made['id']}/actions", json=step)
    problem(answer, 400, "invalid-parameter")
