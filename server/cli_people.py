"""``kandi fake-wechat`` and ``kandi privacy``: the demonstration's WeChat, and personal data."""

import threading
from collections.abc import Callable

import click

from server import parent
from server.config import Settings
from server.db import job_engine
from server.people import privacy
from server.sealing import sealer
from server.wechat.fake import make_server
from server.wechat.fake_answers import FakeWechat
from server.wechat.stand_in import APPID, SECRET


@click.command("fake-wechat")
@click.option("--port", default=8090, show_default=True, help="Port on this machine.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does.")
@click.pass_obj
def fake_wechat_command(config: Settings, port: int, until_eof: bool) -> None:
    """Answer as WeChat does, for tests and demonstrations; refused in production.

    A login code `mary-1` is of the person `mary`; a phone code `13800138000-1` gives that number.
    """
    if config.production:
        raise click.ClickException("生产环境不能使用假的微信服务")
    server = make_server(FakeWechat(APPID, SECRET), port)
    if until_eof:
        threading.Thread(target=_end_with_input, args=(server.shutdown,), daemon=True).start()
    else:
        click.echo(f"KANDI_WECHAT_BASE_URL=http://127.0.0.1:{server.server_port}")
        click.echo(f"KANDI_WECHAT_APPID={APPID} KANDI_WECHAT_SECRET={SECRET}")
    server.serve_forever(0.1)


def _end_with_input(end: Callable[[], None]) -> None:
    parent.wait_for_end()
    end()


@click.group("privacy")
def privacy_group() -> None:
    """Personal data: forget what is too old, change the keys that seal it."""


@privacy_group.command("purge")
@click.pass_obj
def purge(config: Settings) -> None:
    """Forget what was kept as long as it may be; `kandi worker` does it once a day."""
    with job_engine(config).begin() as connection:
        click.echo(privacy.purge(connection).line)


@privacy_group.command("rekey")
@click.pass_obj
def rekey(config: Settings) -> None:
    """Seal all personal data with the first key of KANDI_PRIVACY_KEYS, so that others can go."""
    with job_engine(config).begin() as connection:
        click.echo(f"{privacy.rekey(connection, sealer(config))} values sealed anew")
