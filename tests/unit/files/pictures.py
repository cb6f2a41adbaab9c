"""Photos as cameras write them, and documents as offices save them, made for tests."""

import io
import zipfile

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

TAKEN = "2026:10:11 09:08:07"
LONGITUDE, LATITUDE = 120.25, 30.875


def exif(*, orientation: int = 1, offset: str | None = "+08:00") -> bytes:
    """Notes of a phone that stood at (120.25, 30.875) and knows who owns it."""
    notes = Image.Exif()
    notes[Base.Orientation] = orientation
    notes[Base.Artist] = "张三的手机"
    detail = notes.get_ifd(IFD.Exif)
    detail[Base.DateTimeOriginal] = TAKEN
    if offset:
        detail[Base.OffsetTimeOriginal] = offset
    place = notes.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (30.0, 52.0, 30.0)
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", (120.0, 15.0, 0.0)
    return notes.tobytes()


def photo(
    form: str = "JPEG", size: tuple[int, int] = (640, 400), notes: bytes | None = None
) -> bytes:
    """A photo: red above, blue below."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (0, size[1] // 2, *size))
    written = io.BytesIO()
    picture.save(written, form, exif=exif() if notes is None else notes)
    return written.getvalue()


def office(main: str, *more: str) -> bytes:
    """A zip with the parts that make it a document of an office."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in ("[Content_Types].xml", main, *more):
            archive.writestr(name, "<x/>")
    return written.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
