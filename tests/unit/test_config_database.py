"""Which addresses of a database production takes."""

import pytest
from click.testing import CliRunner

from server.cli import main
from server.config import Settings, settings
from server.config_database import UnsealedDatabase, require_sealed

OWN = [
    "postgresql+psycopg2://kandi@/kandi?host=/run/postgresql",
    "postgresql+psycopg2:///kandi",
    "postgresql+psycopg2://kandi:x@localhost/kandi",
    "postgresql+psycopg2://kandi:x@127.0.0.1:5433/kandi",
    "postgresql+psycopg2://kandi:x@[::1]/kandi",
    "postgresql+psycopg2://kandi:x@db.example/kandi?sslmode=verify-full",
    "postgresql+psycopg2://kandi:x@10.0.0.7/kandi?sslmode=require",
]
OPEN = [
    "postgresql+psycopg2://kandi:x@db.example/kandi",
    "postgresql+psycopg2://kandi:x@10.0.0.7/kandi?sslmode=prefer",
    "postgresql+psycopg2://kandi:x@10.0.0.7/kandi?sslmode=disable",
    "postgresql+psycopg2://kandi:x@/kandi?host=db.example",
    "postgresql+psycopg2://kandi:x@/kandi?host=/run/postgresql&host=db.example",
    "postgresql+psycopg2://kandi:x@/kandi?host=127.0.0.1,db.example",
    "postgresql+psycopg2://kandi:x@localhost/kandi?hostaddr=10.0.0.7",
]


@pytest.mark.parametrize("url", OWN)
def test_what_stays_here_or_is_sealed_is_taken(url: str) -> None:
    require_sealed(url)
    assert Settings(database_url=url, production=True).database_url == url


@pytest.mark.parametrize("url", OPEN)
def test_what_goes_over_a_network_in_the_clear_is_refused_in_production(url: str) -> None:
    with pytest.raises(UnsealedDatabase):
        require_sealed(url)
    with pytest.raises(ValueError, match="sslmode=verify-full"):
        Settings(database_url=url, production=True)
    assert Settings(database_url=url, production=False).database_url == url


def test_the_command_says_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANDI_DATABASE_URL", OPEN[0])
    monkeypatch.setenv("KANDI_PRODUCTION", "1")
    settings.cache_clear()
    try:
        refused = CliRunner().invoke(main, ["serve"])
    finally:
        settings.cache_clear()
    assert refused.exit_code == 1
    assert "数据库在另一台主机上" in refused.output
    assert "kandi:x" not in refused.output
    assert "Traceback" not in refused.output


def test_other_settings_that_make_no_sense_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANDI_SESSION_HOURS", "1000")
    settings.cache_clear()
    try:
        refused = CliRunner().invoke(main, ["user", "list"])
    finally:
        settings.cache_clear()
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: KANDI_SESSION_HOURS：")
