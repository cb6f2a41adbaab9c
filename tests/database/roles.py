"""Database roles in a test: the application's own, which owns nothing, made by a superuser."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

_SUPERUSER = "postgres"
_MAY = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


def superuser_of(url: str) -> Engine:
    """An engine that may make roles: of the URL's own user, or of the cluster's superuser.

    Skips the test where neither may.
    """
    for user in (make_url(url).username, _SUPERUSER):
        engine = create_engine(make_url(url).set(username=user), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                if connection.execute(text(_MAY)).scalar_one():
                    return engine
        except DBAPIError:
            continue
    pytest.skip("nobody that the tests may be can make roles")


@contextmanager
def login_role(url: str, name: str) -> Iterator[str]:
    """URL of a role that may log in and owns nothing, for as long as the block lasts."""
    superuser = superuser_of(url)
    with superuser.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
    try:
        yield make_url(url).set(username=name).render_as_string(hide_password=False)
    finally:
        with superuser.connect() as connection:
            connection.execute(text(f"DROP OWNED BY {name}"))
            connection.execute(text(f"DROP ROLE {name}"))
        superuser.dispose()
