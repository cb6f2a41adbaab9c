"""Enquiries as JSON: as their investor sees them, and as staff do."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gis.layers import layer_named
from server.accounts.principals import ROLE_TITLES, Principal
from server.people.enquiries import number_text
from server.people.enquiry_lists import ESCALATED_TO, Found, Said
from server.people.enquiry_states import (
    ACT_TITLES,
    HANDLERS,
    KIND_TITLES,
    ROLES,
    STATE_TITLES,
    EnquiryKind,
    Side,
    State,
    legal,
)
from server.people.investors import masked
from server.people.texts import Verdict
from server.sealing import Purpose, Sealer

Json = dict[str, object]


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def receipt(enquiry: Found) -> Json:
    """What a change answers: where the enquiry stands, and nothing that people wrote.

    Answers of changes are kept for retries, and what is personal is only kept sealed.
    """
    state, kind = State(enquiry.state), EnquiryKind(enquiry.kind)
    return {
        "id": enquiry.id,
        "number": number_text(enquiry),
        "layer": enquiry.layer,
        "layer_text": layer_named(enquiry.layer).title,
        "site_id": enquiry.site_id,
        "site_code": enquiry.site_code,
        "site_name": enquiry.site_name,
        "kind": kind.value,
        "kind_text": KIND_TITLES[kind],
        "state": state.value,
        "state_text": STATE_TITLES[state],
        "first_response_due_at": _instant(enquiry.first_response_due_at),
        "first_responded_at": _instant(enquiry.first_responded_at),
        "overdue": enquiry.overdue,
        "officer_name": enquiry.officer_name,
        "visit_on": enquiry.visit_on and enquiry.visit_on.isoformat(),
        "scheduled_for": _instant(enquiry.scheduled_for),
        "created_at": _instant(enquiry.created_at),
        "updated_at": _instant(enquiry.updated_at),
        "messages": [],
    }


def enquiry_of_investor(sealer: Sealer, enquiry: Found, said: Sequence[Said]) -> Json:
    """An enquiry as the one who made it sees it."""
    acts = legal(State(enquiry.state), Side.INVESTOR)
    return receipt(enquiry) | {
        "contact_name": _opened(sealer, Purpose.NAME, enquiry.contact_name),
        "phone": masked(_opened(sealer, Purpose.PHONE, enquiry.phone)),
        "messages": [_message(one) for one in said],
        "actions": [{"action": act.value, "title": ACT_TITLES[act]} for act in acts],
    }


def enquiry_of_staff(
    sealer: Sealer, who: Principal, enquiry: Found, said: Sequence[Said] | None
) -> Json:
    """An enquiry as staff see it; who does not handle it sees the phone number masked.

    A list passes None for ``said``: it has no messages.
    """
    phone = _opened(sealer, Purpose.PHONE, enquiry.phone)
    handles = enquiry.officer_id == who.user_id or who.may(HANDLERS, enquiry.region_code)
    to = ESCALATED_TO[enquiry.escalation]
    found = receipt(enquiry) | {
        "region_code": enquiry.region_code,
        "officer": enquiry.officer_id and {"id": enquiry.officer_id, "name": enquiry.officer_name},
        "escalation": enquiry.escalation,
        "escalated_to": to and to.value,
        "escalated_to_text": to and ROLE_TITLES[to],
        "contact_name": _opened(sealer, Purpose.NAME, enquiry.contact_name),
        "phone": phone if handles else masked(phone),
        "actions": _acts(who, enquiry),
    }
    if said is None:
        return found
    checked = [_message(one) | {"verdict": one.verdict.value} for one in said]
    return found | {"messages": checked}


def named(officers: Mapping[int, str]) -> list[Json]:
    """To whom an enquiry may be assigned."""
    return [{"id": number, "name": name} for number, name in officers.items()]


def _acts(who: Principal, enquiry: Found) -> list[Json]:
    acts = legal(State(enquiry.state), Side.STAFF)
    allowed = [act for act in acts if who.may(ROLES[act], enquiry.region_code)]
    return [{"action": act.value, "title": ACT_TITLES[act]} for act in allowed]


def _opened(sealer: Sealer, purpose: Purpose, sealed: bytes | None) -> str | None:
    return None if sealed is None else sealer.open(purpose, sealed)


def _message(one: Said) -> Json:
    hidden = one.text is None and one.verdict is Verdict.RISKY
    return {
        "at": _instant(one.at),
        "from": one.side,
        "name": one.name,
        "text": "（内容未通过审核）" if hidden else one.text,
    }
