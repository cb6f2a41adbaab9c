"""Every table of the product on one metadata: importing this module knows them all."""

from gis import datum_shifts
from gis.tables import metadata
from server import nightly
from server.disposal import tables as disposal

__all__ = ["datum_shifts", "disposal", "metadata", "nightly"]
