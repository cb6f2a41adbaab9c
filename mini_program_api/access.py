"""Who may read what: exact coordinates are for staff."""

from gis.crs import Crs
from server.accounts.principals import StaffOnly
from server.request import settings


def permit(crs: Crs) -> None:
    """Raises :class:`StaffOnly` where the reader may not have coordinates of that system."""
    if crs is not Crs.GCJ02 and not settings().staff_coordinates:
        raise StaffOnly
