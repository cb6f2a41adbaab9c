"""dBASE tables read from their own bytes: strict decoding, nothing replaced or dropped silently.

GDAL's own recoding is not used: it replaces undecodable bytes, needs an iconv that knows GB18030,
and is slower than decoding a whole column at once.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gis.carriers.model import CarrierError

Bytes = NDArray[np.uint8]
Types = tuple[pa.DataType, ...]

_LDID = {0x4D: "gb18030", 0x7A: "gb18030", 0x4E: "cp949", 0x79: "cp949", 0x4F: "cp950",
         0x78: "cp950", 0x13: "cp932", 0x7B: "cp932"}  # fmt: skip


DELETED = 0x2A
"""First byte of a record that is marked as deleted."""


@dataclass(frozen=True)
class DbfField:
    """One field descriptor; ``name`` undecoded."""

    name: bytes
    kind: str
    offset: int
    width: int
    decimals: int

    @property
    def is_text(self) -> bool:
        """Whether the bytes are text in the encoding of the table."""
        return self.kind not in "NFDLMIOB@+Y"


@dataclass(frozen=True)
class Dbf:
    """Header of a table and what its file really holds."""

    path: Path
    fields: tuple[DbfField, ...]
    record_count: int
    header_length: int
    record_length: int
    language: int
    file_size: int

    @property
    def ldid_encoding(self) -> str | None:
        """Encoding told by the language driver id, if it tells a multi-byte one."""
        return _LDID.get(self.language)

    def block(self, first: int, count: int) -> Bytes:
        """Bytes of ``count`` records from number ``first`` (from 0), one row each."""
        start = self.header_length + first * self.record_length
        raw = np.fromfile(self.path, np.uint8, count * self.record_length, offset=start)
        return raw.reshape(count, self.record_length)

    def blocks(self, size: int) -> Iterator[tuple[int, Bytes]]:
        """``(first record number, block)`` over the whole table."""
        for first in range(0, self.record_count, size):
            yield first, self.block(first, min(size, self.record_count - first))


def open_dbf(path: Path) -> Dbf:
    """Parse and check a header; raises ``dbf-damaged``."""
    with path.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:
            raise damaged("文件头不完整")
        count, header_length, record_length = struct.unpack("<IHH", head[4:12])
        descriptors = file.read(max(0, header_length - 32))
    fields: list[DbfField] = []
    offset = 1
    for start in range(0, len(descriptors) - 31, 32):
        entry = descriptors[start : start + 32]
        if entry[0] in (0x0D, 0x00):
            break
        name = entry[:11].split(b"\0")[0]
        kind, width, decimals = chr(entry[11]), entry[16], entry[17]
        if kind == "C":
            # Wide text fields keep the high byte of their width where numbers keep decimals.
            width, decimals = width + decimals * 256, 0
        fields.append(DbfField(name, kind, offset, width, decimals))
        offset += width
    if record_length < 1 or offset > record_length or len(descriptors) < header_length - 32:
        raise damaged(f"字段总宽 {offset} 与记录长度 {record_length} 不符")
    size = path.stat().st_size
    return Dbf(path, tuple(fields), count, header_length, record_length, head[29], size)


def damaged(reason: str) -> CarrierError:
    """The error for a table whose header makes no sense."""
    return CarrierError(
        "dbf-damaged", f"属性表 .dbf 已损坏（{reason}），请从原软件重新导出。", reason
    )


def packed(cells: Bytes) -> tuple[bytes, int]:
    """Cells of one column cut at the first NUL, trailing blanks off, each ended by one NUL.

    NUL is never part of a multi-byte character in the encodings used here, so one decode of the
    whole column is as strict as one per cell.
    """
    count = len(cells)
    used = np.flatnonzero(((cells != 0x20) & (cells != 0)).any(axis=0))
    width = int(used[-1]) + 1 if used.size else 0
    if width == 0:
        return b"\0" * count, count
    room = np.zeros((count, width + 1), np.uint8)
    room[:, :width] = cells[:, :width]
    if bool((room[:, :width] == 0).any()):
        room[np.maximum.accumulate(room == 0, axis=1)] = 0
    blank = (room == 0x20) | (room == 0)
    lengths = width + 1 - np.argmin(blank[:, ::-1], axis=1)
    lengths[blank.all(axis=1)] = 0
    places = np.arange(width + 1)
    room[np.arange(count), lengths] = 0
    return room[places <= lengths[:, None]].tobytes(), count


def text_array(cells: Bytes, encoding: str) -> pa.Array:
    """String column of cells that the scan has proved; a half character at the end is dropped."""
    raw, count = packed(cells)
    encoded = raw if raw.isascii() else raw.decode(encoding, "ignore").encode()
    ends = np.flatnonzero(np.frombuffer(encoded, np.uint8) == 0)
    offsets = np.zeros(count + 1, np.int32)
    offsets[1:] = ends - np.arange(count)
    filled = np.packbits(np.diff(offsets) > 0, bitorder="little")
    parts = [pa.py_buffer(filled), pa.py_buffer(offsets), pa.py_buffer(encoded.replace(b"\0", b""))]
    return pa.Array.from_buffers(pa.string(), count, parts)


def column(field: DbfField, block: Bytes, encoding: str, kind: pa.DataType) -> pa.Array:
    """One column of a block of records as type ``kind``; cells that are no such value are null."""
    cells = block[:, field.offset : field.offset + field.width]
    if field.kind in "MIOB@+Y":
        return pa.nulls(len(block), kind)
    if field.is_text:
        return text_array(cells, encoding)
    text = pc.utf8_trim_whitespace(text_array(cells, "latin-1"))
    none = pa.scalar(None, pa.string())
    if pa.types.is_boolean(kind):
        known = pc.match_substring_regex(text, "^[YyTtNnFf]$")
        return pc.match_substring_regex(pc.if_else(known, text, none), "^[YyTt]$")
    if pa.types.is_date(kind):
        return _dates(text)
    fits = pc.match_substring_regex(text, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    number = pc.if_else(fits, pc.utf8_ltrim(text, "+"), none)
    if pa.types.is_integer(kind):
        return number.cast(pa.int64())
    return number.cast(pa.float64())


def _dates(text: pa.Array) -> pa.Array:
    shaped = pc.match_substring_regex(text, r"^[12]\d{3}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
    text = pc.if_else(shaped, text, pa.scalar(None, pa.string()))
    moments = pc.strptime(text, format="%Y%m%d", unit="s", error_is_null=True)
    # strptime rolls 30 February over to March; such a cell is no date.
    days = moments.cast(pa.date32())
    same = pc.equal(pc.strftime(days, format="%Y%m%d"), text)
    return pc.if_else(same, days, pa.scalar(None, pa.date32()))


def column_types(dbf: Dbf, wide: frozenset[int]) -> Types:
    """Arrow type of every field; ``wide``: whole-number fields that hold fractions or overflow."""
    types: list[pa.DataType] = []
    for index, field in enumerate(dbf.fields):
        if field.kind == "D":
            types.append(pa.date32())
        elif field.kind == "L":
            types.append(pa.bool_())
        elif field.kind in "NF":
            whole = field.decimals == 0 and field.kind == "N" and field.width <= 18
            types.append(pa.int64() if whole and index not in wide else pa.float64())
        else:
            types.append(pa.string())
    return tuple(types)
