"""Secrets of one-time codes of before they were sealed, and codes taken back at the keyboard."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from server import migrate
from server.accounts import users
from server.cli import main
from server.config import Settings, settings
from server.people import privacy
from server.sealing import KeysMissing, Purpose, sealer

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEY = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEXT = "k2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
READ = text("SELECT totp_secret FROM users")


@pytest.fixture
def of_before(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database of the revision before, with a secret that anybody can read."""
    monkeypatch.setenv("KANDI_PRIVACY_KEYS", KEY)
    monkeypatch.setenv("KANDI_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    settings.cache_clear()
    with engine.begin() as connection:
        users.add(connection, "tests", "qian", "钱", "right horse battery")
    migrate.downgrade(engine, "kandi", "0017")
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET totp_secret = :s"), {"s": SECRET})
    yield engine
    settings.cache_clear()


def stored(engine: Engine) -> bytes | str:
    with engine.connect() as connection:
        found: bytes | memoryview | str = connection.execute(READ).scalar_one()
    return found if isinstance(found, str) else bytes(found)


def test_an_upgrade_seals_what_is_there_and_the_way_back_opens_it(of_before: Engine) -> None:
    migrate.upgrade(of_before, "kandi")
    sealed = stored(of_before)
    assert isinstance(sealed, bytes)
    assert SECRET.encode() not in sealed
    assert sealer(settings()).open(Purpose.TOTP, sealed) == SECRET
    migrate.downgrade(of_before, "kandi", "0017")
    assert stored(of_before) == SECRET


def test_without_a_key_the_upgrade_says_so_and_changes_nothing(
    of_before: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KANDI_PRIVACY_KEYS")
    monkeypatch.setenv("KANDI_PRODUCTION", "1")
    settings.cache_clear()
    with pytest.raises(KeysMissing):
        migrate.upgrade(of_before, "kandi")
    assert stored(of_before) == SECRET
    refused = CliRunner().invoke(main, ["db", "upgrade"])
    assert (refused.exit_code, "KANDI_PRIVACY_KEYS" in refused.output) == (1, True)


def test_a_change_of_keys_seals_codes_anew(of_before: Engine) -> None:
    migrate.upgrade(of_before, "kandi")
    both = sealer(Settings(privacy_keys=f"{NEXT},{KEY}"))
    with of_before.begin() as connection:
        assert privacy.rekey(connection, both) == 1
    sealed = stored(of_before)
    assert isinstance(sealed, bytes)
    assert sealer(Settings(privacy_keys=NEXT)).open(Purpose.TOTP, sealed) == SECRET


def test_codes_are_taken_back_at_the_keyboard_when_the_phone_or_the_key_is_lost(
    of_before: Engine,
) -> None:
    migrate.upgrade(of_before, "kandi")
    done = CliRunner().invoke(main, ["user", "reset-codes", "qian"])
    assert done.exit_code == 0, done.output
    with of_before.connect() as connection:
        assert not users.named(connection, "qian").has_totp
