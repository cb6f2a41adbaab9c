"""Enquiries: what an investor asks about a site, who answers, and by when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from gis.audit import Action, record
from gis.features import UnknownFeature
from gis.layers import Layer
from gis.sql import is_public
from gis.tables import SITES
from server.disposal.clocks import CHINA, today
from server.outbox import Kind, post
from server.people import assignment, enquiry_states, periods, quota, visits
from server.people.enquiry_states import Act, EnquiryKind, Side, State
from server.people.periods import PeriodKind
from server.people.tables import enquiries, enquiry_messages
from server.people.texts import Verdict
from server.sealing import Purpose, Sealer


class UnknownEnquiry(LookupError):
    """There is no enquiry of that number that the asker may see."""


@dataclass(frozen=True, repr=False)
class Words:
    """A text and what is known of it."""

    text: str
    verdict: Verdict


@dataclass(frozen=True, repr=False)
class Wanted:
    """What an investor asks, as it came; ``phone`` None is no number."""

    layer: Layer
    site_id: int
    kind: EnquiryKind
    words: Words
    contact_name: str
    phone: str | None
    visit_on: date | None


@dataclass(frozen=True, repr=False)
class Step:
    """One action on an enquiry, with the words that go with it, if any."""

    act: Act
    words: Words | None = None
    officer_id: int | None = None
    scheduled_for: datetime | None = None


@dataclass(frozen=True)
class Author:
    """Who acts: ``user_id`` of staff, None of the investor."""

    actor: str
    user_id: int | None = None

    @property
    def side(self) -> Side:
        """On which side of the desk."""
        return Side.INVESTOR if self.user_id is None else Side.STAFF


@dataclass(frozen=True)
class Desk:
    """Where enquiries are worked on: the caller's transaction and the keys of personal data."""

    connection: Connection
    sealer: Sealer

    def make(self, author: Author, investor_id: int, wanted: Wanted) -> int:
        """Store an enquiry and give it to an officer; its number.

        Raises :class:`UnknownFeature` if the public does not see the site, ``QuotaReached``,
        ``NoVisit`` or ``NoVisitDay`` for a visit that cannot be.
        """
        site = self._site(wanted.layer, wanted.site_id)
        if wanted.visit_on is not None:
            visits.require(wanted.layer.name, site.status, wanted.visit_on, today())
        quota.require_room(self.connection, quota.Kept.OPEN_ENQUIRIES, investor_id)
        allowed = periods.period(self.connection, PeriodKind.FIRST_RESPONSE, site.region_code)
        due_at = allowed.end_of(datetime.now(UTC))
        made = insert(enquiries).values(
            investor_id=investor_id,
            layer=wanted.layer.name,
            site_id=wanted.site_id,
            site_code=site.code,
            site_name=site.name,
            region_code=site.region_code,
            kind=wanted.kind.value,
            state=State.WAITING.value,
            **self._personal(wanted),
            visit_on=wanted.visit_on,
            officer_id=assignment.officer_for(self.connection, site.region_code),
            first_response_due_at=due_at,
            escalate_at=due_at,
        )
        number = int(self.connection.execute(made.returning(enquiries.c.id)).scalar_one())
        self._say(number, author, wanted.words)
        payload = {"enquiry_id": number}
        post(self.connection, Kind.ENQUIRY_MADE, payload, f"enquiry-made:{number}")
        details = {"site": f"{wanted.layer.name}/{wanted.site_id}", "kind": wanted.kind.value}
        record(self.connection, author.actor, Action.ENQUIRY_MADE, subject(number), details)
        return number

    def _site(self, layer: Layer, site_id: int) -> Row[*tuple[Any, ...]]:
        row = SITES[layer.name].c
        asked = select(row.code, row.name, row.status, row.region_code).where(row.id == site_id)
        found = self.connection.execute(asked.where(is_public(layer))).one_or_none()
        if found is None:
            raise UnknownFeature(layer.name, site_id)
        return found

    def _personal(self, wanted: Wanted) -> dict[str, bytes | None]:
        phone = wanted.phone
        return {
            "contact_name": self.sealer.seal(Purpose.NAME, wanted.contact_name),
            "phone": None if phone is None else self.sealer.seal(Purpose.PHONE, phone),
            "phone_digest": None if phone is None else self.sealer.digest(Purpose.PHONE, phone),
        }

    def held(self, number: int) -> Row[*tuple[Any, ...]]:
        """The enquiry, held until the transaction ends; :class:`UnknownEnquiry`."""
        asked = select(enquiries).where(enquiries.c.id == number).with_for_update()
        found = self.connection.execute(asked).one_or_none()
        if found is None:
            raise UnknownEnquiry(number)
        return found

    def act(self, author: Author, enquiry: Row[*tuple[Any, ...]], step: Step) -> None:
        """Do it to an enquiry that is held; :class:`enquiry_states.IllegalAct`.

        The investor is told of an answer through the outbox.
        """
        leads = enquiry_states.transition(State(enquiry.state), step.act)
        changes = _changes(enquiry, step, leads)
        if step.officer_id is not None:
            assignment.require_officer(self.connection, step.officer_id, enquiry.region_code)
        changed = update(enquiries).where(enquiries.c.id == enquiry.id)
        self.connection.execute(changed.values(changes))
        if step.words is not None:
            self._say(enquiry.id, author, step.words)
        if leads.answers and enquiry.investor_id is not None:
            payload = {"enquiry_id": enquiry.id, "state": leads.to.value}
            post(self.connection, Kind.ENQUIRY_ANSWERED, payload)
        details = {"act": step.act.value, "from": enquiry.state, "to": leads.to.value}
        if step.officer_id is not None:
            details |= {"officer": step.officer_id}
        record(self.connection, author.actor, Action.ENQUIRY_ACTED, subject(enquiry.id), details)

    def _say(self, number: int, author: Author, words: Words) -> None:
        said = insert(enquiry_messages).values(
            enquiry_id=number,
            side=author.side.value,
            user_id=author.user_id,
            body=self.sealer.seal(Purpose.MESSAGE, words.text),
            verdict=words.verdict.value,
        )
        message_id = self.connection.execute(said.returning(enquiry_messages.c.id)).scalar_one()
        if words.verdict is Verdict.UNCHECKED and author.side is Side.INVESTOR:
            post(self.connection, Kind.TEXT_CHECK, {"message_id": message_id})


def _changes(
    enquiry: Row[*tuple[Any, ...]], step: Step, leads: enquiry_states.Transition
) -> Mapping[str, object]:
    changes: dict[str, object] = {"state": leads.to.value, "updated_at": func.now()}
    if leads.answers:
        changes |= {
            "first_responded_at": func.coalesce(enquiries.c.first_responded_at, func.now()),
            "escalate_at": None,
        }
    if leads.to in (State.CLOSED, State.CANCELLED):
        changes |= {"closed_at": func.now(), "escalate_at": None}
    if step.officer_id is not None:
        changes["officer_id"] = step.officer_id
    if step.scheduled_for is not None:
        changes["scheduled_for"] = step.scheduled_for
    return changes


def subject(number: int) -> str:
    """How audit names an enquiry."""
    return f"enquiries/{number}"


def number_text(enquiry: Row[*tuple[Any, ...]]) -> str:
    """The number that people say to each other: the day in China and the number of the row."""
    made_on = enquiry.created_at.astimezone(CHINA)
    return f"ZX{made_on:%Y%m%d}-{enquiry.id}"
