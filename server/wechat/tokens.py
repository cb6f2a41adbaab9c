"""The access token of the mini program: one for all processes, renewed by one of them at a time.

WeChat voids nothing when a stable token is asked for again, but a forced one voids the present
one: so it is only forced where WeChat itself no longer takes the token that it hands out.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from gis.tables import metadata
from server.sealing import Purpose, Sealer, Unreadable
from server.wechat.client import Granted
from server.wechat.transport import WechatAway

EARLY_S = 240
"""Renewed this long before it ends: in its last five minutes WeChat hands out the next one."""
_FORCED_APART_S = 30
_PATIENCE_MS = 8000

wechat_tokens = Table(
    "wechat_tokens",
    metadata,
    Column("appid", Text, primary_key=True),
    Column("token", LargeBinary),
    Column("expires_at", DateTime(timezone=True)),
    Column("forced_at", DateTime(timezone=True)),
)
"""The sealed access token of a mini program; who renews it holds the row."""

Fetch = Callable[[bool], Granted]
"""Asks WeChat for a token; True forces a new one."""


@dataclass(frozen=True, repr=False)
class SharedTokens:
    """The token of one mini program in the database; ``engine`` may be that of requests."""

    engine: Engine
    sealer: Sealer
    appid: str
    fetch: Fetch

    def current(self) -> str:
        """A token that is good for some minutes yet; raises what fetching one raises."""
        with self._reading().connect() as connection:
            row = connection.execute(self._row()).one_or_none()
        held = None if row is None else self._good(row)
        return held or self._settled(None)

    def renewed(self, rejected: str) -> str:
        """A token other than the rejected one; whoever was first renews, the others take it."""
        return self._settled(rejected)

    def _settled(self, rejected: str | None) -> str:
        with self._reading().begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE_MS}"))
            first = insert(wechat_tokens).values(appid=self.appid).on_conflict_do_nothing()
            connection.execute(first)
            row = connection.execute(self._row().with_for_update()).one()
            held = self._good(row)
            if held is not None and held != rejected:
                return held
            granted, forced = self._fetched(rejected, row.forced_s)
            sealed = self.sealer.seal(Purpose.WECHAT_TOKEN, granted.token)
            lasts = func.make_interval(0, 0, 0, 0, 0, 0, granted.expires_in_s)
            values: dict[str, object] = {"token": sealed, "expires_at": func.now() + lasts}
            if forced:
                values["forced_at"] = func.now()
            stored = update(wechat_tokens).where(wechat_tokens.c.appid == self.appid)
            connection.execute(stored.values(values))
            return granted.token

    def _fetched(self, rejected: str | None, forced_s: float | None) -> tuple[Granted, bool]:
        granted = self.fetch(False)
        if granted.token != rejected:
            return granted, False
        if forced_s is not None and forced_s < _FORCED_APART_S:
            raise WechatAway("/cgi-bin/stable_token")
        return self.fetch(True), True

    def _row(self) -> Select[bytes | None, float | None, float | None]:
        row = wechat_tokens.c
        left = func.extract("epoch", row.expires_at - func.now()).label("left_s")
        forced = func.extract("epoch", func.now() - row.forced_at).label("forced_s")
        return select(row.token, left, forced).where(row.appid == self.appid)

    def _good(self, row: Row[bytes | None, float | None, float | None]) -> str | None:
        token, left_s, _ = row
        if token is None or left_s is None or left_s <= EARLY_S:
            return None
        try:
            return self.sealer.open(Purpose.WECHAT_TOKEN, token)
        except Unreadable:
            # Sealed before the keys were changed: WeChat has it, too.
            return None

    def _reading(self) -> Engine:
        # Who waited for the refresher has to see what it wrote.
        return self.engine.execution_options(isolation_level="READ COMMITTED")
