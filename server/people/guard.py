"""Which investor sends this request: by bearer token, which is all that a phone has to keep."""

from flask import g, request

from server.accounts.principals import Unauthenticated
from server.people import investors
from server.people.investors import Investor, Session
from server.request import connection, settings, writing


def investor() -> Investor:
    """Who asks; :class:`Unauthenticated` if no living session does."""
    return session().investor


def session() -> Session:
    """The living session of this request; one that is half over is made longer."""
    if "investor_session" not in g:
        token, days = presented(), settings().investor_session_days
        found = investors.find_session(connection(), token, days)
        if found is None:
            raise Unauthenticated
        if found.is_stale:
            with writing() as transaction:
                investors.extend(transaction, token, days)
        g.investor_session = found
    living: Session = g.investor_session
    return living


def presented() -> str:
    """The token that the request brings; :class:`Unauthenticated` if it is none of ours."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = given.strip()
    if scheme.lower() != "bearer" or not investors.is_token(token):
        raise Unauthenticated
    return token
