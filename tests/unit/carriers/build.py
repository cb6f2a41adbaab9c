"""Builders of carriers, whole and broken, in memory: bytes of files by name."""

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from pyogrio.raw import write

Files = dict[str, bytes]
NAMES = ("东迁单元12号地块", "练市镇工业园3号", "双林镇产业园")


def squares(count: int = 3, east: float = 40_539_800.0, north: float = 3_415_000.0) -> list[Any]:
    """Squares of 100 m side, 200 m apart."""
    return [
        shapely.box(east + 200 * i, north, east + 200 * i + 100, north + 100) for i in range(count)
    ]


def write_vector(
    path: Path,
    geometries: Sequence[Any] | None = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    *,
    driver: str = "ESRI Shapefile",
    crs: str | None = "EPSG:4528",
    geometry_type: str = "Polygon",
    encoding: str | None = None,
    **options: Any,
) -> None:
    """Write a vector file through GDAL."""
    shapes = np.asarray(squares() if geometries is None else geometries, dtype=object)
    fields = {"地块名称": NAMES[: len(shapes)]} if columns is None else columns
    data = [
        np.asarray(values, dtype=object if isinstance(values[0], str | None) else None)
        for values in fields.values()
    ]
    write(
        path, shapely.to_wkb(shapes), data, np.asarray(list(fields)), driver=driver, crs=crs,
        geometry_type=geometry_type, encoding=encoding, **options,
    )  # fmt: skip


def shapefile(stem: str = "地块", *, encoding: str = "GBK", **options: Any) -> Files:
    """Files of a shapefile; without .cpg, as land bureaus send them."""
    with tempfile.TemporaryDirectory() as folder:
        write_vector(Path(folder) / "t.shp", encoding=encoding, **options)
        files = {f"{stem}{p.suffix}": p.read_bytes() for p in Path(folder).iterdir()}
    files.pop(f"{stem}.cpg", None)
    return files


def one_file(name: str, driver: str, **options: Any) -> Files:
    """A single-file data set."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{Path(name).suffix}"
        write_vector(path, driver=driver, **options)
        return {name: path.read_bytes()}


def geodatabase(**options: Any) -> Files:
    """Files of a file geodatabase, without its folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.gdb"
        write_vector(path, driver="OpenFileGDB", **options)
        return {p.name: p.read_bytes() for p in path.iterdir()}


def zipped(files: Mapping[str, bytes], *, gbk_names: bool = False) -> bytes:
    """A zip of the files; ``gbk_names``: names as Windows writes them, without the UTF-8 flag."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return as_gbk_names(sink.getvalue()) if gbk_names else sink.getvalue()


def as_gbk_names(raw: bytes) -> bytes:
    """Rewrite a zip with GBK member names and flag bit 11 unset."""
    source = zipfile.ZipFile(io.BytesIO(raw))
    body, directory = bytearray(), bytearray()
    for entry in source.infolist():
        name = entry.filename.encode("gb18030")
        content = source.read(entry)
        shared = struct.pack(
            "<HHHHHIIIHH",
            20,
            0,
            0,
            0,
            33,
            zlib.crc32(content),
            len(content),
            len(content),
            len(name),
            0,
        )
        place = len(body)
        body += b"PK\x03\x04" + shared + name + content
        tail = struct.pack("<HHHII", 0, 0, 0, 0, place)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + shared + tail + name
    count = len(source.infolist())
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)


def put(folder: Path, name: str, content: bytes) -> Path:
    """Write an upload."""
    path = folder / name
    path.write_bytes(content)
    return path


def damaged(content: bytes, place: int, replacement: bytes) -> bytes:
    """Content with some bytes overwritten."""
    return content[:place] + replacement + content[place + len(replacement) :]


def prj(epsg: int) -> bytes:
    """ESRI WKT of a code, as a .prj."""
    return str(pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")).encode()
