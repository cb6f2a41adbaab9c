"""What is found wrong with a row: stable codes, how much each matters, and where on the map."""

from dataclasses import dataclass

from gis.carriers.model import Severity


@dataclass(frozen=True)
class Finding:
    """One finding of one row (0: of the whole table); ``place`` is longitude, latitude."""

    row: int
    code: str
    severity: Severity
    message: str
    field: str | None = None
    value: str | None = None
    place: tuple[float, float] | None = None


SEVERITIES = {
    "bad-value": Severity.ERROR,
    "missing-value": Severity.ERROR,
    "code-missing": Severity.ERROR,
    "duplicate-in-file": Severity.ERROR,
    "unknown-region": Severity.ERROR,
    "unknown-park": Severity.ERROR,
    "unknown-code": Severity.ERROR,
    "unknown-parent": Severity.ERROR,
    "outside-shift": Severity.ERROR,
    "geometry-missing": Severity.ERROR,
    "geometry-type": Severity.ERROR,
    "geometry-invalid": Severity.ERROR,
    "foreign-region": Severity.ERROR,
    "outside-china": Severity.ERROR,
    "overlap-in-file": Severity.ERROR,
    "overlap-active": Severity.ERROR,
    "geometry-repaired": Severity.WARNING,
    "sliver": Severity.WARNING,
    "tiny-ring": Severity.WARNING,
    "area-mismatch": Severity.WARNING,
    "area-unit": Severity.WARNING,
    "unit-price": Severity.WARNING,
    "price-without-area": Severity.WARNING,
    "outside-region": Severity.WARNING,
    "outside-park": Severity.WARNING,
    "multipart": Severity.NOTE,
    "duplicate-vertices": Severity.NOTE,
}
"""Every code of a row and its severity; docs/import-codes.md explains each."""


def finding(
    row: int,
    code: str,
    message: str,
    *,
    field: str | None = None,
    value: str | None = None,
    place: tuple[float, float] | None = None,
) -> Finding:
    """A finding of a known code, with the severity that the code has."""
    return Finding(row, code, SEVERITIES[code], message, field, value, place)
