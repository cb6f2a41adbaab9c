"""Photos: checked by content, drawn anew for the public, kept as they came for evidence."""

import hashlib
import io
import logging
import warnings
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO

from PIL import Image, ImageCms, ImageFile, ImageOps

from server.files.blobs import Blobs
from server.files.exif import read_exif

logger = logging.getLogger(__name__)

_MAGIC = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
_MIME = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_QUALITY = 85
_LEAST_SIDE = 16


class Variant(StrEnum):
    """Of a photo: as it came (staff only), to look at, to list."""

    ORIGINAL = "original"
    LARGE = "large"
    THUMB = "thumb"


SIDES = {Variant.LARGE: 2048, Variant.THUMB: 360}
"""Longest side in pixels of what the public gets."""


class FileRefused(ValueError):
    """The file is not what may be stored here: ``code`` is stable, the text says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class PhotoLimits:
    """What a photo may be at most: bytes of the file and pixels of the picture."""

    most_bytes: int = 20 << 20
    most_pixels: int = 60_000_000


@dataclass(frozen=True)
class StoredPhoto:
    """A photo that is stored: ``sha256`` names the original, ``<sha256>-large`` the variant.

    ``width`` and ``height`` are those of the upright picture. ``taken_at`` and the position (WGS 84
    degrees) are what the camera wrote, None where it wrote nothing; the variants hold neither.
    """

    sha256: str
    mime: str
    size: int
    width: int
    height: int
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None


def store_photo(blobs: Blobs, stream: IO[bytes], limits: PhotoLimits | None = None) -> StoredPhoto:
    """Check, clean and store a photo: JPEG, PNG or WebP by content, whatever its name says.

    The original is stored byte for byte for whoever may see evidence; the variants are drawn anew
    from its pixels and hold nothing else. Raises :class:`FileRefused`; nothing is stored then.
    """
    limits = limits or PhotoLimits()
    content = read_at_most(stream, limits.most_bytes)
    form = _format_of(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            photo, variants = _drawn(content, form, limits.most_pixels)
    except FileRefused:
        raise
    except Exception as error:
        # Decoders raise what they like for a broken file: OSError, SyntaxError, struct.error ...
        logger.info("photo refused: %s", type(error).__name__)
        raise FileRefused("photo-broken", "照片不完整或已损坏，请重新拍摄或另存后再传") from None
    for variant, drawn in variants.items():
        blobs.put(f"{photo.sha256}-{variant}", drawn)
    blobs.put(photo.sha256, content)
    return photo


def read_at_most(stream: IO[bytes], most_bytes: int) -> bytes:
    """All of the stream; :class:`FileRefused` if it is longer, or empty."""
    content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise FileRefused("file-too-large", f"文件不得超过 {most_bytes >> 20} MB")
    if not content:
        raise FileRefused("file-empty", "文件是空的，请重新选择")
    return content


def _format_of(content: bytes) -> str:
    for form, magic in _MAGIC.items():
        if content.startswith(magic) and (form != "WEBP" or content[8:12] == b"WEBP"):
            return form
    raise FileRefused("photo-unknown", "只接受 JPEG、PNG 或 WebP 照片（手机请关闭“高效”格式）")


def _drawn(content: bytes, form: str, most_pixels: int) -> tuple[StoredPhoto, dict[Variant, bytes]]:
    with Image.open(io.BytesIO(content), formats=[form]) as picture:
        # The header says the size before a pixel is unpacked.
        if picture.width * picture.height > most_pixels:
            millions = most_pixels // 1_000_000
            raise FileRefused("photo-too-large", f"照片不得超过 {millions} 百万像素，请缩小后再传")
        if min(picture.size) < _LEAST_SIDE:
            raise FileRefused("photo-too-small", f"照片每边至少 {_LEAST_SIDE} 像素")
        noted = read_exif(picture)
        width, height = picture.size[::-1] if noted.turned else picture.size
        if form == "JPEG":
            # The decoder halves as it reads: a large photo costs little memory.
            picture.draft("RGB", (SIDES[Variant.LARGE], SIDES[Variant.LARGE]))
        # WeasyPrint lets all of the process take half a picture; a photo has to be whole.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        plain = _in_srgb(upright)
    variants = {variant: _encoded(plain, side) for variant, side in SIDES.items()}
    digest = hashlib.sha256(content).hexdigest()
    photo = StoredPhoto(
        digest, _MIME[form], len(content), width, height,
        noted.taken_at, noted.longitude, noted.latitude,
    )  # fmt: skip
    return photo, variants


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The pixels alone on white, in the colours of screens; no profile, note or thumbnail."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except ImageCms.PyCMSError:
            turned = None
        picture = turned or picture
    if picture.mode in ("RGBA", "LA", "PA", "P") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    plain = picture.convert("RGB")
    return Image.frombytes("RGB", plain.size, plain.tobytes())


def _encoded(picture: Image.Image, side: int) -> bytes:
    smaller = picture.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    smaller.save(written, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return written.getvalue()
