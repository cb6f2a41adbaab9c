"""SQL alone, by pgbench: our own, and what pg_featureserv, pg_tileserv and Martin would send.

Their statements are written from their documentation and sources as we know them, not taken from a
running server. PostgreSQL's time is the least part of such a server's, so this is the most it could
do: a ratio to it is a lower bound of ours.
"""

from pathlib import Path

from gis import statements
from gis.crs import Crs
from gis.layers import layer_named
from gis.query import BBox, ItemsQuery
from gis.zooms import plane
from tests.bench import seed, views

_TEXT_COLUMNS = [
    "id",
    "code",
    "name",
    "status",
    "region_code",
    "address",
    "area_m2",
    "land_use_code",
    "land_use_name",
    "plot_ratio",
    "supply_method",
    "tenure_years",
    "price_start_wan",
    "available_on",
    "is_standard_land",
    "investment_wan_per_mu",
    "tax_wan_per_mu",
    "output_wan_per_mu",
    "is_cleared",
    "has_road",
    "has_water",
    "has_power",
    "has_gas",
    "is_levelled",
    "power_kva",
    "water_t_per_day",
    "source",
]
_TILE_COLUMNS = ", ".join(("status", "code", "name", "area_m2"))
_BOX = "ST_MakeEnvelope(:x, :y, :x + {0}, :y + {0}, {1})"


def _anywhere(size: int) -> str:
    west, south, east, north = seed.extent(size)
    span, width = east - west, views.WIDTH
    return (
        "\\set i random(0, 1000000)\n\\set j random(0, 1000000)\n"
        f"\\set x {west} + :i * {(span - width) / 1e6:.12f}\n"
        f"\\set y {south} + :j * {(north - south - width) / 1e6:.12f}\n"
    )


def own_page(folder: Path, size: int) -> Path:
    """Our page, as the fast lane sends it."""
    parcels = layer_named("parcels")
    query = ItemsQuery(Crs.GCJ02, bbox=BBox(1.0, 1.0, 2.0, 2.0), limit=200)
    asked = statements.view(parcels, query)
    assert asked is not None
    statement, values = asked
    # pgbench reads the colons of a time format as variables.
    text = statement.direct.replace('YYYY-MM-DD"T"HH24:MI:SSTZH:TZM', "YYYY").replace("%%", "%")
    width = views.WIDTH
    places = {1.0: (":x", ":y"), 2.0: (f":x + {width}", f":y + {width}")}
    seen: dict[object, int] = {}
    for value in statement.repeated(statement.arguments(values)):
        turn = seen[value] = seen.get(value, -1) + 1
        chosen = places[value][turn % 2] if isinstance(value, float) else str(value)
        text = text.replace("%s", chosen, 1)
    return _script(folder, "own-page", f"{_anywhere(size)}{text};\n")


def own_item(folder: Path, size: int) -> Path:
    """Our site, as the fast lane sends it."""
    from_id = statements.item(layer_named("parcels"), ItemsQuery(Crs.GCJ02).audience)
    text = from_id.direct.replace("%%", "%").replace("%s", ":id")
    return _script(folder, "own-item", f"\\set id random(1, {size})\n{text};\n")


def featureserv_page(folder: Path, size: int) -> Path:
    """pg_featureserv: GeoJSON of the geometry made at each request, attributes as text."""
    box = _BOX.format(views.WIDTH, 4326)
    text = (
        f"SELECT ST_AsGeoJSON(geom) AS _geojson, {_as_text()} FROM peers.parcels"
        f" WHERE ST_Intersects(geom, {box}) LIMIT 200;\n"
    )
    return _script(folder, "featureserv-page", _anywhere(size) + text)


def featureserv_item(folder: Path, size: int) -> Path:
    """pg_featureserv by id."""
    text = f"SELECT ST_AsGeoJSON(geom) AS _geojson, {_as_text()} FROM peers.parcels WHERE id = :id;"
    return _script(folder, "featureserv-item", f"\\set id random(1, {size})\n{text}\n")


def _as_text() -> str:
    return ", ".join(f'"{name}"::text' for name in _TEXT_COLUMNS)


def _any_tile(size: int, zoom: int) -> str:
    west, south, east, north = seed.extent(size)
    world, tile = 20037508.342789244, 2 * 20037508.342789244 / 2**zoom
    (left, low), (right, high) = plane(west, south), plane(east, north)
    return (
        f"\\set x random({int((left + world) // tile)}, {int((right + world) // tile)})\n"
        f"\\set y random({int((world - high) // tile)}, {int((world - low) // tile)})\n"
    )


def tileserv_tile(folder: Path, size: int, zoom: int) -> Path:
    """pg_tileserv: a stored EPSG:4326 table projected and clipped at each request."""
    text = (
        f"SELECT ST_AsMVT(mvtgeom, 'peers.parcels', 4096, 'geom', 'id') FROM (SELECT"
        f" ST_AsMVTGeom(ST_Transform(ST_Force2D(t.geom), 3857), bounds.geom_clip, 4096, 256)"
        f" AS geom, t.id, {_TILE_COLUMNS} FROM peers.parcels t,"
        f" (SELECT ST_TileEnvelope({zoom}, :x, :y) AS geom_clip,"
        f" ST_Expand(ST_TileEnvelope({zoom}, :x, :y), {2445.98 * 2 ** (10 - zoom):.4f})"
        f" AS geom_query) bounds"
        f" WHERE ST_Intersects(t.geom, ST_Transform(bounds.geom_query, 4326)) LIMIT 50000) mvtgeom;"
    )
    return _script(folder, f"tileserv-{zoom}", f"{_any_tile(size, zoom)}{text}\n")


def martin_tile(folder: Path, size: int, zoom: int) -> Path:
    """Martin: its generated table query."""
    text = (
        f"SELECT ST_AsMVT(tile, 'parcels', 4096, 'geom', 'id') FROM (SELECT ST_AsMVTGeom("
        f"ST_Transform(ST_CurveToLine(geom::geometry), 3857), ST_TileEnvelope({zoom}, :x, :y),"
        f" 4096, 64, true) AS geom, id, {_TILE_COLUMNS} FROM peers.parcels WHERE geom &&"
        f" ST_Transform(ST_TileEnvelope({zoom}, :x, :y, margin => 0.015625), 4326)) AS tile;"
    )
    return _script(folder, f"martin-{zoom}", f"{_any_tile(size, zoom)}{text}\n")


def _script(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.sql"
    path.write_text(text.replace("\n ", " "))
    return path
