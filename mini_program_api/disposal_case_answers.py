"""Cases as JSON: what is stored, beside each code its Chinese term, areas in m² and 亩."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import RowMapping

from server.accounts.principals import ROLE_TITLES
from server.disposal.actions import ACTION_TITLES
from server.disposal.case import Case
from server.disposal.codes import CAUSE_GROUNDS, Cause, State
from server.disposal.documents import Offered
from server.disposal.evidence import Kind
from server.disposal.fields import Field
from server.disposal.measures import MEASURE_TITLES
from server.disposal.offers import Offer
from server.disposal.states import actions_from, onward
from server.disposal.wording import told

Json = dict[str, object]
Row = RowMapping

_MU_PLACES = Decimal("0.0001")


def case(row: Row, today: date) -> Json:
    """A case as a list shows it."""
    it = Case.of(row)
    return {
        "id": it.id,
        "case_no": it.case_no,
        "parcel": _parcel(row),
        "class": it.idle_class.value,
        "class_text": it.idle_class.term,
        "round": it.round,
        "state": it.state.value,
        "state_text": it.state.term,
        "suspended_state": it.suspended_state and it.suspended_state.value,
        "source": it.source.value,
        "source_text": it.source.term,
        **_areas(it),
        "discovered_on": _day(it.discovered_on),
        "registered_on": _day(it.registered_on),
        "classified_on": _day(it.classified_on),
        "closed_on": _day(it.closed_on),
        "state_since": _day(it.state_since),
        "idle_since": _day(it.idle_since),
        "cause": it.cause and it.cause.value,
        "cause_text": it.cause and it.cause.term,
        "measures": [{"measure": m, "title": MEASURE_TITLES[m]} for m in it.measures],
        "target_on": _day(it.target_on),
        "responsible_unit": it.responsible_unit,
        "officer": it.officer,
        "officer_name": row["officer_name"],
        "deadline_on": _day(it.deadline_on),
        "days_left": it.days_left(today),
        "overdue": it.is_overdue(today),
        "warning": it.deadline_note,
        "is_legal": it.is_legal,
        "rule": {
            "id": it.rule_id,
            "title": row["rule_title"],
            "source": row["rule_source"],
            "article": row["rule_article"],
            "inputs": it.rule_inputs,
        },
        "previous_case_id": it.previous_case_id,
        "version": it.version,
        "updated_at": instant(it.updated_at),
    }


def _parcel(row: Row) -> Json:
    return {
        "id": row["site_id"],
        "code": row["parcel_code"],
        "name": row["parcel_name"],
        "holder_name": row["holder_name"],
        "area_m2": _number(row["parcel_area_m2"]),
        "region_code": row["region_code"],
        "region_name": row["region_name"],
        "longitude": round(row["longitude"], 6),
        "latitude": round(row["latitude"], 6),
    }


def _areas(it: Case) -> Json:
    return {
        "area_in_class_m2": _number(it.area_in_class_m2),
        "area_in_class_mu": _mu(it.area_in_class_m2),
        "disposed_area_m2": _number(it.disposed_area_m2),
        "disposed_area_mu": _mu(it.disposed_area_m2),
        "remaining_m2": _number(it.remaining_m2),
        "target_area_m2": _number(it.target_area_m2),
    }


def detailed(
    row: Row, today: date, legal: Mapping[str, object] | None, may: Sequence[Offer]
) -> Json:
    """A case by itself: with its legal track and what the asker may do now."""
    return {
        **case(row, today),
        "suspension": row["suspension"],
        "legal": legal,
        "actions": offers(may),
        "next_step": _next_step(State(row["state"])),
    }


def _next_step(state: State) -> Json | None:
    """What leads the case on, and whose it is: for those who wait for somebody else."""
    action = onward(state)
    if action is None:
        return None
    roles = [ROLE_TITLES[role] for role in actions_from(state)[action].roles]
    return {"action": action.value, "title": action.term, "roles": roles}


def offers(may: Iterable[Offer]) -> list[Json]:
    """Actions with their forms."""
    return [
        {
            "action": one.action.value,
            "title": one.action.term,
            "requires": [_field(field) for field in one.fields],
        }
        for one in may
    ]


def _field(field: Field) -> Json:
    shown: Json = {
        "name": field.name,
        "title": field.title,
        "kind": field.kind.value,
        "required": field.required,
    }
    if field.proposed is not None:
        shown["value"] = field.proposed
    if field.choices:
        shown["choices"] = [{"value": v, "title": t} for v, t in field.choices.items()]
    return shown


def board(rows: Sequence[Row]) -> list[Json]:
    """A column for each state, in the order of a case's life, empty ones too."""
    found = {row["state"]: row for row in rows}
    return [_column(state, found.get(state.value)) for state in State]


def _column(state: State, row: Row | None) -> Json:
    area, disposed = (row["area_m2"], row["disposed_m2"]) if row else (Decimal(0), Decimal(0))
    return {
        "state": state.value,
        "state_text": state.term,
        "cases": row["cases"] if row else 0,
        "overdue": row["overdue"] if row else 0,
        "area_m2": _number(area),
        "area_mu": _mu(area),
        "disposed_area_m2": _number(disposed),
        "disposed_area_mu": _mu(disposed),
    }


def timeline(rows: Sequence[Row], files: Sequence[Json], documents: Sequence[Json]) -> list[Json]:
    """What was done, each with the evidence and documents that belong to it."""
    return [
        {
            "at": instant(row["at"]),
            "happened_on": _day(row["happened_on"]),
            "actor": row["actor"],
            "actor_name": row["actor_name"] or row["actor"],
            "role": row["role"],
            "action": row["action"],
            "title": ACTION_TITLES[row["action"]],
            "from_state": row["from_state"],
            "to_state": row["to_state"],
            "to_state_text": State(row["to_state"]).term,
            "comment": row["comment"],
            "inputs": row["inputs"],
            "told": told(row["action"], row["inputs"]),
            "version": row["case_version"],
            "evidence": [one for one in files if one["action_id"] == row["id"]],
            # A document belongs to the step that names its number.
            "documents": [one for one in documents if one["doc_no"] in row["inputs"].values()],
        }
        for row in rows
    ]


def evidence(row: Row) -> Json:
    """A photo or paper with where and when it was taken, and how far from the parcel."""
    path = f"/api/v1/disposal-cases/{row['case_id']}/evidence/{row['id']}"
    shown = (
        *("id", "action_id", "kind", "file_name", "sha256", "mime", "size_bytes", "width"),
        *("height", "longitude", "latitude", "exif_longitude", "exif_latitude", "note", "actor"),
    )
    return {
        **{name: row[name] for name in shown},
        "kind_text": Kind(row["kind"]).term,
        "taken_at": instant(row["taken_at"]),
        "exif_taken_at": instant(row["exif_taken_at"]),
        "distance_m": _metres(row["distance_m"]),
        "exif_distance_m": _metres(row["exif_distance_m"]),
        "is_far": row["is_far"],
        "at": instant(row["at"]),
        "url": path,
        "thumb_url": f"{path}/thumb" if row["kind"] == "photo" else None,
    }


def document(row: Row) -> Json:
    """A document that was made of the case, and where to get it."""
    shown = ("id", "kind", "doc_no", "title", "file_name", "sha256", "size_bytes")
    return {
        **{name: row[name] for name in shown},
        "issued_on": _day(row["issued_on"]),
        "actor": row["actor"],
        "at": instant(row["at"]),
        "url": f"/api/v1/disposal-cases/{row['case_id']}/documents/{row['id']}",
    }


def document_kind(one: Offered) -> Json:
    """A document that may be made, with the choices its maker has where the cause is open."""
    shown: Json = {"value": one.kind.value, "title": one.kind.term}
    if not one.needs_cause:
        return shown
    return shown | {
        "causes": _choices({c.value: c.term for c in Cause}),
        "grounds": _choices(CAUSE_GROUNDS),
    }


def _choices(titles: Mapping[str, str]) -> list[Json]:
    return [{"value": value, "title": title} for value, title in titles.items()]


def _metres(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def instant(value: datetime | None) -> str | None:
    """An instant as text in its own offset."""
    return None if value is None else value.isoformat(timespec="seconds")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _mu(value: Decimal) -> float:
    return float((value * 3 / 2000).quantize(_MU_PLACES))
