"""The register of low-efficiency land: a county's workbook as cases, and out again.

All or nothing: one row that is wrong keeps the whole file out, and every wrong row is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from sqlalchemy import Connection, func, text
from sqlalchemy.dialects.postgresql import insert

from gis import audit
from server.disposal import register_rows
from server.disposal.cases import Discovery, Finder, discover_all
from server.disposal.codes import Source
from server.disposal.register_rows import TEXTS, TITLES, TOLERANCE_M2, Fault, RegisterRow
from server.disposal.register_tables import disposal_register

MOST_FAULTS_TOLD = 500
_WHOLE = Decimal("1.01")
"""A register may say a hundredth more than the parcel's own area before it is wrong."""


class RegisterRefused(ValueError):
    """Rows that are wrong keep the file out."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} 处有误，没有导入任何一行")
        self.faults = faults


@dataclass(frozen=True)
class Imported:
    """What a file brought: rows, of them new, changed and as they were; cases opened."""

    rows: int
    new: int
    changed: int
    unchanged: int
    cases: int


@dataclass(frozen=True)
class Importer:
    """Who imports, in which regions, on which day; a dry run writes nothing."""

    actor: str
    prefixes: tuple[str, ...]
    day: date
    is_dry_run: bool = False


def import_workbook(connection: Connection, file: IO[bytes], by: Importer) -> Imported:
    """Take a register in.

    Raises :class:`RegisterRefused` with every fault, :class:`register_rows.BadRegister` for a file
    that is no register.
    """
    rows, faults = register_rows.read(file)
    matched, unmatched = _matched(connection, rows, by.prefixes)
    faults += unmatched
    known = _known(connection, [site["id"] for _, site in matched])
    faults += _conflicts(matched, known)
    if faults:
        raise RegisterRefused(sorted(faults, key=lambda one: one.row))
    wanted = [(row, site, known.get((site["id"], row.idle_class.value))) for row, site in matched]
    new = [(row, site) for row, site, before in wanted if before is None]
    changed = [(r, s) for r, s, before in wanted if before is not None and _differs(r, before)]
    counts = len(rows), len(new), len(changed), len(rows) - len(new) - len(changed)
    if by.is_dry_run:
        return Imported(*counts, sum(_left(row) > 0 for row, _ in new))
    opened = _open(connection, new, by)
    for row, site in [*new, *changed]:
        _put(connection, row, site["id"], opened.get((site["id"], row.idle_class.value)), by.actor)
    told = Imported(*counts, len(opened))
    action = audit.Action.REGISTER_IMPORTED
    audit.record(connection, by.actor, action, "disposal_register", vars(told))
    return told


Site = Mapping[str, Any]
Matched = list[tuple[RegisterRow, Site]]

_SITES = text(
    """
SELECT id, code, supervision_no, holder_name, region_code, area_m2 FROM parcels
WHERE retired_at IS NULL AND (code = ANY(:codes) OR supervision_no = ANY(:numbers)
    OR holder_name = ANY(:holders))"""
)


def _matched(
    connection: Connection, rows: Sequence[RegisterRow], prefixes: tuple[str, ...]
) -> tuple[Matched, list[Fault]]:
    """The parcel of each row: by its code, else its supervision number, else its holder alone."""
    asked = {
        "codes": [row.parcel_code for row in rows if row.parcel_code],
        "numbers": [row.supervision_no for row in rows if row.supervision_no],
        "holders": [row.company for row in rows if not row.parcel_code and not row.supervision_no],
    }
    found = connection.execute(_SITES, asked).mappings().all()
    sites = {
        name: _grouped([dict(site) for site in found], name)
        for name in ("code", "supervision_no", "holder_name")
    }
    matched: Matched = []
    faults: list[Fault] = []
    for row in rows:
        name, value = _looked_up(row)
        candidates = sites[name].get(value, [])
        fault = _unmatched(row, name, value, candidates, prefixes)
        if fault is None:
            matched.append((row, candidates[0]))
        else:
            faults.append(fault)
    return matched, faults


def _grouped(sites: Sequence[Site], name: str) -> dict[str, list[Site]]:
    groups: dict[str, list[Site]] = {}
    for site in sites:
        groups.setdefault(site[name], []).append(site)
    return groups


def _looked_up(row: RegisterRow) -> tuple[str, str]:
    if row.parcel_code:
        return "code", row.parcel_code
    if row.supervision_no:
        return "supervision_no", row.supervision_no
    return "holder_name", row.company


_LOOKED_UP = {"code": "parcel_code", "supervision_no": "supervision_no", "holder_name": "company"}


def _unmatched(
    row: RegisterRow,
    name: str,
    value: str,
    found: Sequence[Site],
    prefixes: tuple[str, ...],
) -> Fault | None:
    title = TITLES[_LOOKED_UP[name]]
    if not found:
        return Fault(row.number, title, f"没有找到“{value[:60]}”的地块")
    if len(found) > 1:
        return Fault(row.number, title, f"“{value[:60]}”对应多个地块，请填写地块编号")
    site = found[0]
    if site["region_code"] is None or not site["region_code"].startswith(prefixes):
        return Fault(row.number, title, "地块不在您的管辖范围")
    if row.occupied_m2 > site["area_m2"] * _WHOLE + TOLERANCE_M2:
        own = f"{site['area_m2'] * 3 / 2000:.2f}"
        return Fault(row.number, TITLES["occupied"], f"大于地块面积 {own} 亩")
    return None


_KNOWN = text(
    """
SELECT r.*, p.code AS parcel_code, p.supervision_no, p.region_code, c.state,
    r.disposed_before_m2 + coalesce(c.disposed_area_m2, 0) AS disposed_m2
FROM disposal_register r JOIN parcels p ON p.id = r.site_id
LEFT JOIN disposal_cases c ON c.id = r.case_id
WHERE (CAST(:sites AS bigint[]) IS NULL OR r.site_id = ANY(:sites))
    AND p.region_code LIKE ANY(:prefixes)
ORDER BY p.code, r.class"""
)


def listed(connection: Connection, prefixes: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of the register below regions, with what their cases disposed of since."""
    asked = {"sites": None, "prefixes": [f"{prefix}%" for prefix in prefixes]}
    return [dict(row) for row in connection.execute(_KNOWN, asked).mappings()]


def _known(connection: Connection, sites: Sequence[int]) -> dict[tuple[int, str], dict[str, Any]]:
    asked = {"sites": list(sites), "prefixes": ["%"]}
    rows = connection.execute(_KNOWN, asked).mappings()
    return {(row["site_id"], row["class"]): dict(row) for row in rows}


def _conflicts(matched: Matched, known: Mapping[tuple[int, str], Mapping[str, Any]]) -> list[Fault]:
    """Rows of one parcel and class, and areas that only the case may change."""
    faults: list[Fault] = []
    seen: dict[tuple[int, str], int] = {}
    for row, site in matched:
        key = (site["id"], row.idle_class.value)
        if key in seen:
            message = f"与第 {seen[key]} 行是同一地块同一类型"
            faults.append(Fault(row.number, TITLES["parcel_code"], message))
        seen.setdefault(key, row.number)
        before = known.get(key)
        if before is None:
            continue
        if abs(before["disposed_m2"] - row.disposed_m2) > TOLERANCE_M2:
            own = f"{before['disposed_m2'] * 3 / 2000:.2f}"
            message = f"系统中已处置 {own} 亩，请在案件中填报进展，不能由台账改动"
            faults.append(Fault(row.number, TITLES["disposed"], message))
        if abs(before["occupied_m2"] - row.occupied_m2) > TOLERANCE_M2:
            own = f"{before['occupied_m2'] * 3 / 2000:.2f}"
            message = f"台账中为 {own} 亩，认定面积请在案件中更正"
            faults.append(Fault(row.number, TITLES["occupied"], message))
    return faults


def _texts(row: RegisterRow) -> dict[str, object]:
    return {
        "company": row.company,
        "credit_code": row.credit_code,
        "measure": row.measure,
        "tax_last_wan_per_mu": row.tax_last,
        "tax_before_wan_per_mu": row.tax_before,
        **{name: row.texts[name] for name in TEXTS},
    }


def _differs(row: RegisterRow, before: Mapping[str, Any]) -> bool:
    return any(before[name] != value for name, value in _texts(row).items())


def _left(row: RegisterRow) -> Decimal:
    """What is still to be disposed of; a rounded remainder is none."""
    left = row.occupied_m2 - row.disposed_m2
    return left if left > TOLERANCE_M2 else Decimal(0)


def _open(connection: Connection, new: Matched, by: Importer) -> dict[tuple[int, str], int]:
    """Cases for rows with land left to dispose of."""
    wanted = [(row, site) for row, site in new if _left(row) > 0]
    found = discover_all(
        connection,
        [
            Discovery(
                site["id"],
                row.idle_class,
                _left(row),
                by.day,
                Source.REGISTER,
                inputs={"company": row.company, "occupied_m2": str(row.occupied_m2),
                        "disposed_before_m2": str(row.disposed_m2)},
                is_legal=False,
            )
            for row, site in wanted
        ],
        Finder(by.actor),
    )  # fmt: skip
    return {
        (site["id"], row.idle_class.value): made.case_id
        for (row, site), made in zip(wanted, found, strict=True)
    }


def _put(
    connection: Connection, row: RegisterRow, site_id: int, case_id: int | None, actor: str
) -> None:
    told = {**_texts(row), "actor": actor}
    statement = insert(disposal_register).values(
        site_id=site_id,
        case_id=case_id,
        occupied_m2=row.occupied_m2,
        disposed_before_m2=min(row.disposed_m2, row.occupied_m2),
        **{"class": row.idle_class.value},
        **told,
    )
    connection.execute(
        statement.on_conflict_do_update(
            constraint="uq_disposal_register_site", set_={**told, "imported_at": func.now()}
        )
    )
