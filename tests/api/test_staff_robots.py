"""Staff hear of enquiries from a group robot: until it arrives, and nothing of a person."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.accounts.principals import Role
from server.config import Settings
from tests.api.investors import Caller, Town, town
from tests.conftest import AppMaker
from tests.robots import BAD_KEY, KEY, Robot, listening

PERSONAL = ("13800138000", "王女士", "天然气")
HURRY = "UPDATE outbox SET next_at = now() WHERE done_at IS NULL"
ERROR = "SELECT error FROM outbox WHERE kind = 'enquiry-made' ORDER BY id DESC LIMIT 1"


@pytest.fixture
def robot() -> Iterator[tuple[Robot, str]]:
    with listening() as made:
        yield made


@pytest.fixture
def place(
    make_app: AppMaker, demo_copy_url: str, tmp_path: Path, robot: tuple[Robot, str]
) -> Iterator[Town]:
    told = {"staff_robots": f"330502={robot[1]}", "public_url": "https://land.example.gov.cn"}
    with town(make_app, demo_copy_url, tmp_path, **told) as made:
        yield made


def ask(place: Town, region: str = "330502") -> tuple[Caller, int]:
    """Somebody asks about a site; the number of the enquiry."""
    (site,) = place.sites(where=f"region_code LIKE '{region}%'", most=1)
    asker = place.log_in(place.code("someone"))
    asker.consent()
    form = {
        "layer": "parcels",
        "site_id": site,
        "message": "请问通天然气吗？",
        "contact_name": "王女士",
        "phone": "13800138000",
    }
    return asker, int(asker.send("POST", "/me/enquiries", form)["id"])


def test_a_new_enquiry_is_told_where_its_region_listens_and_nothing_of_a_person(
    place: Town, robot: tuple[Robot, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, number = ask(place)
    ask(place, "330503")
    place.errands().round()
    place.errands().round()
    (said,) = robot[0].heard
    assert said.startswith("【看地】新咨询 ZX20")
    assert f"https://land.example.gov.cn/console/enquiries/{number}" in said
    assert "所在：八里店镇" in said
    assert "内首次回复" in said
    assert not any(word in said for word in PERSONAL)
    assert KEY not in caplog.text
    assert place.execute(ERROR) == "nowhere to send"


def test_what_the_robot_did_not_take_is_told_again_until_it_does(
    place: Town, robot: tuple[Robot, str]
) -> None:
    ask(place)
    robot[0].next_answers = [(500, 0)] * 3 + [(200, 45009)]
    for left_undone in ("robot away", "robot is told too much", None):
        place.execute(HURRY)
        place.errands().round()
        assert place.execute(ERROR) == left_undone
    assert len(robot[0].heard) == 1


def test_a_robot_that_is_gone_is_given_up_and_nobody_waits(
    place: Town, robot: tuple[Robot, str]
) -> None:
    ask(place)
    robot[0].next_answers = [(200, BAD_KEY)]
    place.errands().round()
    assert place.execute(ERROR) == f"errcode {BAD_KEY}"
    assert place.execute("SELECT count(*) FROM outbox WHERE done_at IS NULL") == 0


def test_who_answers_late_is_told_and_the_next_one_too_once_a_step(
    place: Town, robot: tuple[Robot, str]
) -> None:
    _, number = ask(place)
    for _ in range(3):
        place.execute(
            "UPDATE enquiries SET escalate_at = now() - interval '1 minute'"
            " WHERE escalate_at IS NOT NULL"
        )
        place.errands().round()
        place.errands().round()
    late = [said for said in robot[0].heard if "咨询超时" in said]
    assert ["县局复核督办" in said for said in late] == [True, False]
    assert "领导小组督办" in late[1]
    officer = place.staff("officer", (Role.OFFICER, "3305"))
    officer.send("POST", f"/enquiries/{number}/actions", {"action": "reply", "text": "通。"})
    assert len(robot[0].heard) == 3


def test_an_enquiry_that_was_answered_before_is_not_told(
    place: Town, robot: tuple[Robot, str]
) -> None:
    _, number = ask(place)
    officer = place.staff("officer", (Role.OFFICER, "3305"))
    officer.send("POST", f"/enquiries/{number}/actions", {"action": "reply", "text": "通。"})
    place.errands().round()
    assert robot[0].heard == []


@pytest.mark.parametrize(
    "said",
    ["https://x.example/a", "33=http://x.example/a", "33=https://x.example", "浙=https://x/a"],
)
def test_an_address_that_is_none_is_refused_without_being_shown(said: str) -> None:
    with pytest.raises(ValueError, match="KANDI_STAFF_ROBOTS"):
        Settings(staff_robots=said)


def test_without_a_robot_nothing_is_sent() -> None:
    assert Settings().robot_addresses == {}
