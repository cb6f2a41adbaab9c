"""The map below ours: whose tiles fit a coordinate system, and from which hosts they come."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from gis.crs import Crs
from server.config_maps import BaseMapProvider, MapSettings


@dataclass(frozen=True)
class _Provider:
    """One who serves map tiles in Web Mercator."""

    crs: Crs
    template: str
    hosts: str
    drawings: tuple[str, ...]
    scheme: str
    credit: str


# Tencent counts rows from the south; a picture of it is one tile, of 天地图 one with names above.
_PROVIDERS = {
    BaseMapProvider.TENCENT: _Provider(
        Crs.GCJ02,
        "https://rt{s}.map.gtimg.com/tile?z={z}&x={x}&y={y}&styleid=1&key={key}",
        "0123",
        ("map",),
        "tms",
        "© 腾讯地图",
    ),
    BaseMapProvider.TIANDITU: _Provider(
        Crs.CGCS2000,
        "https://t{s}.tianditu.gov.cn/{drawing}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        "&LAYER={drawing}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
        "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}",
        "01234567",
        ("vec", "cva"),
        "xyz",
        "© 国家地理信息公共服务平台 天地图",
    ),
}
TILE_PX = 256
MOST_ZOOM = 18


@dataclass(frozen=True)
class BaseMap:
    """What to draw below our land: one list of tile addresses for each picture, lowest first."""

    pictures: tuple[tuple[str, ...], ...]
    scheme: str
    credit: str

    def sources(self) -> dict[str, object]:
        """Raster sources of a MapLibre style, in the order in which they are drawn."""
        return {
            f"base-{number}": {
                "type": "raster",
                "tiles": list(tiles),
                "scheme": self.scheme,
                "tileSize": TILE_PX,
                "maxzoom": MOST_ZOOM,
                "attribution": self.credit,
            }
            for number, tiles in enumerate(self.pictures)
        }

    @property
    def hosts(self) -> tuple[str, ...]:
        """Origins that a page has to allow."""
        parts = [urlsplit(address) for tiles in self.pictures for address in tiles]
        return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))


def base_map(config: MapSettings, crs: Crs) -> BaseMap | None:
    """The map that fits positions of a system; none if none is set, or the one set would be off.

    GCJ-02 lies some 500 m beside CGCS2000: 天地图 never lies below public positions, nor Tencent's
    map below exact ones.
    """
    provider = _PROVIDERS.get(config.base_map)
    if provider is None or provider.crs is not crs:
        return None
    template = config.base_map_tiles or provider.template
    filled = template.replace("{key}", config.base_map_key)
    pictures = []
    for drawing in provider.drawings if "{drawing}" in filled else provider.drawings[:1]:
        one = filled.replace("{drawing}", drawing)
        hosts = provider.hosts if "{s}" in one else "0"
        pictures.append(tuple(one.replace("{s}", host) for host in hosts))
    return BaseMap(tuple(pictures), provider.scheme, provider.credit)
