"""Personal data is sealed for one purpose, found by its digest, and survives a change of keys."""

import base64
from pathlib import Path

import pytest

from server.config import Settings
from server.sealing import Key, KeysMissing, Purpose, Sealer, Unreadable, sealer

OLD, NEW = Key("a", b"a" * 32), Key("b", b"b" * 32)
PHONE = "13800138000"


def test_a_sealed_text_opens_and_shows_nothing() -> None:
    sealed = Sealer([OLD]).seal(Purpose.PHONE, PHONE)
    assert PHONE.encode() not in sealed
    assert Sealer([OLD]).open(Purpose.PHONE, sealed) == PHONE
    assert sealed != Sealer([OLD]).seal(Purpose.PHONE, PHONE), "equal texts do not look equal"


def test_a_sealed_text_opens_for_its_purpose_only() -> None:
    sealed = Sealer([OLD]).seal(Purpose.PHONE, PHONE)
    with pytest.raises(Unreadable):
        Sealer([OLD]).open(Purpose.OPENID, sealed)


@pytest.mark.parametrize("place", [0, 2, 14, -1])
def test_a_damaged_text_does_not_open(place: int) -> None:
    sealed = bytearray(Sealer([OLD]).seal(Purpose.PHONE, PHONE))
    sealed[place] ^= 1
    with pytest.raises(Unreadable):
        Sealer([OLD]).open(Purpose.PHONE, bytes(sealed))


def test_after_a_change_of_keys_the_old_one_still_opens_and_the_new_one_seals() -> None:
    before, after = Sealer([OLD]), Sealer([NEW, OLD])
    sealed = before.seal(Purpose.PHONE, PHONE)
    assert after.open(Purpose.PHONE, sealed) == PHONE
    assert not after.is_current(sealed)
    assert after.is_current(after.seal(Purpose.PHONE, PHONE))
    assert before.digest(Purpose.PHONE, PHONE) in after.digests(Purpose.PHONE, PHONE)
    with pytest.raises(Unreadable):
        Sealer([NEW]).open(Purpose.PHONE, sealed)


def test_digests_differ_by_key_and_by_purpose() -> None:
    found = {
        Sealer([key]).digest(purpose, PHONE)
        for key in (OLD, NEW)
        for purpose in (Purpose.PHONE, Purpose.OPENID)
    }
    assert len(found) == 4


def test_keys_are_read_from_the_setting() -> None:
    text = ",".join(f"{key.id}:{base64.b64encode(key.secret).decode()}" for key in (NEW, OLD))
    made = sealer(Settings(privacy_keys=text))
    assert [key.id for key in made.keys] == ["b", "a"]
    assert made.keys[0].secret == NEW.secret


@pytest.mark.parametrize("text", ["", "a", "a:", "a:c2hvcnQ=", "a:***", ":" + "A" * 43 + "="])
def test_keys_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(KeysMissing):
        sealer(Settings(privacy_keys=text))


def test_production_makes_no_key_by_itself(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing):
        sealer(Settings(production=True, data_dir=tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_machine_keeps_the_key_it_made(tmp_path: Path) -> None:
    first = sealer(Settings(data_dir=tmp_path))
    again = sealer(Settings(data_dir=tmp_path))
    assert again.open(Purpose.PHONE, first.seal(Purpose.PHONE, PHONE)) == PHONE
    assert (tmp_path / "privacy.key").stat().st_mode & 0o077 == 0


def test_keys_do_not_show_themselves() -> None:
    assert "aaaa" not in repr(Sealer([OLD])) + repr(OLD)
