"""Every table of the product on one metadata: importing this module knows them all."""

from gis import datum_shifts
from gis.tables import metadata
from server import idempotency, nightly
from server.accounts import tables as accounts
from server.disposal import tables as disposal

__all__ = ["accounts", "datum_shifts", "disposal", "idempotency", "metadata", "nightly"]
