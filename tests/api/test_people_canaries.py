"""Nothing personal and no secret leaves by logs, errors, audit, public answers or exports."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from gis.layers import LAYERS
from server.people import privacy
from server.sealing import Key, Sealer
from server.wechat.fake_answers import Script
from tests.api.answers import problem
from tests.api.investors import KEYS, Caller, Town
from tests.unit.files import pictures
from tests.wechat import SECRET

PHONE, TYPED = "13911112222", "13733334444"
NAME, WORDS = "金丝雀女士", "金丝雀的话"


class Remembered(logging.Handler):
    """Keeps every line that any part of the process logs, as an operator would read it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture(scope="module")
def log() -> Iterator[Remembered]:
    handler, root = Remembered(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


@dataclass
class Nest:
    """Where canaries were planted, which they are, and the one that the owner may see."""

    place: Town
    mary: Caller
    log: "Remembered"
    openid: str
    session_keys: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> list[str]:
        """Everything that must not be found."""
        token, openid = self.mary.token, self.openid
        keys = [KEYS.partition(":")[2], SECRET, *self.session_keys]
        access = [str(self.place.fake.token)]
        return [PHONE, TYPED, NAME, WORDS, openid, token, token[9:], *keys, *access]

    def found_in(self, haystack: str) -> list[str]:
        """The canaries that sing there."""
        return [secret for secret in self.secrets if secret in haystack]


@pytest.fixture(scope="module")
def nest(place: Town, log: Remembered) -> Nest:
    """Everything an investor can do was done, well and badly."""
    original = place.fake._session
    session_keys: list[str] = []

    def remembered(query: Any) -> Any:
        found = original(query)
        session_keys.append(found["session_key"])
        return found

    place.fake._session = remembered  # type: ignore[method-assign]
    mary = place.log_in("canary")
    place.fake._session = original  # type: ignore[method-assign]
    mary.consent()
    (site,) = place.sites(most=1)
    asked = {
        "layer": "parcels",
        "site_id": site,
        "message": WORDS,
        "contact_name": NAME,
        "phone_code": place.code(PHONE),
    }
    made = mary.send("POST", "/me/enquiries", asked, **{"Idempotency-Key": "canary-1"})
    mary.send("POST", "/me/enquiries", asked | {"phone": TYPED, "phone_code": None})
    mary.send("POST", f"/me/enquiries/{made['id']}/messages", {"text": WORDS})
    mary.send("POST", "/me/searches", {"name": "地", "path": "/parcels?status=available"})
    officer = place.staff("officer")
    officer.send("POST", f"/enquiries/{made['id']}/actions", {"action": "reply", "text": WORDS})
    place.errands().round()
    _go_wrong(place, mary, asked)
    openid = place.wx.client.openid_of(place.code("canary"))
    return Nest(place, mary, log, openid, session_keys)


def _go_wrong(place: Town, mary: Caller, asked: dict[str, Any]) -> None:
    bad = asked | {"phone": f"{TYPED}x", "phone_code": None}
    problem(mary.ask("POST", "/me/enquiries", json=bad), 400)
    problem(mary.ask("POST", "/me/enquiries", json=asked | {"site_id": 1, "phone_code": None}), 404)
    problem(mary.ask("POST", "/me/enquiries", json={"nonsense": NAME}), 400)
    place.fake.scripts += [
        Script("/wxa/business/getuserphonenumber", times=3, status=500),
        Script("/sns/jscode2session", errcode=40029),
        Script("/wxa/msg_sec_check", times=3, errcode=-1),
    ]
    problem(mary.ask("POST", "/me/phone", json={"code": place.code(PHONE)}), 503)
    client = place.app.test_client()
    problem(client.post("/api/v1/session/wechat", json={"code": place.code("canary")}), 422)
    mary.send("POST", "/me/enquiries", asked | {"phone": TYPED, "phone_code": None})
    place.fake.scripts.clear()


def test_logs_hold_nothing_personal(nest: Nest) -> None:
    assert nest.session_keys
    assert "wechat" in nest.log.text, "the search sees"
    assert nest.found_in(nest.log.text) == []


def test_the_search_would_see(nest: Nest) -> None:
    seen = logging.LogRecord("control", logging.INFO, "x", 1, "%s", (PHONE,), None)
    assert nest.found_in(nest.log.format(seen)) == [PHONE]


def test_tables_hold_nothing_personal_in_the_clear(nest: Nest) -> None:
    """Audit, outbox, kept answers of retries, enquiries: every table there is."""
    with nest.place.engine.connect() as connection:
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'kandi'"
        tables = list(connection.execute(text(names)).scalars())
        singing = {}
        for table in tables:
            dump = f"SELECT coalesce(string_agg(t::text, ' '), '') FROM kandi.{table} t"
            found = connection.execute(text(dump)).scalar_one()
            hexed = [s for s in nest.secrets if s.encode().hex() in found]
            if nest.found_in(found) or hexed:
                singing[table] = nest.found_in(found) + hexed
    assert len(tables) > 40
    assert singing == {}


def test_public_answers_and_exports_hold_nothing_personal(nest: Nest) -> None:
    client = nest.place.app.test_client()
    gis = nest.place.staff("officer")
    haystack = [client.get("/api/v1/openapi.json").text, client.get("/api/v1/layers").text]
    for layer in LAYERS:
        haystack.append(client.get(f"/api/v1/{layer.name}?limit=500").text)
        haystack.append(gis.ask("GET", f"/{layer.name}?limit=500&crs=cgcs2000").text)
        haystack.append(client.get(f"/tiles/{layer.name}/10/853/420.mvt").data.decode("latin-1"))
        haystack.append(gis.ask("GET", f"/exports/{layer.name}?format=geojson", buffered=True).text)
    haystack.append(gis.ask("GET", "/audit").text)
    assert len("".join(haystack)) > 100_000
    assert nest.found_in("".join(haystack)) == []


def test_only_owner_and_officer_hear_the_canary(nest: Nest) -> None:
    mine = nest.mary.ask("GET", "/me").text
    assert {PHONE, NAME, WORDS} <= set(nest.found_in(mine))
    desk = nest.place.staff("officer").ask("GET", "/enquiries").text
    assert set(nest.found_in(desk)) == {PHONE, TYPED, NAME}


def test_photos_of_the_public_hold_no_position(nest: Nest) -> None:
    officer, (site,) = nest.place.staff("officer"), nest.place.sites(most=1)
    parts = {"title": "x", "kind": "photo", "file": (io.BytesIO(pictures.photo()), "x.jpg")}
    made = officer.ask("POST", f"/parcels/{site}/attachments", data=parts).get_json()
    assert made["longitude"] == pictures.LONGITUDE
    listed = nest.place.guest().ask("GET", f"/parcels/{site}/attachments").text
    assert str(pictures.LONGITUDE) not in listed


def test_after_a_change_of_keys_all_is_sealed_with_the_new_one(nest: Nest) -> None:
    first = nest.place.app.extensions["kandi.people"].sealer.keys[0]
    second = Key("k2", b"2" * 32)
    with nest.place.engine.connect() as connection:
        assert privacy.rekey(connection, Sealer([second, first])) > 5
        assert privacy.rekey(connection, Sealer([second, first])) == 0
        sealed = "SELECT count(*) FROM investors WHERE phone IS NOT NULL AND phone LIKE 'k1%'"
        assert connection.execute(text(sealed)).scalar_one() == 0
        connection.rollback()


def test_what_was_kept_long_enough_is_forgotten(nest: Nest) -> None:
    nest.place.guest()
    place, number = nest.place, nest.mary.get("/me/enquiries")["items"][0]["id"]
    nest.mary.send("POST", f"/me/enquiries/{number}/cancel")
    with place.engine.begin() as connection:
        assert privacy.purge(connection).enquiries == 0
        old = "UPDATE enquiries SET closed_at = now() - interval '366 days' WHERE id = :id"
        connection.execute(text(old), {"id": number})
        connection.execute(text("UPDATE investors SET created_at = now() - interval '2 years'"))
        connection.execute(text("UPDATE investor_sessions SET expires_at = created_at"))
        purged = privacy.purge(connection)
    assert purged.enquiries == 1
    assert purged.investors >= 1
    assert purged.sessions >= 1
    left = "SELECT num_nulls(investor_id, contact_name, phone) FROM enquiries WHERE id = :id"
    assert place.execute(left, id=number) == 3
