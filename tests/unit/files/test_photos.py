"""Photos are taken by content, drawn anew for the public and kept whole for evidence."""

import hashlib
import io
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from server.files.blobs import BlobMissing, Disk
from server.files.photos import (
    SIDES,
    FileRefused,
    PhotoLimits,
    StoredPhoto,
    Variant,
    store_photo,
)
from tests.unit.files.pictures import LATITUDE, LONGITUDE, exif, photo

FORMS = pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
# What gives a camera and its owner away, in the bytes of a file.
TRACES = (b"Exif", b"eXIf", "张三".encode(), b"2026:10:11", b"ICC_PROFILE", b"GPS")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def stored(disk: Disk, content: bytes, limits: PhotoLimits | None = None) -> StoredPhoto:
    return store_photo(disk, io.BytesIO(content), limits)


def refused(disk: Disk, content: bytes, limits: PhotoLimits | None = None) -> str:
    with pytest.raises(FileRefused) as caught:
        stored(disk, content, limits)
    assert not list(disk.directory.rglob("*-*")), "nothing is kept of what is refused"
    return caught.value.code


def variant(disk: Disk, found: StoredPhoto, which: Variant) -> bytes:
    return disk.get(f"{found.sha256}-{which}")


@FORMS
def test_time_and_place_are_read(disk: Disk, form: str) -> None:
    found = stored(disk, photo(form))
    assert (found.longitude, found.latitude) == (LONGITUDE, LATITUDE)
    assert found.taken_at == datetime.fromisoformat("2026-10-11T09:08:07+08:00")
    assert (found.width, found.height) == (640, 400)


@FORMS
def test_the_original_is_kept_byte_for_byte(disk: Disk, form: str) -> None:
    content = photo(form)
    found = stored(disk, content)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert disk.get(found.sha256) == content
    assert found.size == len(content)


@FORMS
@pytest.mark.parametrize("which", SIDES)
def test_what_the_public_gets_holds_pixels_alone(disk: Disk, form: str, which: Variant) -> None:
    content = photo(form)
    assert any(trace in content for trace in TRACES), "the search sees"
    drawn = variant(disk, stored(disk, content), which)
    assert not [trace for trace in TRACES if trace in drawn]
    with Image.open(io.BytesIO(drawn)) as picture:
        assert not picture.getexif()
        assert picture.format == "JPEG"


def test_variants_are_no_larger_than_they_may_be(disk: Disk) -> None:
    found = stored(disk, photo(size=(5000, 3000)))
    assert (found.width, found.height) == (5000, 3000)
    for which, side in SIDES.items():
        with Image.open(io.BytesIO(variant(disk, found, which))) as picture:
            assert max(picture.size) == side


def test_a_photo_of_a_camera_on_its_side_stands_upright(disk: Disk) -> None:
    found = stored(disk, photo(notes=exif(orientation=6)))
    assert (found.width, found.height) == (400, 640)
    with Image.open(io.BytesIO(variant(disk, found, Variant.LARGE))) as picture:
        red, _, blue = picture.convert("RGB").getpixel((300, 320))  # type: ignore[misc]
        assert picture.size == (400, 640)
        assert red > blue, "what was above is now to the right"


def test_a_time_without_offset_is_one_of_china(disk: Disk) -> None:
    taken = stored(disk, photo(notes=exif(offset=None))).taken_at
    assert taken == datetime.fromisoformat("2026-10-11T09:08:07+08:00")


def test_a_photo_without_notes_has_neither_time_nor_place(disk: Disk) -> None:
    found = stored(disk, photo(notes=b""))
    assert (found.taken_at, found.longitude, found.latitude) == (None, None, None)


def test_transparent_pictures_get_a_white_ground(disk: Disk) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(written, "PNG")
    drawn = variant(disk, stored(disk, written.getvalue()), Variant.LARGE)
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.getpixel((32, 32)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "photo-unknown"),
        (b"GIF89a" + bytes(100), "photo-unknown"),
        (b"%!PS-Adobe", "photo-unknown"),
        (b"\xff\xd8\xff" + bytes(1000), "photo-broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "photo-broken"),
        (b"RIFF\x00\x00\x00\x00WAVE" + bytes(100), "photo-unknown"),
        (photo()[:2000], "photo-broken"),
        (photo(size=(8, 8)), "photo-too-small"),
    ],
)
def test_what_is_no_whole_photo_is_refused(
    disk: Disk, content: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As WeasyPrint leaves it for the whole process.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert refused(disk, content) == code


def test_a_photo_that_is_too_large_is_refused_before_it_is_unpacked(disk: Disk) -> None:
    written = io.BytesIO()
    Image.new("1", (9000, 9000)).save(written, "PNG")
    assert len(written.getvalue()) < 100_000, "a bomb: small as a file"
    assert refused(disk, written.getvalue()) == "photo-too-large"
    assert refused(disk, photo(), PhotoLimits(most_bytes=100)) == "file-too-large"


def test_a_page_behind_a_photo_stays_with_the_original(disk: Disk) -> None:
    content = photo() + b"<html><script>alert(1)</script>"
    found = stored(disk, content)
    assert b"<script>" in disk.get(found.sha256)
    assert b"<script>" not in variant(disk, found, Variant.LARGE)


def test_the_same_photo_twice_is_stored_once(disk: Disk) -> None:
    assert stored(disk, photo()) == stored(disk, photo())
    assert len([path for path in disk.directory.rglob("*") if path.is_file()]) == 3


@pytest.mark.parametrize("name", ["../etc/passwd", "a" * 63, f"{'a' * 64}-../x", "", "A" * 64])
def test_no_name_leads_out_of_the_storage(disk: Disk, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        disk.get(name)


def test_bytes_that_are_gone_are_missing(disk: Disk) -> None:
    disk.put("a" * 64, b"x")
    disk.remove("a" * 64)
    with pytest.raises(BlobMissing):
        disk.get("a" * 64)
