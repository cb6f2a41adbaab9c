"""Cases of idle land: how they begin and what may be done with them."""

from server.disposal.discovery import (
    Discovery,
    Finder,
    Found,
    UnknownSite,
    discover,
    discover_all,
)

__all__ = ["Discovery", "Finder", "Found", "UnknownSite", "discover", "discover_all"]
