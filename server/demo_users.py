"""Demo users: one for every role in the demo city, with a password that everyone knows."""

from collections.abc import Callable

from sqlalchemy import Engine

from server.accounts import users
from server.accounts.principals import Grant, Role
from server.accounts.users import UserExists
from server.config import Settings

PASSWORD = "kandi-demo-2026"  # noqa: S105
_CITY = "3305"

USERS = (
    ("officer", "李土地（演示）", Grant(Role.OFFICER, _CITY)),
    ("gis", "王测绘（演示）", Grant(Role.GIS, _CITY)),
    ("reviewer", "张复核（演示）", Grant(Role.REVIEWER, _CITY)),
    ("leader", "陈领导（演示）", Grant(Role.LEADER, _CITY)),
    ("viewer", "赵督查（演示）", Grant(Role.VIEWER, _CITY)),
    ("admin", "钱管理（演示）", Grant(Role.ADMIN, "")),
)


class NotInProduction(RuntimeError):
    """Something that is only for trying out was asked for in production."""


def require_no_production(config: Settings) -> None:
    """Raise :class:`NotInProduction` where the installation is a real one."""
    if config.production:
        raise NotInProduction("KANDI_PRODUCTION=1：正式环境不能装载演示数据和演示账号")


def load(engine: Engine, say: Callable[[str], None]) -> None:
    """Make the demo users that are not there yet, and say who they are."""
    for username, name, grant in USERS:
        try:
            with engine.begin() as connection:
                user_id = users.add(connection, "system", username, name, PASSWORD)
                users.settle_password(connection, user_id)
                users.grant(connection, "system", user_id, [grant])
        except UserExists:
            continue
    say(f"演示账号：{' '.join(username for username, _, _ in USERS)}，密码 {PASSWORD}")
