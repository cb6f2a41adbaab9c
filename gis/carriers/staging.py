"""Putting an upload into a private directory under names of ours, one Source per data set."""

import os
import re
import shutil
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from gis.carriers.archive import Archive, Member, open_archive
from gis.carriers.model import CarrierError, Finding, Limits, Source

SINGLE = {
    ".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".kml": "kml", ".dxf": "dxf",
    ".txt": "txt", ".xlsx": "xlsx", ".xlsm": "xlsx", ".csv": "csv", ".dat": "dat",
}  # fmt: skip
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_WHOLE = frozenset({"geojson", "kml", "dxf", "txt", "csv", "dat"})
"""Kinds that a parser holds in memory whole."""
_GDB_FILE = re.compile(r"^(a[0-9a-f]{8}\.(gdbtable|gdbtablx)|gdb|timestamps)$")
_SIDE_TEXT_BYTES = 64 << 10

_REFUSED = {
    ".vrt": ("vrt-refused", "不接受 .vrt 虚拟数据源，请上传真实的数据文件。"),
    ".dwg": ("dwg-unsupported", "暂不能读取 .dwg，请在 CAD 中另存为 .dxf（R2000 格式）后上传。"),
    ".xls": ("xls-unsupported", "暂不能读取旧版 .xls，请在 Excel 中另存为 .xlsx 后上传。"),
    ".et": ("xls-unsupported", "暂不能读取 WPS .et，请另存为 .xlsx 后上传。"),
    ".mdb": ("mdb-unsupported", "暂不能读取 .mdb 个人数据库，请导出为 shapefile 或 GeoPackage。"),
    ".rar": ("archive-kind", "只接受 zip 压缩包，请解开 .rar 后改压为 .zip。"),
    ".7z": ("archive-kind", "只接受 zip 压缩包，请解开 .7z 后改压为 .zip。"),
}
_LINK_MESSAGE = "上传的不是普通文件，拒绝读取。"


@dataclass(frozen=True)
class Item:
    """One file of an upload: its label and a function that writes it to a path."""

    folder: str
    name: str
    write: Callable[[Path], None]

    @property
    def suffix(self) -> str:
        """Extension in lower case, with the dot."""
        return Path(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        """Name without its extension."""
        return Path(self.name).stem


def stage(
    upload: Path, name: str, work: Path, limits: Limits
) -> tuple[list[Source], list[Finding]]:
    """Stage an upload (its original file name is ``name``) in ``work``; raises CarrierError."""
    if upload.is_dir() and not upload.is_symlink():
        return _stage_folder(upload, work), []
    mode = os.lstat(upload).st_mode
    if not stat.S_ISREG(mode):
        raise CarrierError("not-a-file", _LINK_MESSAGE)
    if upload.stat().st_size > limits.max_upload_bytes:
        size = limits.max_upload_bytes >> 20
        raise CarrierError("upload-too-big", f"文件超过 {size} MB，请分批上传。")
    if upload.stat().st_size == 0:
        raise CarrierError("file-empty", "文件是空的，请重新上传。")
    suffix = Path(name).suffix.lower()
    if suffix in _REFUSED:
        raise CarrierError(*_REFUSED[suffix])
    if suffix in (".zip", ".kmz"):
        with open_archive(upload, limits) as archive:
            sources = _stage_items([_packed(archive, member) for member in archive.members], work)
            findings = archive.findings
    elif suffix in (".shp", ".dbf", ".shx"):
        sources, findings = _stage_items(_siblings(upload, name), work), []
    else:
        sources, findings = _stage_items([_loose(upload, name)], work), []
    if not sources:
        kinds = "shapefile、GeoPackage、FileGDB、GeoJSON、KML、DXF、报盘 TXT、Excel、CSV"
        raise CarrierError("no-table", f"没有找到可读取的数据文件（支持 {kinds}）。")
    if len(sources) > limits.max_tables:
        raise CarrierError("too-many-tables", f"数据文件超过 {limits.max_tables} 个，请分批上传。")
    for source in sources:
        _check_size(source, limits)
    return sources, findings


def _check_size(source: Source, limits: Limits) -> None:
    path = Path(source.path)
    if source.kind in _WHOLE and path.stat().st_size > limits.max_parsed_bytes:
        size = limits.max_parsed_bytes >> 20
        message = f"“{source.name}”超过 {size} MB，请改用 shapefile 或 GeoPackage。"
        raise CarrierError("file-too-big", message)


def _packed(archive: Archive, member: Member) -> Item:
    return Item(member.folder, member.name, lambda target: archive.extract(member, target))


def _loose(path: Path, name: str) -> Item:
    return Item("", name, lambda target: _copy(path, target))


def _copy(path: Path, target: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with open(descriptor, "rb") as source, target.open("xb") as sink:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CarrierError("not-a-file", _LINK_MESSAGE)
        shutil.copyfileobj(source, sink, 1 << 20)


def _siblings(upload: Path, name: str) -> list[Item]:
    """A shapefile given by one of its paths, with its sidecars in any case of letters."""
    beside = [
        path
        for path in sorted(upload.parent.iterdir())
        if path.stem == upload.stem and path.suffix.lower() in _SHAPEFILE
    ]
    return [_loose(path, Path(name).stem + path.suffix) for path in beside]


def _stage_folder(folder: Path, work: Path) -> list[Source]:
    items = [_loose(path, path.name) for path in sorted(folder.iterdir()) if path.is_file()]
    target = work / "t0.gdb"
    if not _stage_gdb(items, target):
        raise CarrierError("no-table", "文件夹不是文件地理数据库（.gdb）。")
    return [Source("gdb", str(target), folder.stem)]


def _stage_gdb(items: Iterable[Item], target: Path) -> bool:
    """Copy the tables of a geodatabase; indexes are left out, GDAL does without."""
    wanted = {item.name.lower(): item for item in items if _GDB_FILE.match(item.name.lower())}
    if "a00000001.gdbtable" not in wanted:
        return False
    target.mkdir()
    for name, item in wanted.items():
        item.write(target / name)
    return True


def _stage_items(items: list[Item], work: Path) -> list[Source]:
    folders: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        folders[item.folder].append(item)
    sources: list[Source] = []
    for folder, inside in sorted(folders.items()):
        target = work / f"t{len(sources)}.gdb"
        if _stage_gdb(inside, target):
            label = Path(folder).stem if folder else "数据库"
            sources.append(Source("gdb", str(target), label))
            continue
        sources += _stage_shapefiles(inside, work, len(sources))
        for item in inside:
            if item.suffix in SINGLE:
                path = work / f"t{len(sources)}.{SINGLE[item.suffix]}"
                item.write(path)
                sources.append(Source(SINGLE[item.suffix], str(path), item.stem))
    return _distinct(sources)


def _stage_shapefiles(items: list[Item], work: Path, first: int) -> list[Source]:
    groups: dict[str, dict[str, Item]] = defaultdict(dict)
    for item in items:
        if item.suffix in _SHAPEFILE:
            groups[item.stem.lower()][item.suffix] = item
    sources: list[Source] = []
    for parts in groups.values():
        if not {".shp", ".dbf"} & parts.keys():
            continue
        path = work / f"t{first + len(sources)}.shp"
        for suffix, target in (
            (".shp", path),
            (".shx", path.with_suffix(".shx")),
            (".dbf", path.with_name(f"{path.stem}_attributes.dbf")),
        ):
            if suffix in parts:
                parts[suffix].write(target)
        prj, cpg = (_side_text(parts.get(suffix), path) for suffix in (".prj", ".cpg"))
        label = next(iter(parts.values())).stem
        sources.append(Source("shapefile", str(path), label, prj, cpg))
    return sources


def _side_text(item: Item | None, beside: Path) -> str | None:
    if item is None:
        return None
    path = beside.with_name(f"{beside.stem}{item.suffix}.side")
    item.write(path)
    with path.open("rb") as file:
        text = file.read(_SIDE_TEXT_BYTES).decode("utf-8-sig", "replace").strip("\0 \r\n\t")
    path.unlink()
    return text or None


def _distinct(sources: list[Source]) -> list[Source]:
    """Sources with labels that differ, numbering repeated ones."""
    seen: dict[str, int] = defaultdict(int)
    result = []
    for source in sources:
        seen[source.name] += 1
        count = seen[source.name]
        label = source.name if count == 1 else f"{source.name}_{count}"
        result.append(Source(source.kind, source.path, label, source.prj, source.cpg))
    return result
