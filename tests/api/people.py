"""Staff in a test: users with roles in regions, logged in without a password."""

from collections.abc import Sequence
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from server.accounts import sessions, users
from server.accounts.principals import Grant, Role
from server.accounts.sessions import Limits
from server.accounts.tables import users as users_table
from server.request import engine_of

LIMITS = Limits(timedelta(hours=1), timedelta(hours=12), timedelta(days=7))
OFFICER = ((Role.OFFICER, "3305"),)


def signed_in(
    asked: Flask | FlaskClient,
    username: str = "officer",
    grants: Sequence[tuple[Role, str]] = OFFICER,
) -> dict[str, str]:
    """Headers of a user with exactly these grants, whom it makes in the application's database."""
    app = asked.application if isinstance(asked, FlaskClient) else asked
    with engine_of(app).execution_options(isolation_level="READ COMMITTED").begin() as connection:
        user_id = a_user(connection, username)
        granted = [Grant(role, region) for role, region in grants]
        if list(users.of(connection, user_id).grants) != granted:
            users.grant(connection, "tests", user_id, granted)
        token = sessions.begin(connection, user_id, LIMITS)
    return {"Authorization": f"Bearer {token}"}


def an_own_password(connection: Connection, username: str, password: str, grant: Grant) -> int:
    """The number of a new user who has a password that they chose themselves, and one grant."""
    user_id = users.add(connection, "tests", username, username, password)
    users.settle_password(connection, user_id)
    users.grant(connection, "tests", user_id, [grant])
    return user_id


def a_user(connection: Connection, username: str) -> int:
    """The number of the user of that name, made if missing, whom no password lets in."""
    made = insert(users_table).values(
        username=username, name=f"{username}（测试）", password_hash="-"
    )
    connection.execute(made.on_conflict_do_nothing(index_elements=["username"]))
    return users.named(connection, username).id
