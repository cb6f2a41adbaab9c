"""Codes of WeChat work once: whoever brings one first asks WeChat, all others get that answer.

A phone that lost an answer sends the same code again, also while the first request is under way.
The claim is committed before WeChat is asked and no transaction is open meanwhile, so neither a
slow WeChat nor a crowd of retries holds connections.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from server.people.beginning import Begin
from server.people.tables import wechat_codes
from server.sealing import Purpose, Sealer
from server.wechat.client import USED_CODE
from server.wechat.transport import WechatAway, WechatRefused

RETRY_FOR = timedelta(minutes=10)
"""How long the same code gives the same answer; WeChat's own codes live five minutes."""
Settled = Row[int | None, int | None, object, bool]

Written = Callable[[Connection], int]
"""Writes what WeChat answered, and gives the investor that it is about."""
_ABANDONED_S = 15.0
_PATIENCE_S = 4.5
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Code:
    """A code and what it is for: the same text for two uses is two codes."""

    use: str
    text: str

    def digest(self, sealer: Sealer) -> bytes:
        """What is stored of it."""
        return sealer.digest(Purpose.LOGIN_CODE, f"{self.use}:{self.text}")


def redeemed(begin: Begin, sealer: Sealer, code: Code, redeem: Callable[[], Written]) -> int:
    """The investor that the code belongs to; ``redeem`` runs for the first who brings the code.

    ``redeem`` asks WeChat and gives what is then written, in one transaction with the answer.
    Raises what WeChat said, the same at every retry; :class:`WechatAway` if it said nothing.
    """
    digest = code.digest(sealer)
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        with begin() as connection:
            if _claimed(connection, digest):
                break
            row = _found(connection, digest)
        if row is not None and row.settled_at is not None:
            return _answer(row)
        if time.monotonic() > deadline:
            raise WechatAway("a retry of a code")
        time.sleep(_LOOK_EVERY_S)
    return _settled(begin, digest, redeem)


def _settled(begin: Begin, digest: bytes, redeem: Callable[[], Written]) -> int:
    try:
        write = redeem()
    except WechatRefused as refused:
        with begin() as connection:
            _settle(connection, digest, errcode=refused.errcode)
        raise
    except BaseException:
        with begin() as connection:
            connection.execute(delete(wechat_codes).where(wechat_codes.c.digest == digest))
        raise
    with begin() as connection:
        investor_id = write(connection)
        _settle(connection, digest, investor_id=investor_id)
    return investor_id


def _claimed(connection: Connection, digest: bytes) -> bool:
    """Whether this caller is the one to ask; a claim whose owner died is taken over."""
    row = wechat_codes.c
    abandoned = row.settled_at.is_(None) & (
        row.claimed_at < func.now() - timedelta(seconds=_ABANDONED_S)
    )
    claim = (
        insert(wechat_codes)
        .values(digest=digest)
        .on_conflict_do_update(
            index_elements=["digest"], set_={"claimed_at": func.now()}, where=abandoned
        )
    )
    return connection.execute(claim.returning(row.digest)).first() is not None


def _found(
    connection: Connection, digest: bytes
) -> Row[int | None, int | None, object, bool] | None:
    row = wechat_codes.c
    late = row.settled_at < func.now() - RETRY_FOR
    asked = select(row.investor_id, row.errcode, row.settled_at, late.label("is_late"))
    return connection.execute(asked.where(row.digest == digest)).one_or_none()


def _answer(row: Settled) -> int:
    if row.errcode is not None:
        raise WechatRefused("a retry of a code", row.errcode)
    if row.is_late or row.investor_id is None:
        raise WechatRefused("a retry of a code", USED_CODE)
    return int(row.investor_id)


def _settle(connection: Connection, digest: bytes, **values: int) -> None:
    settled = update(wechat_codes).where(wechat_codes.c.digest == digest)
    connection.execute(settled.values(settled_at=func.now(), **values))
