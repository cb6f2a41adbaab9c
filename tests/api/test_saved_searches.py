"""Saved searches: what they find later is new once, and told of once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gis.layers import layer_named
from gis.publish import publish
from server.people import searches
from server.wechat.fake_answers import Script
from tests.api.answers import problem
from tests.api.investors import Caller, Town

SEND = "/cgi-bin/message/subscribe/send"
PLANNED = "status = 'planned' AND area_m2 > 10000"
WISH = {"name": "可供的大地块", "path": "/parcels?status=available&area_m2_min=10000"}


def offer(place: Town) -> int:
    """Make a planned parcel available; its number."""
    (site,) = place.sites(where=PLANNED, most=1)
    with place.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE parcels SET status = 'available' WHERE id = {site}")
        publish(connection, layer_named("parcels"), 6)
    return site


def new_matches(one: Caller) -> list[int]:
    return [found["new_matches"] for found in one.get("/me/searches")["items"]]


def sent_to(place: Town, person: str) -> list[dict[str, dict[str, str]]]:
    openid = place.wx.client.openid_of(place.code(person))
    return [message["data"] for message in place.fake.sent if message["touser"] == openid]


def test_what_is_there_already_is_not_new_and_what_comes_is_new_once(place: Town) -> None:
    ann = place.log_in("ann")
    saved = ann.send("POST", "/me/searches", WISH)
    assert saved["new_matches"] == 0
    site = offer(place)
    for _ in range(3):
        place.errands().round()
    assert new_matches(ann) == [1]
    found = ann.get(f"/me/searches/{saved['id']}/matches")["items"]
    assert found == [{"layer": "parcels", "id": site}]
    (told,) = sent_to(place, "ann")
    assert told["thing1"] == {"value": WISH["name"]}
    assert told["number2"] == {"value": "1"}
    ann.send("POST", f"/me/searches/{saved['id']}/seen")
    assert new_matches(ann) == [0]
    hide = "UPDATE parcels SET status = 'undisclosed' WHERE id = :id RETURNING 1"
    show = "UPDATE parcels SET status = 'available' WHERE id = :id RETURNING 1"
    for change in (hide, show):
        place.execute(change, id=site)
        with place.engine.begin() as connection:
            publish(connection, layer_named("parcels"), 6)
        place.errands().round()
    assert new_matches(ann) == [0], "who comes back is no news"
    assert len(sent_to(place, "ann")) == 1


def test_criteria_of_siting_are_a_search_like_any_other(place: Town) -> None:
    bea = place.log_in("bea")
    body = {"name": "选址", "path": {"must": {"status": "available", "area_mu_min": 15}}}
    saved = bea.send("POST", "/me/searches", body)
    assert saved["path"].startswith("/siting?")
    assert "area_mu_min=15" in saved["path"]
    offer(place)
    place.errands().round()
    assert new_matches(bea) == [1]
    (told,) = sent_to(place, "bea")
    assert told["thing1"] == {"value": "选址"}


def test_nobody_is_told_who_does_not_want_to_be(place: Town) -> None:
    cleo, guest = place.log_in("cleo"), place.guest()
    cleo.send("POST", "/me/searches", WISH | {"notify": False})
    guest.send("POST", "/me/searches", WISH)
    offer(place)
    place.errands().round()
    assert new_matches(cleo) == new_matches(guest) == [1]
    assert sent_to(place, "cleo") == []


def test_an_allowance_that_is_used_up_is_remembered_until_the_next(place: Town) -> None:
    dora = place.log_in("dora")
    dora.send("POST", "/me/searches", WISH)
    place.errands().round()
    place.fake.scripts.append(Script(SEND, errcode=43101))
    offer(place)
    place.execute("UPDATE searches SET notify = (name = 'dora') RETURNING 1")
    place.execute(
        "UPDATE searches SET notify = true WHERE investor_id = :id RETURNING 1",
        id=dora.get("/me")["id"],
    )
    place.errands().round()
    assert dora.get("/me")["subscriptions"] == [{"kind": "match", "used_up": True}]
    before = place.fake.calls[SEND]
    offer(place)
    place.errands().round()
    assert place.fake.calls[SEND] == before, "WeChat is not asked in vain"
    dora.send("POST", "/me/subscriptions", {"kind": "match"})
    offer(place)
    place.errands().round()
    assert len(sent_to(place, "dora")) == 1


def test_workers_at_once_tell_of_a_match_once(place: Town) -> None:
    eve = place.log_in("eve")
    eve.send("POST", "/me/searches", WISH)
    offer(place)
    gate = threading.Barrier(4)

    def work(_: int) -> None:
        errands = place.errands()
        gate.wait()
        errands.round()

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(work, range(4)))
    assert new_matches(eve) == [1]
    assert len(sent_to(place, "eve")) == 1


def test_control_without_the_held_row_workers_tell_twice(place: Town) -> None:
    """The naive way: read what is known, find, tell, store. It must fail."""
    fay = place.log_in("fay")
    number = fay.send("POST", "/me/searches", WISH)["id"]
    site = offer(place)
    gate, told = threading.Barrier(2), []

    def naive(_: int) -> None:
        known = "SELECT count(*) FROM search_matches WHERE search_id = :s AND site_id = :i"
        fresh = place.execute(known, s=number, i=site) == 0
        gate.wait()
        if fresh:
            told.append(site)

    with ThreadPoolExecutor(2) as crowd:
        list(crowd.map(naive, range(2)))
    assert len(told) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/parcels?nonsense=1",
        "/parcels?area_mu_min=x",
        "/imports",
        "//evil.example/parcels",
        "https://evil.example/parcels",
        "/parcels?status=available#x",
        "/parcels?%00=1",
    ],
)
def test_paths_that_ask_nothing_are_refused(place: Town, path: str) -> None:
    answer = place.guest().ask("POST", "/me/searches", json={"name": "x", "path": path})
    problem(answer, 400)


def test_criteria_that_mean_nothing_are_refused_as_siting_refuses_them(place: Town) -> None:
    body = {"name": "x", "path": "/siting?area_mu_min=x"}
    answer = place.guest().ask("POST", "/me/searches", json=body)
    problem(answer, 422, "invalid-criteria")


def test_a_search_belongs_to_who_saved_it(place: Town) -> None:
    number = place.guest().send("POST", "/me/searches", WISH)["id"]
    other = place.guest()
    for method, path in (("DELETE", ""), ("GET", "/matches"), ("POST", "/seen")):
        answer = other.ask(method, f"/me/searches/{number}{path}")
        problem(answer, 404, "unknown-search")


def test_a_search_that_an_older_version_understood_holds_up_no_other(place: Town) -> None:
    gil = place.log_in("gil")
    broken = place.guest().send("POST", "/me/searches", WISH)["id"]
    place.execute("UPDATE searches SET path = '/gone?x=1' WHERE id = :id RETURNING 1", id=broken)
    gil.send("POST", "/me/searches", WISH)
    offer(place)
    place.errands().round()
    assert new_matches(gil) == [1]


def test_nothing_is_evaluated_while_the_data_stays(place: Town) -> None:
    errands = place.errands()
    errands.round()
    with place.engine.connect() as connection:
        due = searches.due(connection, errands.stamps(connection), 0, 10)
    broken = "SELECT count(*) FROM searches WHERE path LIKE '/gone%'"
    assert len(due) <= place.execute(broken)
