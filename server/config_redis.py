"""Where a cache that several machines share is, as its address says it; by default nowhere."""

import importlib.util
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from server.config_database import is_here

_FORM = "应为 redis://主机:6379/0、rediss://主机:6380/0 或 unix:///路径/redis.sock"
_OPTIONS = {"db", "ssl_ca_certs"}


class OpenRedis(ValueError):
    """Production would take public answers from another host unsealed: anyone could alter them."""

    def __init__(self) -> None:
        super().__init__(
            "KANDI_REDIS_URL：Redis 在另一台主机上，正式环境须加密连接，请用 rediss://"
        )


class RedisSettings(BaseSettings):
    """A part of :class:`server.config.Settings`."""

    redis_url: str = Field(
        default="",
        description="Redis in which several machines share packed public answers; empty: none",
    )

    @field_validator("redis_url")
    @classmethod
    def _usable(cls, url: str) -> str:
        """An address of Redis, and the library that speaks with it; or nothing."""
        if url and not _is_address(url):
            raise ValueError(f"{_FORM}，参数只可有 {'、'.join(sorted(_OPTIONS))}")
        if url and importlib.util.find_spec("redis") is None:
            raise ValueError("缺少 Python 库 redis，请运行 pip install 'kandi[redis]'，或清空此项")
        return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        options = {name for name, _ in parse_qsl(parts.query, strict_parsing=bool(parts.query))}
        known = options <= _OPTIONS and parts.port != 0 and not parts.fragment
    except ValueError:
        return False
    if parts.scheme == "unix":
        return known and parts.path.startswith("/")
    database = parts.path.removeprefix("/")
    of_network = parts.scheme in ("redis", "rediss") and bool(parts.hostname)
    return known and of_network and (not database or database.isdecimal())


def require_sealed_redis(url: str) -> None:
    """Raise :class:`OpenRedis` for another host without TLS."""
    parts = urlsplit(url)
    if parts.scheme == "redis" and not is_here(parts.hostname or ""):
        raise OpenRedis
