"""Every table of the product on one metadata: importing this module knows them all."""

from gis import datum_shifts
from gis.tables import metadata
from server import nightly

__all__ = ["datum_shifts", "metadata", "nightly"]
