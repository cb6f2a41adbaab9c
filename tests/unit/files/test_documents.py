"""Documents are what their content says; panoramas lead where they may."""

import io
from pathlib import Path

import pytest

from server.files.blobs import Disk
from server.files.documents import DOCX, PDF, XLSX, checked_panorama, store_document
from server.files.photos import FileRefused
from tests.unit.files import pictures

HOSTS = ("720yun.com", "pano.example.gov.cn")


def taken(folder: Path, content: bytes) -> str:
    return store_document(Disk(folder), io.BytesIO(content), 1 << 20).mime


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (pictures.PDF, PDF),
        (pictures.office("word/document.xml"), DOCX),
        (pictures.office("xl/workbook.xml"), XLSX),
    ],
)
def test_documents_are_known_by_content(tmp_path: Path, content: bytes, mime: str) -> None:
    assert taken(tmp_path, content) == mime


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ\x90\x00", "document-unknown"),
        (b"<html></html>", "document-unknown"),
        (pictures.PDF[:-7], "document-broken"),
        (b"PK\x03\x04" + bytes(200), "document-broken"),
        (pictures.office("index.html"), "document-unknown"),
        (pictures.office("word/document.xml", "xl/workbook.xml"), "document-unknown"),
        (pictures.office("word/document.xml", "word/vbaProject.bin"), "document-macros"),
        (pictures.PDF + bytes(2 << 20), "file-too-large"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        taken(tmp_path, content)
    assert caught.value.code == code


@pytest.mark.parametrize("link", ["https://720yun.com/t/1", "https://www.720yun.com:443/t/1?a=b"])
def test_panoramas_of_known_hosts_are_taken(link: str) -> None:
    assert checked_panorama(link, HOSTS) == link


@pytest.mark.parametrize(
    "link",
    [
        "http://720yun.com/t/1",
        "https://720yun.com.evil.example/t",
        "https://evil720yun.com/",
        "https://720yun.com@evil.example/",
        "https://user:x@720yun.com/",
        "https://720yun.com:8443/",
        "https://720yun.com:x/",
        "javascript:alert(1)//720yun.com",
        'https://720yun.com/"onload=',
        "https://720yun.com/" + "a" * 600,
        "https://[::1",
        "",
    ],
)
def test_other_links_are_refused(link: str) -> None:
    with pytest.raises(FileRefused, match="https"):
        checked_panorama(link, HOSTS)
