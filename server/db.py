"""The database: one engine a process, one transaction a request."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from server.config import Settings

# A server that vanished must not hold a request: statement_timeout is the server's own and never
# fires when nothing answers, so the socket has to give up by itself.
_CONNECT = {
    "connect_timeout": 3,
    "tcp_user_timeout": 3000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "client_encoding": "utf8",
}


def _session_options(settings: Settings, statement_timeout_ms: int) -> str:
    # PostGIS lives in public; no table of ours does, because the first schema takes them all.
    return (
        f"-c search_path={settings.schema_name},public -c timezone=Asia/Shanghai"
        f" -c statement_timeout={statement_timeout_ms} -c jit=off"
    )


def request_engine(settings: Settings) -> Engine:
    """Engine of a web worker: a small pool, short statements, REPEATABLE READ.

    A request reads its data version and its rows from one snapshot.
    """
    return create_engine(
        settings.database_url,
        isolation_level="REPEATABLE READ",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout_s,
        connect_args=_CONNECT
        | {"options": _session_options(settings, settings.statement_timeout_ms)},
    )


def job_engine(settings: Settings) -> Engine:
    """Engine of commands and workers: no pool and no limit on a statement's time."""
    return create_engine(
        settings.database_url,
        poolclass=NullPool,
        connect_args=_CONNECT | {"options": _session_options(settings, 0)},
    )
