"""Every table of the product on one metadata: importing this module knows them all."""

from gis import datum_shifts, freshness
from gis.tables import metadata
from server import idempotency, nightly
from server.accounts import tables as accounts
from server.disposal import scan_tables as disposal_rules
from server.disposal import tables as disposal

__all__ = [
    "accounts",
    "datum_shifts",
    "disposal",
    "disposal_rules",
    "freshness",
    "idempotency",
    "metadata",
    "nightly",
]
