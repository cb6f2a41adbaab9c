"""Logging in: by a code of WeChat, which may be retried, or as the guest that a browser is."""

from dataclasses import dataclass

from sqlalchemy import Connection

from server.people import codes, investors, limits
from server.people.beginning import Begin
from server.people.codes import Code
from server.people.investors import Investor, Session
from server.sealing import Purpose, Sealer
from server.wechat.client import Wechat

_USE = "login"


class LoginOver(RuntimeError):
    """The session that this code began has ended since: a new code is needed."""


@dataclass(frozen=True)
class LoginRules:
    """How long a session lasts, and how many logins one address may try in a minute."""

    session_days: int
    most_a_minute: int


@dataclass(frozen=True, repr=False)
class LoggedIn:
    """A session that began, with the token that only its owner ever sees."""

    token: str
    session: Session


@dataclass(frozen=True)
class Door:
    """What logins need: transactions, the sealer and the rules."""

    begin: Begin
    sealer: Sealer
    rules: LoginRules

    def by_wechat(self, wechat: Wechat, code: str, address: str | None) -> LoggedIn:
        """The session of whoever got this code from WeChat; the same for every retry.

        Raises :class:`limits.TooMany` and what WeChat says to the code.
        """
        self._count(address)

        def redeem() -> codes.Written:
            openid = wechat.openid_of(code)
            return lambda connection: self._welcomed(connection, openid, code)

        who = Investor(codes.redeemed(self.begin, self.sealer, Code(_USE, code), redeem))
        return self._session(who, self._token(code))

    def as_guest(self, address: str | None) -> LoggedIn:
        """The session of a browser that nothing is known of; :class:`limits.TooMany`."""
        self._count(address)
        token = investors.new_token()
        with self.begin() as connection:
            who = investors.add_guest(connection)
            investors.begin_session(connection, who, token, self.rules.session_days)
        return self._session(who, token)

    def _count(self, address: str | None) -> None:
        refused: limits.TooMany | None = None
        with self.begin() as connection:
            try:
                limits.count(connection, self.sealer, address, self.rules.most_a_minute)
            except limits.TooMany as error:
                refused = error
        if refused is not None:
            raise refused

    def _welcomed(self, connection: Connection, openid: str, code: str) -> int:
        who = investors.with_openid(connection, self.sealer, openid)
        token = self._token(code)
        investors.begin_session(connection, who, token, self.rules.session_days)
        return who.id

    def _token(self, code: str) -> str:
        """Follows from the code, so a retry has it again though it is stored nowhere."""
        return investors.PREFIX + self.sealer.token(Purpose.LOGIN_CODE, code)

    def _session(self, who: Investor, token: str) -> LoggedIn:
        with self.begin() as connection:
            found = investors.find_session(connection, token, self.rules.session_days)
        if found is None or found.investor != who:
            raise LoginOver
        return LoggedIn(token, found)
