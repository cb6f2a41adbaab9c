"""Accounts of the demonstration: one a role, and none where people depend on it."""

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from server import demo_users
from server.accounts import users
from server.accounts.principals import Role
from server.cli import main
from server.config import settings


def test_production_refuses_the_demo_and_its_accounts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KANDI_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KANDI_PRODUCTION", "1")
    settings.cache_clear()
    try:
        refused = CliRunner().invoke(main, ["demo", "load"])
    finally:
        settings.cache_clear()
    assert refused.exit_code == 1
    assert "KANDI_PRODUCTION=1" in refused.output
    with engine.connect() as connection:
        assert users.listed(connection) == []


def test_the_demo_has_an_account_a_role_and_says_so_once_more_without_harm(engine: Engine) -> None:
    said: list[str] = []
    demo_users.load(engine, said.append)
    demo_users.load(engine, said.append)
    with engine.connect() as connection:
        found = users.listed(connection)
    assert {one.grants[0].role for one in found} == set(Role)
    assert len(found) == len(Role)
    assert len(said) == 2
