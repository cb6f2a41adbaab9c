"""Staff are told of enquiries through group robots; nothing of a person is in a text."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from gis import regions
from gis.layers import layer_named
from server.accounts.principals import ROLE_TITLES
from server.disposal.clocks import CHINA
from server.outbox import Payload, TryLater
from server.people.enquiries import number_text
from server.people.enquiry_lists import ESCALATED_TO
from server.people.enquiry_states import KIND_TITLES, EnquiryKind
from server.people.tables import enquiries
from server.wechat.robots import TOO_OFTEN, Robots
from server.wechat.transport import WechatAway, WechatRefused

_BLINK = timedelta(seconds=1)


@dataclass(frozen=True, repr=False)
class StaffBell:
    """What the outbox tells staff of; every handler runs in the transaction of its work."""

    robots: Robots
    public_url: str | None

    def made(self, connection: Connection, payload: Payload) -> str | None:
        """A new enquiry, and by when it wants its first answer."""
        found = _enquiry(connection, payload["enquiry_id"])
        if found is None or found.first_responded_at is not None:
            return "answered already"
        due = (found.first_response_due_at - _BLINK).astimezone(CHINA)
        return self._told(connection, found, "新咨询", f"请在 {due:%Y-%m-%d} 内首次回复")

    def escalated(self, connection: Connection, payload: Payload) -> str | None:
        """An enquiry that nobody answered in time, and before whom it is now."""
        found = _enquiry(connection, payload["enquiry_id"])
        if found is None or found.first_responded_at is not None:
            return "answered already"
        role = ESCALATED_TO[payload["level"]]
        before = f"，已提请{ROLE_TITLES[role]}督办" if role else ""
        return self._told(connection, found, "咨询超时", f"逾期未回复{before}")

    def _told(
        self, connection: Connection, enquiry: Row[*tuple[Any, ...]], title: str, wish: str
    ) -> str | None:
        address = self.robots.of(enquiry.region_code)
        if address is None:
            return "nowhere to send"
        try:
            self.robots.say(address, "\n".join(self._lines(connection, enquiry, title, wish)))
        except WechatAway:
            raise TryLater("robot away") from None
        except WechatRefused as refused:
            if refused.errcode == TOO_OFTEN:
                raise TryLater("robot is told too much") from None
            return f"errcode {refused.errcode}"
        return None

    def _lines(
        self, connection: Connection, enquiry: Row[*tuple[Any, ...]], title: str, wish: str
    ) -> list[str]:
        kind, layer = KIND_TITLES[EnquiryKind(enquiry.kind)], layer_named(enquiry.layer).title
        code = enquiry.region_code or ""
        place = regions.names(connection, {code}).get(code, code)
        lines = [
            f"【看地】{title} {number_text(enquiry)}",
            f"{kind}：{layer} {enquiry.site_code} {enquiry.site_name or ''}".rstrip(),
            *([f"所在：{place}"] if place else []),
            wish,
        ]
        if self.public_url:
            lines.append(f"{self.public_url}/console/enquiries/{enquiry.id}")
        return lines


def _enquiry(connection: Connection, number: int) -> Row[*tuple[Any, ...]] | None:
    row = enquiries.c
    asked = select(
        *(row.id, row.created_at, row.kind, row.layer, row.site_code, row.site_name),
        *(row.region_code, row.first_responded_at, row.first_response_due_at),
    ).where(row.id == number, row.closed_at.is_(None))
    return connection.execute(asked).one_or_none()
