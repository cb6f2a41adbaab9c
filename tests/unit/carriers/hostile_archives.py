"""Archives made to lie, to explode or to reach out."""

import io
import stat
import struct
import zipfile

from tests.unit.carriers.build import (
    damaged,
    shapefile,
    zipped,
)
from tests.unit.carriers.hostile import VRT, Upload, case


# Archives.
@case("archive-damaged")
def zip_is_text() -> Upload:
    return "a.zip", b"this is no archive" * 20


@case("archive-damaged")
def zip_cut() -> Upload:
    content = zipped(shapefile())
    return "a.zip", content[: len(content) // 2]


@case("archive-damaged")
def zip_wrong_crc() -> Upload:
    content = zipped(shapefile())
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 16, b"\0\0\0\0")


@case("archive-damaged")
def zip_data_garbled() -> Upload:
    return "a.zip", damaged(zipped(shapefile()), 60, b"\xff" * 20)


@case("file-empty")
def zip_of_no_bytes() -> Upload:
    return "a.zip", b""


@case("no-table")
def zip_without_members() -> Upload:
    return "a.zip", zipped({})


@case("no-table")
def zip_of_pictures() -> Upload:
    return "a.zip", zipped({"a.jpg": b"x", "b.docx": b"y"})


@case("no-table")
def zip_of_macos_leftovers() -> Upload:
    return "a.zip", zipped({"__MACOSX/._a.shp": b"x", ".DS_Store": b"y"})


@case("vrt-refused")
def zip_of_vrt() -> Upload:
    return "a.zip", zipped({"a.vrt": VRT})


@case("vrt-refused")
def zip_of_shapefile_and_vrt() -> Upload:
    return "a.zip", zipped({**shapefile(), "深/A.VRT": VRT})


@case("vrt-refused")
def plain_vrt() -> Upload:
    return "a.vrt", VRT


@case("gpkg-damaged")
def vrt_as_gpkg() -> Upload:
    return "a.gpkg", VRT


@case("geojson-damaged")
def vrt_as_geojson() -> Upload:
    return "a.geojson", VRT


@case("kml-damaged")
def vrt_as_kml() -> Upload:
    return "a.kml", VRT


@case("archive-nested")
def zip_in_zip() -> Upload:
    return "a.zip", zipped({"b.zip": zipped(shapefile())})


@case("archive-nested")
def rar_in_zip() -> Upload:
    return "a.zip", zipped({"b.RAR": b"Rar!"})


@case("archive-kind")
def plain_rar() -> Upload:
    return "a.rar", b"Rar!\x1a\x07\0"


@case("archive-symlink")
def zip_with_symlink() -> Upload:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        link = zipfile.ZipInfo("t.shp")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return "a.zip", sink.getvalue()


@case("archive-encrypted")
def zip_encrypted() -> Upload:
    content = zipped(shapefile())
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 8, b"\x01\x08")


@case("archive-method")
def zip_of_lzma() -> Upload:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.shp", b"x" * 100)
    return "a.zip", sink.getvalue()


@case("archive-ratio")
def zip_bomb_of_zeros() -> Upload:
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("t.shp", "w") as member,
    ):
        for _ in range(100):
            member.write(bytes(1 << 20))
    return "a.zip", sink.getvalue()


@case("archive-too-big")
def zip_declares_exabytes() -> Upload:
    content = zipped({"t.shp": b"x" * 100})
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 24, b"\xfe\xff\xff\xff")


@case("archive-damaged")
def zip_declares_less_than_it_holds() -> Upload:
    content = zipped({"t.shp": bytes(5000), "t.dbf": b"x"})
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 24, struct.pack("<I", 10))


@case("archive-overlap")
def zip_of_overlapping_members() -> Upload:
    content = zipped({"a.shp": b"x" * 3000, "b.shp": b"y" * 3000})
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    return "a.zip", damaged(content, second + 42, struct.pack("<I", 0))


@case("archive-too-many")
def zip_of_many_members() -> Upload:
    return "a.zip", zipped({f"{i}.shp": b"" for i in range(3100)})


@case("archive-too-many")
def zip_of_huge_directory() -> Upload:
    content = zipped({"a.shp": b""})
    place = content.rindex(b"PK\x05\x06")
    return "a.zip", damaged(content, place + 10, b"\xff\xff" + struct.pack("<I", 0x7FFFFFFF))


@case("archive-duplicate")
def zip_with_two_of_one_name() -> Upload:
    files = shapefile()
    return "a.zip", zipped({**files, "地块.SHP": files["地块.shp"]})


@case("no-table")
def zip_slip_of_nothing() -> Upload:
    return "a.zip", zipped({"../../../etc/cron.d/x": b"* * * * * root id"})
