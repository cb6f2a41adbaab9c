"""Where the database is, as its address says it, and whether the way there is sealed."""

import ipaddress

from sqlalchemy.engine import URL, make_url

_SEALED = frozenset({"require", "verify-ca", "verify-full"})


class UnsealedDatabase(ValueError):
    """Production would send passwords and rows in the clear over a network."""

    def __init__(self) -> None:
        super().__init__(
            "KANDI_DATABASE_URL：数据库在另一台主机上，正式环境须加密连接，"
            "请在地址后加 ?sslmode=verify-full（至少 require）"
        )


def require_sealed(database_url: str) -> None:
    """Raise :class:`UnsealedDatabase` for another host without TLS that must be there.

    libpq's own default, ``prefer``, gives in to whoever says that there is no TLS.
    """
    url = make_url(database_url)
    if url.query.get("sslmode") not in _SEALED and not all(map(is_here, _hosts(url))):
        raise UnsealedDatabase


def _hosts(url: URL) -> list[str]:
    """Every host that libpq may try; none is a socket on this machine."""
    given = [url.host or ""]
    for name in ("host", "hostaddr"):
        found = url.query.get(name, ())
        given += [found] if isinstance(found, str) else found
    return [host for several in given for host in several.split(",") if host]


def is_here(host: str) -> bool:
    """Whether the host is this machine, or a socket on it."""
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
