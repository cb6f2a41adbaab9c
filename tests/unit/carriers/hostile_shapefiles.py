"""Shapefiles that are not whole, or in a CRS that must not pass."""

import struct
from collections.abc import Callable

from tests.unit.carriers.build import (
    Files,
    damaged,
    prj,
    shapefile,
    squares,
    zipped,
)
from tests.unit.carriers.hostile import VRT, Upload, add


def packed(name: str, code: str, change: Callable[[Files], object]) -> None:
    """A zipped shapefile after one change to its files."""

    def build() -> Upload:
        files = shapefile()
        change(files)
        return "地块.zip", zipped(files)

    add(name, code, build)


def edit(suffix: str, place: int, value: bytes) -> Callable[[Files], object]:
    def change(files: Files) -> None:
        files[f"地块{suffix}"] = damaged(files[f"地块{suffix}"], place, value)

    return change


def cut(suffix: str, share: float) -> Callable[[Files], object]:
    def change(files: Files) -> None:
        content = files[f"地块{suffix}"]
        files[f"地块{suffix}"] = content[: int(len(content) * share)]

    return change


def put(name: str, content: bytes) -> Callable[[Files], object]:
    return lambda files: files.update({name: content})


def drop(suffix: str) -> Callable[[Files], object]:
    return lambda files: files.pop(f"地块{suffix}")


# Shapefiles that are not whole.
packed("shp-half", "truncated", cut(".shp", 0.5))
packed("shp-header-only", "truncated", cut(".shp", 0.1))
packed("shp-one-byte-short", "truncated", lambda f: f.update({"地块.shp": f["地块.shp"][:-1]}))
packed("shp-empty", "truncated", put("地块.shp", b""))
packed("shp-is-a-vrt", "truncated", put("地块.shp", VRT))
packed("shp-is-text", "truncated", put("地块.shp", b"hello " * 100))
packed("shx-half", "truncated", cut(".shx", 0.9))
packed("shx-empty", "truncated", put("地块.shx", b""))
packed("shx-count-halved", "count-mismatch", edit(".shx", 24, struct.pack(">i", 54)))
packed("dbf-half", "truncated", cut(".dbf", 0.6))
packed("dbf-count-halved", "count-mismatch", edit(".dbf", 4, struct.pack("<I", 1)))
packed("dbf-count-zero", "count-mismatch", edit(".dbf", 4, struct.pack("<I", 0)))
packed("dbf-count-huge", "truncated", edit(".dbf", 4, struct.pack("<I", 0xFFFFFFFF)))
packed("dbf-record-length-zero", "dbf-damaged", edit(".dbf", 10, b"\0\0"))
packed("dbf-record-length-short", "dbf-damaged", edit(".dbf", 10, b"\2\0"))
packed("dbf-header-length-huge", "dbf-damaged", edit(".dbf", 8, b"\xff\xff"))
packed("dbf-empty", "dbf-damaged", put("地块.dbf", b""))
packed("dbf-missing", "dbf-missing", drop(".dbf"))
packed("shp-missing", "shp-missing", drop(".shp"))
packed("shx-offset-outside", "truncated", edit(".shx", 100, struct.pack(">i", 0x7FFFFFFF)))
packed("shx-offset-negative", "truncated", edit(".shx", 100, struct.pack(">i", -100)))
packed("shx-length-wrong", "record-damaged", edit(".shx", 104, struct.pack(">i", 60)))
packed("shp-record-type-strange", "record-damaged", edit(".shp", 108, struct.pack("<i", 99)))
packed("shp-type-multipatch", "record-damaged", edit(".shp", 32, struct.pack("<i", 31)))
packed("shp-bounds-nan", "record-damaged", edit(".shp", 112, struct.pack("<d", float("nan"))))
packed("shp-points-count-huge", "record-damaged", edit(".shp", 148, struct.pack("<i", 0x7FFFFFF0)))
packed("shp-parts-count-negative", "record-damaged", edit(".shp", 144, struct.pack("<i", -5)))
packed(
    "shx-of-other-export", "count-mismatch", lambda f: f.update({"地块.shx": fewer()["地块.shx"]})
)
packed(
    "dbf-of-other-export", "count-mismatch", lambda f: f.update({"地块.dbf": fewer()["地块.dbf"]})
)
packed("text-in-no-encoding", "encoding-unknown", lambda f: text_bytes(f, b"\xff\xff\xfe\x81\xff "))


def fewer() -> Files:
    return shapefile(geometries=squares(2))


def text_bytes(files: Files, content: bytes) -> None:
    files["地块.dbf"] = damaged(files["地块.dbf"], 66, content)


# Coordinate systems that must not pass.
packed("crs-xian80", "crs-refused", put("地块.prj", prj(2364)))
packed("crs-beijing54", "crs-refused", put("地块.prj", prj(2416)))
packed("crs-web-mercator", "crs-refused", put("地块.prj", prj(3857)))
packed("crs-korea", "crs-refused", put("地块.prj", prj(5186)))
packed("crs-local-origin", "crs-refused",
       put("地块.prj", prj(4549).replace(b"500000.0", b"512345.0")))  # fmt: skip
packed("crs-wrong-zone", "crs-range-mismatch", put("地块.prj", prj(4527)))
packed("crs-degrees-claimed", "crs-range-mismatch", put("地块.prj", prj(4490)))
