"""What a camera wrote into a photo: when and where it was taken."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

_LOCAL = ZoneInfo("Asia/Shanghai")
"""A camera that names no offset shows the time of the land it stands on."""


@dataclass(frozen=True)
class Noted:
    """Time and place as the camera wrote them; the position in WGS 84 degrees.

    ``turned``: the camera lay on its side, so the upright picture is as wide as this one is high.
    """

    taken_at: datetime | None
    longitude: float | None
    latitude: float | None
    turned: bool = False


def read_exif(picture: Image.Image) -> Noted:
    """What the photo says of itself; a note that makes no sense is none."""
    try:
        notes = picture.getexif()
        detail, place = notes.get_ifd(IFD.Exif), notes.get_ifd(IFD.GPSInfo)
    except Exception:
        # Pillow raises what it likes for a damaged note; the picture itself may be whole.
        return Noted(None, None, None)
    latitude = _degrees(place, GPS.GPSLatitude, GPS.GPSLatitudeRef, 90)
    longitude = _degrees(place, GPS.GPSLongitude, GPS.GPSLongitudeRef, 180)
    if latitude is None or longitude is None or latitude == longitude == 0:
        latitude = longitude = None
    turned = notes.get(Base.Orientation) in (5, 6, 7, 8)
    return Noted(_time(detail, notes), longitude, latitude, turned)


def _degrees(place: Mapping[int, object], value: int, side: int, most: float) -> float | None:
    parts = place.get(value)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    try:
        whole, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    found = whole + minutes / 60 + seconds / 3600
    if not math.isfinite(found) or not 0 <= found <= most:
        return None
    return round(-found if place.get(side) in ("S", "W") else found, 8)


def _time(detail: Mapping[int, object], notes: Mapping[int, object]) -> datetime | None:
    text = detail.get(Base.DateTimeOriginal) or notes.get(Base.DateTime)
    offset = detail.get(Base.OffsetTimeOriginal)
    try:
        naive = datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    if not 1990 <= naive.year <= 2200:
        return None
    try:
        return datetime.fromisoformat(f"{naive.isoformat()}{str(offset).strip()}")
    except ValueError:
        return naive.replace(tzinfo=_LOCAL)
