"""Opening a zip that nobody vouches for: checked before unpacking, counted while unpacking."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis.carriers.model import CarrierError, Finding, Limits, Severity
from gis.carriers.text_encoding import Script

_CHUNK = 1 << 20
_END_RECORD = 22
_LONGEST_COMMENT = 65_535
_ENTRY_BYTES = 1_000
"""Central directory bytes that one entry of an honest archive stays below."""

NESTED = frozenset({".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".kmz", ".zst"})
_IGNORED_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Member:
    """One file in an archive; ``folder`` and ``name`` only label things, they open nothing."""

    entry: zipfile.ZipInfo
    folder: str
    name: str

    @property
    def suffix(self) -> str:
        """Extension in lower case, with the dot."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        """Name without its extension."""
        return PurePosixPath(self.name).stem


class Archive:
    """A checked zip; use :func:`open_archive`."""

    def __init__(self, file: zipfile.ZipFile, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._written = 0
        self.members: tuple[Member, ...] = ()
        self.findings: list[Finding] = []

    def extract(self, member: Member, target: Path) -> None:
        """Write one member to a path of our choice, stopping at the limit of real bytes."""
        try:
            with self._file.open(member.entry) as source, target.open("xb") as sink:
                while chunk := source.read(_CHUNK):
                    self._written += len(chunk)
                    if self._written > self._limits.max_unpacked_bytes:
                        raise too_big(self._limits)
                    sink.write(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            message = f"压缩包中的“{member.name}”已损坏，请重新压缩后上传。"
            raise CarrierError("archive-damaged", message, str(error)) from error


def too_big(limits: Limits) -> CarrierError:
    """The error for content beyond the limit of unpacked bytes."""
    size = limits.max_unpacked_bytes >> 20
    return CarrierError("archive-too-big", f"压缩包解开后超过 {size} MB，请分批上传。")


@contextmanager
def open_archive(path: Path, limits: Limits) -> Iterator[Archive]:
    """Open and check a zip; every doubt is a CarrierError before a byte is unpacked."""
    _check_directory_size(path, limits)
    try:
        with zipfile.ZipFile(path) as file:
            archive = Archive(file, limits)
            entries = [entry for entry in file.infolist() if not entry.is_dir()]
            _check_sizes(entries, limits)
            _check_layout(path, file, entries)
            archive.members = tuple(_members(entries, archive.findings))
            yield archive
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as error:
        message = "压缩包已损坏或不是 zip 格式，请重新压缩为 zip 后上传。"
        raise CarrierError("archive-damaged", message, str(error)) from error


def _check_directory_size(path: Path, limits: Limits) -> None:
    """zipfile reads the whole central directory into memory; bound it by its own end record."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_RECORD - _LONGEST_COMMENT))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END_RECORD:
        raise CarrierError(
            "archive-damaged", "压缩包不完整或不是 zip 格式，请重新压缩为 zip 后上传。"
        )
    entries, directory = struct.unpack("<HI", tail[place + 10 : place + 16])
    if tail[:place].find(b"PK\x06\x06") >= 0:
        record = tail[tail[:place].rfind(b"PK\x06\x06") :]
        entries, directory = struct.unpack("<QQ", record[32:48])
    if entries > limits.max_entries or directory > limits.max_entries * _ENTRY_BYTES:
        message = f"压缩包里的文件超过 {limits.max_entries} 个，请只打包需要导入的文件。"
        raise CarrierError("archive-too-many", message)


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.max_entries:
        raise CarrierError("archive-too-many", f"压缩包里的文件超过 {limits.max_entries} 个。")
    declared = sum(entry.file_size for entry in entries)
    if declared > limits.max_unpacked_bytes:
        raise too_big(limits)
    stored = max(1, sum(entry.compress_size for entry in entries))
    if declared > limits.ratio_free_bytes and declared > stored * limits.max_ratio:
        message = (
            "压缩包的压缩比异常（疑似压缩炸弹），拒绝读取；如属正常数据，请改用不压缩方式打包。"
        )
        raise CarrierError("archive-ratio", message)


def _check_layout(path: Path, file: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse members that are encrypted, links, oddly compressed, or share bytes with another."""
    spans: list[tuple[int, int]] = []
    with path.open("rb") as raw:
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise CarrierError("archive-encrypted", "压缩包设有密码，请解密后重新压缩上传。")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise CarrierError("archive-symlink", "压缩包里有符号链接，拒绝读取。")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                message = "压缩包用了不支持的压缩方法，请用系统自带的 zip 压缩后上传。"
                raise CarrierError("archive-method", message)
            raw.seek(entry.header_offset)
            head = raw.read(30)
            if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
                raise zipfile.BadZipFile("local header missing")
            name_length, extra_length = struct.unpack("<HH", head[26:30])
            end = entry.header_offset + 30 + name_length + extra_length + entry.compress_size
            spans.append((entry.header_offset, end))
    spans.sort()
    limit = file.start_dir
    for (_, end), (following, _) in zip(spans, [*spans[1:], (limit, limit)], strict=False):
        if end > following:
            raise CarrierError(
                "archive-overlap", "压缩包里的文件互相重叠（疑似压缩炸弹），拒绝读取。"
            )


def display_name(entry: zipfile.ZipInfo) -> str:
    """Name of a member as the person saw it: GBK names come without the UTF-8 flag."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if Script.of(name).plausible:
            return name
    return entry.filename


def _members(entries: list[zipfile.ZipInfo], findings: list[Finding]) -> Iterator[Member]:
    seen: set[str] = set()
    for entry in entries:
        full = display_name(entry).split("\0")[0].replace("\\", "/")
        parts = [part for part in full.split("/") if part not in ("", ".")]
        if not parts or parts[0] == "__MACOSX" or parts[-1].lower() in _IGNORED_NAMES:
            continue
        if full.startswith("/") or ".." in parts or ":" in parts[0]:
            message = f"压缩包里的路径“{full[:80]}”不规范，已只取文件名。"
            findings.append(Finding("archive-unsafe-name", Severity.WARNING, message))
            parts = [part for part in parts if part != ".." and ":" not in part] or ["未命名"]
        if parts[-1].startswith("._"):
            continue
        key = "/".join(parts).lower()
        if key in seen:
            message = f"压缩包里有两个同名文件“{parts[-1][:80]}”，无法确定用哪一个，请重新打包。"
            raise CarrierError("archive-duplicate", message)
        seen.add(key)
        member = Member(entry, "/".join(parts[:-1]), parts[-1])
        if member.suffix == ".vrt":
            raise CarrierError("vrt-refused", "不接受 .vrt 虚拟数据源，请上传真实的数据文件。")
        if member.suffix in NESTED:
            message = f"压缩包里还有压缩包“{parts[-1][:80]}”，请解开后把数据文件直接打成一个 zip。"
            raise CarrierError("archive-nested", message)
        yield member
