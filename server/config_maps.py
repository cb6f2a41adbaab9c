"""Settings of the map below ours: whose tiles are drawn, with which key; by default nobody's."""

import re
from enum import StrEnum

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

_TILES = re.compile(r"https?://[A-Za-z0-9.{}:-]+/[^\s\"'<>]*")


class BaseMapProvider(StrEnum):
    """Whose map lies below ours."""

    NONE = "none"
    TIANDITU = "tianditu"
    TENCENT = "tencent"


class MapSettings(BaseSettings):
    """A part of :class:`server.config.Settings`."""

    base_map: BaseMapProvider = Field(
        default=BaseMapProvider.NONE,
        description="map below ours: none, tianditu (CGCS2000, staff) or tencent (GCJ-02)",
    )
    base_map_key: str = Field(
        default="", pattern=r"^[\w-]*$", description="key of that map for browsers"
    )
    base_map_tiles: str = Field(
        default="", description="address of its tiles instead of the provider's: {z} {x} {y} {key}"
    )

    @field_validator("base_map_tiles")
    @classmethod
    def _whole(cls, template: str) -> str:
        """An address of tiles, or nothing."""
        parts = all(part in template for part in ("{z}", "{x}", "{y}"))
        if template and not (parts and _TILES.fullmatch(template)):
            raise ValueError("应为含 {z}、{x}、{y} 的 http(s) 瓦片地址")
        return template
