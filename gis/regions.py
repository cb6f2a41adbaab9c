"""Administrative regions: codes and names from province to township, with outlines where known."""

from sqlalchemy import Connection, func, select

from gis.tables import regions


def outlines(connection: Connection, level: str, under: str, decimals: int) -> list[str]:
    """Regions of a level below a code that have an outline, as GeoJSON text in GCJ-02."""
    properties = func.json_build_object(
        "code", regions.c.code, "name", regions.c.name, "level", regions.c.level
    )
    feature = func.concat(
        '{"type":"Feature","id":',
        func.to_json(regions.c.code),
        ',"geometry":',
        func.ST_AsGeoJSON(regions.c.geom_gcj02, decimals),
        ',"properties":',
        properties,
        "}",
    )
    statement = (
        select(feature)
        .where(
            regions.c.level == level,
            regions.c.code.startswith(under, autoescape=True),
            regions.c.geom_gcj02.is_not(None),
        )
        .order_by(regions.c.code)
    )
    return list(connection.execute(statement).scalars())
