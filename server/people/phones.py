"""Phone numbers of investors: given by WeChat's code, or typed."""

import re

from sqlalchemy import Connection

from gis.audit import Action, record
from server.people import codes, investors
from server.people.beginning import Begin
from server.people.codes import Code
from server.people.investors import Investor
from server.people.services import Services

_TYPED = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|\+[0-9]{6,15}")


class BadPhone(ValueError):
    """What was typed is no phone number."""


def typed(text: str) -> str:
    """The number without blanks; :class:`BadPhone`."""
    number = re.sub(r"[ \u00a0]", "", text)
    if not _TYPED.fullmatch(number):
        raise BadPhone
    return number


def by_code(begin: Begin, services: Services, who: Investor, code: str) -> str:
    """The number that WeChat gives for the code, stored as the investor's.

    The same code again gives the same number and asks nobody. Raises what WeChat says.
    """
    wechat = services.require_wechat()

    def redeem() -> codes.Written:
        number = wechat.phone_of(code)

        def write(connection: Connection) -> int:
            investors.set_phone(connection, services.sealer, who, number)
            subject = f"investors/{who.id}"
            record(connection, who.actor, Action.PHONE_GIVEN, subject, {"by": "wechat"})
            return who.id

        return write

    # The code of another investor is another code: it gives away nobody's number.
    codes.redeemed(begin, services.sealer, Code(f"phone:{who.id}", code), redeem)
    with begin() as connection:
        return investors.phone_of(connection, services.sealer, who.id) or ""
