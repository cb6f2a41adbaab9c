"""What the scan finds: one parcel, the line that it crossed or will, and the facts that say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from server.disposal.codes import IdleClass
from server.disposal.rules import Kind


@dataclass(frozen=True)
class Finding:
    """One parcel that crossed a line or is about to, and the facts that say so."""

    site_id: int
    region_code: str
    kind: Kind
    is_suspect: bool
    rule_id: int
    area_m2: Decimal
    since: date | None
    line: str | None
    line_on: date | None
    days_left: int | None
    days_before: int | None
    inputs: Mapping[str, Any]
    on_the_day: Mapping[str, Any]

    @property
    def idle_class(self) -> IdleClass:
        """The one class that the parcel is in."""
        return self.kind.idle_class


def finding_of(row: Mapping[str, Any], rule_version: int) -> Finding:
    """A row of :func:`server.disposal.scan_sql.findings` as what it means."""
    return Finding(
        row["site_id"],
        row["region_code"],
        Kind(row["sub_kind"]),
        row["suspect"],
        row["rule_id"],
        row["area_m2"],
        row["since"],
        row["line"],
        row["line_on"],
        row["days_left"],
        row["days_before"],
        {**row["inputs"], "rule_version": rule_version},
        row["on_the_day"],
    )
