"""A committed change of one parcel, as an officer's edit makes it."""

from sqlalchemy import Engine, select

from gis.layers import layer_named
from gis.publish import publish
from gis.tables import SITES


def moved(engine: Engine, site_id: int, address: str) -> int:
    """Give the parcel another address and publish it; the new version of the layer."""
    site = SITES["parcels"]
    with engine.begin() as connection:
        connection.execute(
            site.update()
            .where(site.c.id == site_id)
            .values(address=address, version=site.c.version + 1)
        )
        chosen = select(site.c.id).where(site.c.id == site_id)
        return publish(connection, layer_named("parcels"), 6, chosen)
