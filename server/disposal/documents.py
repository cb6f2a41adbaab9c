"""Documents of a case: numbered, made from its facts, kept with their digest as issued."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from gis import audit
from gis.tables import SITES, regions
from server.accounts.principals import Principal, Role
from server.disposal import numbering, official, texts
from server.disposal.case import Case
from server.disposal.clocks import today
from server.disposal.codes import Cause, State
from server.disposal.evidence import UnknownFile
from server.disposal.facts import facts_of
from server.disposal.offers import Desk, IllegalAction, offers
from server.disposal.official import Official
from server.disposal.tables import disposal_documents, disposal_offices
from server.disposal.texts import DocumentKind, Subject

MAKERS = (Role.OFFICER, Role.REVIEWER)
_COUNTY_DIGITS, _CITY_DIGITS = 6, 4

_STATES = {
    DocumentKind.NOTICE: (State.REGISTERED, State.VERIFYING),
    DocumentKind.FINDING: (State.VERIFYING, State.CLASSIFIED),
    DocumentKind.PLAN: (State.PLAN_DRAFTING, State.PLAN_APPROVED, State.EXECUTING),
    DocumentKind.FEE: (State.PLAN_APPROVED, State.EXECUTING),
    DocumentKind.RECOVERY: (State.PLAN_APPROVED, State.EXECUTING),
}
_MEASURE = {DocumentKind.FEE: "idle_fee", DocumentKind.RECOVERY: "free_recovery"}


@dataclass(frozen=True)
class Wanted:
    """A document that someone wants; a 认定书 names the cause before it is decided."""

    kind: DocumentKind
    issued_on: date
    cause: Cause | None = None
    ground: str | None = None


@dataclass(frozen=True)
class Offered:
    """A document that may be made now, and whether its maker has to name the cause."""

    kind: DocumentKind
    needs_cause: bool


@dataclass(frozen=True)
class Office:
    """In whose name documents of a county are issued."""

    name: str
    short_name: str
    government: str
    contact: str


def make(connection: Connection, at: Desk, wanted: Wanted) -> int:
    """Write the document and keep it; its number. Raises Forbidden or IllegalAction."""
    case = at.case
    at.who.require(MAKERS, case.region_code)
    reason = _refusal(case, wanted)
    if reason is not None:
        raise IllegalAction(case, reason, offers(at, wanted.issued_on))
    office = office_of(connection, case.region_code, wanted.issued_on)
    parcel = _parcel(connection, case.site_id)
    doc_no = _doc_no(connection, case, wanted, office)
    ground = wanted.ground or facts_of(case).cause_ground
    about = Subject(
        case,
        parcel,
        office.name,
        office.government,
        office.contact,
        wanted.issued_on,
        at.rules,
        wanted.cause or case.cause,
        ground,
    )
    content = Official(
        office.name,
        doc_no,
        wanted.kind.term,
        texts.addressee(wanted.kind, about),
        texts.paragraphs(wanted.kind, about),
        wanted.issued_on,
    )
    return _kept(connection, case, wanted, content, at.who)


def offered(case: Case, who: Principal) -> tuple[Offered, ...]:
    """What the asker may make of the case as it stands."""
    if not who.may(MAKERS, case.region_code):
        return ()
    asked = (Offered(kind, _needs_cause(case, kind)) for kind in DocumentKind)
    return tuple(
        one
        for one in asked
        if _refusal(case, Wanted(one.kind, today(), Cause.HOLDER if one.needs_cause else None))
        is None
    )


def _needs_cause(case: Case, kind: DocumentKind) -> bool:
    return kind is DocumentKind.FINDING and case.cause is None


def _refusal(case: Case, wanted: Wanted) -> str | None:
    kind = wanted.kind
    if kind is not DocumentKind.PLAN and not case.is_legal:
        return f"“{kind.term}”只用于闲置土地的法定程序"
    if case.state not in _STATES[kind]:
        return f"“{case.state.term}”的案件不能出具“{kind.term}”"
    measure = _MEASURE.get(kind)
    if measure is not None and measure not in case.measures:
        return f"处置方案中没有“{kind.term}”对应的措施（第十四条）"
    if kind is DocumentKind.FEE and facts_of(case).price_wan is None:
        return "请先补充出让或划拨价款"
    if _needs_cause(case, kind) and wanted.cause is None:
        return "请先说明闲置原因"
    return None


def office_of(connection: Connection, region_code: str, day: date) -> Office:
    """The office of a county as it called itself on a day, else its name from the region's."""
    county, c = region_code[:_COUNTY_DIGITS], disposal_offices.c
    named = select(disposal_offices).where(c.region_code == county, c.effective_from <= day)
    newest = named.order_by(c.effective_from.desc(), c.version.desc()).limit(1)
    row = connection.execute(newest).first()
    if row is not None:
        contact = "，".join(part for part in (row.address, row.phone) if part) or row.name
        return Office(row.name, row.short_name, row.government, contact)
    codes = [region_code[:_CITY_DIGITS], county]
    named = select(regions.c.name).where(regions.c.code.in_(codes)).order_by(regions.c.code)
    names = list(connection.execute(named).scalars())
    # A district of a city is called after it; a county or a city of its own is not.
    place = "".join(names if not names or names[-1].endswith("区") else names[-1:])
    office = f"{place}自然资源和规划局"
    return Office(office, f"{place}自然资", f"{place}人民政府", office)


def _doc_no(connection: Connection, case: Case, wanted: Wanted, office: Office) -> str:
    year, sign = wanted.issued_on.year, wanted.kind.sign
    series = f"{case.region_code[:_COUNTY_DIGITS]}-{wanted.kind.value}-{year}"
    return f"{office.short_name}{sign}〔{year}〕{numbering.next_serial(connection, series)}号"


def _parcel(connection: Connection, site_id: int) -> dict[str, Any]:
    parcels = SITES["parcels"]
    wanted = ("code", "name", "address", "holder_name", "contract_no", "supervision_no")
    columns = [parcels.c[name] for name in wanted]
    row = connection.execute(select(*columns).where(parcels.c.id == site_id)).mappings().one()
    return {str(name): value for name, value in row.items()}


def _kept(
    connection: Connection, case: Case, wanted: Wanted, content: Official, who: Principal
) -> int:
    body = official.docx(content)
    digest = hashlib.sha256(body).hexdigest()
    row = {
        "case_id": case.id,
        "kind": wanted.kind.value,
        "doc_no": content.doc_no,
        "title": content.title,
        "issued_on": wanted.issued_on,
        "file_name": f"{content.doc_no}{content.title}.docx",
        "sha256": digest,
        "size_bytes": len(body),
        "body": body,
        "inputs": {"to": content.to, "paragraphs": list(content.paragraphs)},
        "actor": who.actor,
    }
    statement = insert(disposal_documents).values(row).returning(disposal_documents.c.id)
    document_id: int = connection.execute(statement).scalar_one()
    details = {
        "document_id": document_id,
        "kind": wanted.kind.value,
        "doc_no": content.doc_no,
        "sha256": digest,
    }
    subject = f"disposal_cases/{case.id}"
    audit.record(connection, who.actor, audit.Action.CASE_DOCUMENT, subject, details)
    return document_id


def file_of(connection: Connection, case_id: int, document_id: int) -> RowMapping:
    """The file of one document of a case with its name; :class:`UnknownFile`."""
    table = disposal_documents
    found = connection.execute(
        select(table.c.file_name, table.c.body, table.c.sha256).where(
            table.c.case_id == case_id, table.c.id == document_id
        )
    )
    row = found.mappings().first()
    if row is None:
        raise UnknownFile(document_id)
    return row
