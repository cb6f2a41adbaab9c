"""What serving people needs beside the database: keys, WeChat, storage; one set a process."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Engine

from server import request
from server.config import Settings
from server.files import blobs
from server.files.blobs import Blobs
from server.sealing import Sealer, sealer
from server.wechat.client import Account, Granted, Wechat, fetch_token
from server.wechat.robots import Robots
from server.wechat.tokens import SharedTokens
from server.wechat.transport import Transport, WechatAway

_KEY = "kandi.people"


@dataclass(frozen=True, repr=False)
class Services:
    """Keys of personal data, WeChat if there is a mini program, and the storage of files."""

    config: Settings
    sealer: Sealer
    wechat: Wechat | None
    blobs: Blobs
    robots: Robots

    def require_wechat(self) -> Wechat:
        """WeChat; :class:`WechatAway` where the installation has no mini program."""
        if self.wechat is None:
            raise WechatAway("no mini program")
        return self.wechat


def made(config: Settings, engine: Engine) -> Services:
    """The services of an installation; raises ``KeysMissing`` where it has no keys."""
    seal = sealer(config)
    return Services(
        config,
        seal,
        _wechat(config, engine, seal),
        blobs.blobs(config),
        Robots(config.robot_addresses, config.wechat_timeout_s),
    )


def _wechat(config: Settings, engine: Engine, seal: Sealer) -> Wechat | None:
    if not config.wechat_appid or config.wechat_secret is None:
        return None
    transport = Transport(config.wechat_address, config.wechat_timeout_s)
    account = Account(config.wechat_appid, config.wechat_secret.get_secret_value())

    def fetch(force: bool) -> Granted:
        return fetch_token(transport, account, force=force)

    return Wechat(transport, account, SharedTokens(engine, seal, account.appid, fetch))


def services() -> Services:
    """The services of the application that serves this request, made at the first call."""
    app = current_app
    if _KEY not in app.extensions:
        engine = request.engine_of(app._get_current_object())  # type: ignore[attr-defined]
        app.extensions[_KEY] = made(request.settings(), engine)
    found: Services = app.extensions[_KEY]
    return found
