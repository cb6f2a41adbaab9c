"""What an investor keeps is theirs: consent, phone, favourites, all of it, none of it."""

import pytest

from tests.api.answers import problem
from tests.api.investors import Town

PHONE = "/wxa/business/getuserphonenumber"


def test_a_kept_site_is_shown_as_the_public_sees_it(place: Town) -> None:
    guest, (site, other) = place.guest(), place.sites(most=2)
    for _ in range(2):
        guest.send("PUT", f"/me/favourites/parcels/{site}")
    (kept,) = guest.get("/me/favourites")["items"]
    shown = guest.get(f"/parcels/{site}")["properties"]
    for name in ("code", "name", "status", "status_text", "area_mu"):
        assert kept[name] == shown[name]
    assert kept["gone"] is False
    guest.send("PUT", f"/me/favourites/parcels/{other}")
    assert [one["id"] for one in guest.get("/me/favourites")["items"]] == [other, site]
    guest.send("DELETE", f"/me/favourites/parcels/{site}")
    assert [one["id"] for one in guest.get("/me/favourites")["items"]] == [other]


def test_a_site_that_left_the_public_is_shown_as_gone(place: Town) -> None:
    guest, (site,) = place.guest(), place.sites("plants", most=1)
    guest.send("PUT", f"/me/favourites/plants/{site}")
    name = guest.get(f"/plants/{site}")["properties"]["name"]
    place.execute("DELETE FROM plants_public WHERE id = :id RETURNING 1", id=site)
    (kept,) = guest.get("/me/favourites")["items"]
    assert (kept["gone"], kept["status"], kept["name"]) == (True, None, name)
    problem(guest.ask("PUT", f"/me/favourites/plants/{site}"), 404, "unknown-feature")


def test_what_is_no_site_is_not_kept(place: Town) -> None:
    guest = place.guest()
    problem(guest.ask("PUT", "/me/favourites/parcels/1"), 404, "unknown-feature")
    problem(guest.ask("PUT", "/me/favourites/facilities/1"), 404, "unknown-layer")


def test_nobody_keeps_more_than_500(place: Town) -> None:
    guest = place.guest()
    place.execute(
        "INSERT INTO favourites (investor_id, layer, site_id, code, name)"
        " SELECT :id, 'parcels', n, 'x', 'x' FROM generate_series(1, 500) n RETURNING 1",
        id=guest.get("/me")["id"],
    )
    (site,) = place.sites(most=1)
    problem(guest.ask("PUT", f"/me/favourites/parcels/{site}"), 409, "quota-reached")


def test_consent_is_to_the_notice_in_force(place: Town) -> None:
    guest = place.guest()
    assert guest.get("/me")["consented"] is False
    refused = problem(
        guest.ask("POST", "/me/consent", json={"version": "2020-01"}), 409, "notice-changed"
    )
    assert refused["version"] == guest.get("/privacy-notice")["version"]
    guest.consent()
    guest.consent()
    found = guest.get("/me")
    assert found["consented"] is True
    assert len(found["consents"]) == 1


def test_a_phone_number_needs_consent_and_comes_once(place: Town) -> None:
    mary, body = place.log_in("mary"), {"code": place.code("13800138000")}
    before = place.fake.calls[PHONE]
    problem(mary.ask("POST", "/me/phone", json=body), 403, "consent-required")
    assert place.fake.calls[PHONE] == before, "WeChat charges for numbers"
    mary.consent()
    assert mary.send("POST", "/me/phone", body) == {"phone": "138****8000"}
    assert mary.send("POST", "/me/phone", body) == {"phone": "138****8000"}
    assert place.fake.calls[PHONE] == before + 1
    assert mary.get("/me")["phone"] == "13800138000"


def test_the_code_of_one_investor_is_worth_nothing_to_another(place: Town) -> None:
    body = {"code": place.code("13700137000")}
    mary, paul = place.log_in("mary"), place.log_in("paul")
    for one in (mary, paul):
        one.consent()
    mary.send("POST", "/me/phone", body)
    problem(paul.ask("POST", "/me/phone", json=body), 422, "wechat-code")
    assert paul.get("/me")["phone"] is None


def test_all_of_it_is_told_to_its_owner_alone(place: Town) -> None:
    mary, paul, (site,) = place.log_in("mary-a"), place.log_in("paul-a"), place.sites(most=1)
    mary.send("PUT", f"/me/favourites/parcels/{site}")
    mary.send("POST", "/me/searches", {"name": "地", "path": "/parcels?status=available"})
    mary.send("POST", "/me/subscriptions", {"kind": "match"})
    found, other = mary.get("/me"), paul.get("/me")
    assert found["openid"] == place.wx.client.openid_of("mary-a-again")
    assert len(found["favourites"]) == len(found["searches"]) == 1
    assert found["subscriptions"] == [{"kind": "match", "used_up": False}]
    assert not other["favourites"]
    assert not other["searches"]


def test_who_leaves_is_forgotten_but_for_statistics(place: Town) -> None:
    mary, (site,) = place.log_in("mary-gone"), place.sites(most=1)
    mary.consent()
    mary.send("PUT", f"/me/favourites/parcels/{site}")
    mary.send("POST", "/me/searches", {"name": "地", "path": "/parcels?status=available"})
    asked = {
        "layer": "parcels",
        "site_id": site,
        "message": "想买这块地",
        "contact_name": "王女士",
        "phone": "13600136000",
    }
    key = {"Idempotency-Key": "gone-1"}
    made = mary.send("POST", "/me/enquiries", asked, **key)
    number, who = made["id"], mary.get("/me")["id"]
    mary.send("DELETE", "/me")
    problem(mary.ask("GET", "/me"), 401, "unauthenticated")
    left = place.execute(
        "SELECT num_nulls(investor_id, contact_name, phone, phone_digest) || state || site_code"
        " FROM enquiries WHERE id = :id",
        id=number,
    )
    assert left == f"4cancelled{made['site_code']}"
    for table in ("favourites", "searches", "consents", "investor_sessions", "wechat_codes"):
        rows = f"SELECT count(*) FROM {table} WHERE investor_id = :id"
        assert place.execute(rows, id=who) == 0, table
    words = "SELECT count(*) FROM enquiry_messages WHERE enquiry_id = :id AND body IS NOT NULL"
    assert place.execute(words, id=number) == 0
    kept = "SELECT count(*) FROM idempotency_keys WHERE actor = :who"
    assert place.execute(kept, who=f"investor:{who}") == 0
    shown = place.staff().get(f"/enquiries/{number}")
    assert (shown["contact_name"], shown["phone"]) == (None, None)
    assert shown["messages"][0]["text"] is None
    assert place.log_in("mary-gone").get("/me")["id"] != who, "the same person is a new investor"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/me/consent", {}),
        ("POST", "/me/consent", {"version": 7}),
        ("POST", "/me/subscriptions", {"kind": "advertising"}),
        ("POST", "/me/phone", {"code": "地"}),
        ("POST", "/me/searches", {"name": "x"}),
        ("POST", "/me/enquiries", {"layer": "parcels", "site_id": -1}),
        ("POST", "/shares", {"path": 1}),
    ],
)
def test_bodies_that_mean_nothing_are_refused(
    place: Town, method: str, path: str, body: dict[str, object]
) -> None:
    guest = place.guest()
    guest.consent()
    problem(guest.ask(method, path, json=body), 400, "invalid-parameter")
