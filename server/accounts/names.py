"""Names of actors: whom audit and history mean, as a person reads it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from server.accounts.tables import users

_KINDS = {"cli": "命令行", "investor": "投资人", "tests": "测试"}


def names(connection: Connection, actors: Iterable[str]) -> Mapping[str, str]:
    """The name of each actor."""
    wanted = set(actors)
    usernames = {actor.removeprefix("user:") for actor in wanted if actor.startswith("user:")}
    row = users.c
    known = connection.execute(
        select(row.username, row.name).where(row.username.in_(sorted(usernames)))
    )
    found = {f"user:{one.username}": one.name for one in known}
    return {actor: found.get(actor) or _name(actor) for actor in wanted}


def _name(actor: str) -> str:
    kind, _, rest = actor.partition(":")
    if actor == "system":
        return "系统"
    return f"{_KINDS.get(kind, kind)} {rest}".strip()
