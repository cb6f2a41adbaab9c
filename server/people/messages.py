"""What the outbox sends to investors, and the texts that it has judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from server.disposal.clocks import CHINA
from server.outbox import Handler, Kind, Payload, TryLater
from server.people.bell import StaffBell
from server.people.enquiries import number_text
from server.people.enquiry_states import STATE_TITLES, State
from server.people.investors import openid_of
from server.people.services import Services
from server.people.tables import enquiries, enquiry_messages, searches, subscriptions
from server.people.texts import Verdict, judged
from server.sealing import Purpose
from server.wechat.client import USED_UP, Message
from server.wechat.transport import WechatAway, WechatRefused

MATCH, REPLY = "match", "reply"
_THING = 20
"""Most characters of a ``thing`` in a subscribe message."""


@dataclass(frozen=True)
class Letters:
    """Sends and judges; every handler runs in the transaction that holds its work."""

    services: Services

    def handlers(self) -> Mapping[Kind, Handler]:
        """What does each kind of work."""
        bell = StaffBell(self.services.robots, self.services.config.public_url)
        return {
            Kind.NEW_MATCHES: self.new_matches,
            Kind.ENQUIRY_ANSWERED: self.answered,
            Kind.TEXT_CHECK: self.checked,
            Kind.ENQUIRY_MADE: bell.made,
            Kind.ENQUIRY_ESCALATED: bell.escalated,
        }

    def new_matches(self, connection: Connection, payload: Payload) -> str | None:
        """Tell the owner of a search that sites match it now."""
        row = searches.c
        asked = select(row.investor_id, row.name).where(row.id == payload["search_id"])
        found = connection.execute(asked).one_or_none()
        if found is None:
            return "gone"
        values = (found.name[:_THING], str(payload["count"]), _clock())
        template = self.services.config.wechat_match_template
        return self._send(connection, (found.investor_id, MATCH), template, values)

    def answered(self, connection: Connection, payload: Payload) -> str | None:
        """Tell an investor that their enquiry was answered."""
        row = enquiries.c
        asked = select(row.id, row.investor_id, row.created_at)
        found = connection.execute(asked.where(row.id == payload["enquiry_id"])).one_or_none()
        if found is None or found.investor_id is None:
            return "gone"
        values = (number_text(found), STATE_TITLES[State(payload["state"])], _clock())
        template = self.services.config.wechat_reply_template
        return self._send(connection, (found.investor_id, REPLY), template, values)

    def _send(
        self,
        connection: Connection,
        to: tuple[int, str],
        template: str,
        values: tuple[str, str, str],
    ) -> str | None:
        template_id, _, names = template.partition(":")
        openid = openid_of(connection, self.services.sealer, to[0])
        if not template_id or openid is None:
            return "nowhere to send"
        if _is_used_up(connection, to):
            return "not allowed"
        keywords = dict(zip(names.split(","), values, strict=True))
        message = Message(template_id, self.services.config.wechat_page, keywords)
        try:
            self.services.require_wechat().send(openid, message)
        except WechatAway as error:
            raise TryLater(str(error)) from None
        except WechatRefused as refused:
            if refused.errcode == USED_UP:
                _mark_used(connection, to)
            return f"errcode {refused.errcode}"
        return None

    def checked(self, connection: Connection, payload: Payload) -> str | None:
        """Judge a text that could not be judged when it was written."""
        row = enquiry_messages.c
        asked = (
            select(row.id, row.body, enquiries.c.investor_id)
            .join(enquiries, enquiries.c.id == row.enquiry_id)
            .where(row.id == payload["message_id"], row.verdict == Verdict.UNCHECKED.value)
        )
        found = connection.execute(asked).one_or_none()
        if found is None or found.body is None or found.investor_id is None:
            return "gone"
        openid = openid_of(connection, self.services.sealer, found.investor_id)
        if openid is None or self.services.wechat is None:
            return "nobody to ask"
        text = self.services.sealer.open(Purpose.MESSAGE, found.body)
        verdict = judged(self.services, openid, text)
        if verdict is Verdict.UNCHECKED:
            raise TryLater("wechat did not judge")
        judgement = update(enquiry_messages).where(row.id == found.id)
        connection.execute(judgement.values(verdict=verdict.value))
        return None


def allow(connection: Connection, investor_id: int, kind: str) -> None:
    """The investor allowed another message of that kind."""
    given = insert(subscriptions).values(investor_id=investor_id, kind=kind)
    connection.execute(
        given.on_conflict_do_update(index_elements=["investor_id", "kind"], set_={"used_at": None})
    )


def _is_used_up(connection: Connection, to: tuple[int, str]) -> bool:
    row = subscriptions.c
    asked = select(row.used_at).where(row.investor_id == to[0], row.kind == to[1])
    return connection.execute(asked).scalar() is not None


def _mark_used(connection: Connection, to: tuple[int, str]) -> None:
    used = insert(subscriptions).values(investor_id=to[0], kind=to[1], used_at=func.now())
    connection.execute(
        used.on_conflict_do_update(
            index_elements=["investor_id", "kind"], set_={"used_at": func.now()}
        )
    )


def _clock() -> str:
    return f"{datetime.now(CHINA):%Y-%m-%d %H:%M}"
