"""Which addresses of a shared cache are taken, and what is said of the others."""

import importlib.util

import pytest
from click.testing import CliRunner

from server.cli import main
from server.config import Settings, settings

SEALED = [
    "",
    "redis://localhost",
    "redis://127.0.0.1:6379/2",
    "redis://:secret@[::1]:6379",
    "rediss://kandi:secret@cache.example:6380/0?ssl_ca_certs=/etc/ssl/own.pem",
    "unix:///run/redis/redis.sock?db=1",
    "unix://kandi:secret@/run/redis/redis.sock",
]
OPEN = ["redis://10.0.0.7", "redis://kandi:secret@cache.example:6379/0"]
NONE = [
    "localhost:6379",
    "http://localhost",
    "redis://",
    "redis:///0",
    "redis://cache:port",
    "redis://cache:99999",
    "redis://cache/kandi",
    "redis://cache/0?timeout=5",
    "redis://cache/0?db",
    "redis://cache/0#x",
    "unix://redis.sock",
    "redis://[::1",
]


@pytest.mark.parametrize("url", [*SEALED, *OPEN])
def test_an_address_is_taken(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


@pytest.mark.parametrize("url", NONE)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="应为 redis://"):
        Settings(redis_url=url)


@pytest.mark.parametrize("url", [*SEALED, *OPEN])
def test_production_goes_to_other_hosts_by_tls_only(url: str) -> None:
    here = "postgresql+psycopg2:///kandi"
    if url in OPEN:
        with pytest.raises(ValueError, match="rediss://"):
            Settings(redis_url=url, production=True, database_url=here)
    else:
        assert Settings(redis_url=url, production=True, database_url=here).redis_url == url


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "redis" else find(name)
    )
    assert Settings().redis_url == ""
    with pytest.raises(ValueError, match=r"kandi\[redis\]"):
        Settings(redis_url="redis://localhost")


def test_the_command_says_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANDI_REDIS_URL", "http://kandi:secret@cache.example")
    settings.cache_clear()
    try:
        refused = CliRunner().invoke(main, ["db", "current"])
    finally:
        settings.cache_clear()
    assert refused.exit_code == 1
    assert "KANDI_REDIS_URL：应为 redis://" in refused.output
    assert "secret" not in refused.output
    assert "Traceback" not in refused.output
