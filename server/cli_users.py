"""``kandi user``: accounts of staff from the command line."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection

from server.accounts import credentials, lockout, users
from server.accounts.passwords import WeakPassword
from server.accounts.principals import ROLE_TITLES, Grant, Role
from server.accounts.users import BadUser, UnknownUser, UserExists
from server.config import Settings
from server.db import job_engine


def actor() -> str:
    """The person at the keyboard, as audit names them."""
    return f"cli:{getpass.getuser()}"


@contextmanager
def _changing(config: Settings) -> Iterator[Connection]:
    try:
        with job_engine(config).begin() as connection:
            yield connection
    except (BadUser, WeakPassword) as error:
        raise click.ClickException(str(error)) from error
    except UserExists as error:
        raise click.ClickException(f"用户名已被使用：{error}") from error
    except UnknownUser as error:
        raise click.ClickException(f"没有用户 {error.args[-1]}") from error


@click.group("user")
def user_group() -> None:
    """Accounts of staff: who may log in, and what they may do where."""


@user_group.command()
@click.argument("username")
@click.option("--name", required=True, help="Name as history shows it, e.g. 张三.")
@click.password_option(help="Asked for when it is not given.")
@click.option("--grant", "grants", multiple=True, metavar="ROLE[:REGION]", help="Repeatable.")
@click.pass_obj
def add(config: Settings, username: str, name: str, password: str, grants: tuple[str, ...]) -> None:
    """Make the account USERNAME, with roles if --grant says some."""
    given = [_grant(text) for text in grants]
    with _changing(config) as connection:
        user_id = users.add(connection, actor(), username, name, password)
        if given:
            users.grant(connection, actor(), user_id, given)
    click.echo(f"已添加用户 {username}；首次登录时须改成自己的密码")


def _grant(text: str) -> Grant:
    role, _, region = text.partition(":")
    try:
        return Grant(Role(role), region)
    except ValueError:
        offered = "、".join(f"{one}（{title}）" for one, title in ROLE_TITLES.items())
        raise click.BadParameter(f"角色应为：{offered}", param_hint="ROLE") from None


@user_group.command()
@click.argument("username")
@click.argument("grants", nargs=-1, metavar="[ROLE[:REGION]]...")
@click.pass_obj
def grant(config: Settings, username: str, grants: tuple[str, ...]) -> None:
    """Give USERNAME exactly these roles, such as officer:330503; without a region everywhere."""
    given = [_grant(text) for text in grants]
    with _changing(config) as connection:
        users.grant(connection, actor(), users.named(connection, username).id, given)
    click.echo(f"{username}：{'、'.join(grants) or '没有角色'}")


@user_group.command()
@click.argument("username")
@click.pass_obj
def disable(config: Settings, username: str) -> None:
    """Let USERNAME in no more; sessions end at once."""
    with _changing(config) as connection:
        users.disable(connection, actor(), users.named(connection, username).id)
    click.echo(f"已停用 {username}")


@user_group.command()
@click.argument("username")
@click.pass_obj
def enable(config: Settings, username: str) -> None:
    """Let USERNAME in again."""
    with _changing(config) as connection:
        users.enable(connection, actor(), users.named(connection, username).id)
    click.echo(f"已启用 {username}")


@user_group.command()
@click.argument("username")
@click.pass_obj
def unlock(config: Settings, username: str) -> None:
    """Let USERNAME try to log in at once, after too many wrong passwords."""
    with _changing(config) as connection:
        lockout.unlock(connection, users.named(connection, username).username)
    click.echo(f"已解锁 {username}")


@user_group.command()
@click.argument("username")
@click.password_option(help="Asked for when it is not given.")
@click.pass_obj
def password(config: Settings, username: str, password: str) -> None:
    """Give USERNAME a password that serves to set their own; sessions end at once."""
    with _changing(config) as connection:
        user = users.named(connection, username)
        credentials.give_password(connection, actor(), user, password)
    click.echo(f"已为 {username} 设置密码；登录时须改成自己的密码")


@user_group.command("reset-codes")
@click.argument("username")
@click.pass_obj
def reset_codes(config: Settings, username: str) -> None:
    """Ask USERNAME for one-time codes no more, when their phone or the key is lost."""
    with _changing(config) as connection:
        user_id = users.named(connection, username).id
        credentials.end_totp(connection, actor(), user_id)
    click.echo(f"已取消 {username} 的动态口令；角色要求时，下次登录须重新启用")


@user_group.command("list")
@click.pass_obj
def list_users(config: Settings) -> None:
    """Every account with its roles."""
    with job_engine(config).connect() as connection:
        for one in users.listed(connection):
            granted = " ".join(f"{g.role}:{g.region_code}" for g in one.grants)
            marks = ("停用 " if one.disabled else "") + ("动态码 " if one.has_totp else "")
            click.echo(f"{one.id}\t{one.username}\t{one.name}\t{marks}{granted}")
