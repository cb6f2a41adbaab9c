"""The register as a workbook that comes in again unchanged."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from gis.exporting.workbook import add_sheet
from server.disposal.codes import IdleClass, State
from server.disposal.measures import MEASURE_TITLES
from server.disposal.register_rows import TEXTS, TITLES

_NO_CASE = "已处置完毕"


def workbook(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The bytes of an .xlsx file; ``rows`` as :func:`server.disposal.register.listed` gives."""
    book = Workbook(write_only=True)
    add_sheet(book, "低效用地库", list(TITLES.values()), (_cells(row) for row in rows))
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _cells(row: Mapping[str, Any]) -> list[object]:
    values: dict[str, object] = {
        "parcel_code": row["parcel_code"],
        "supervision_no": row["supervision_no"],
        "company": row["company"],
        "credit_code": row["credit_code"],
        "occupied": _mu(row["occupied_m2"]),
        "disposed": _mu(row["disposed_m2"]),
        "remaining": _mu(row["occupied_m2"] - row["disposed_m2"]),
        "tax_last": _number(row["tax_last_wan_per_mu"]),
        "tax_before": _number(row["tax_before_wan_per_mu"]),
        "idle_class": IdleClass(row["class"]).term,
        "measure": MEASURE_TITLES.get(row["measure"] or ""),
        "state": State(row["state"]).term if row["state"] else _NO_CASE,
        **{name: row[name] for name in TEXTS},
    }
    return [values[name] for name in TITLES]


def _mu(area_m2: Decimal) -> float:
    return float(round(area_m2 * 3 / 2000, 4))


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
