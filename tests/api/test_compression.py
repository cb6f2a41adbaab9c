"""Packed answers: what a client asked for, the same bytes inside, and a tag of their own."""

import gzip

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient

from server.encoding import SMALLEST, Encoding, pack, unpack, wanted

PATH = "/api/v1/parcels?limit=50"
UNPACK = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


@pytest.mark.parametrize("encoding", UNPACK)
def test_packed_bodies_hold_the_plain_one(client: FlaskClient, encoding: str) -> None:
    plain = client.get(PATH)
    packed = client.get(PATH, headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert UNPACK[encoding](packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert packed.get_etag()[0] == f"{plain.get_etag()[0]}-{encoding}"


def test_every_form_of_a_tag_is_known(client: FlaskClient) -> None:
    packed = client.get(PATH, headers={"Accept-Encoding": "gzip"})
    tag = packed.headers["ETag"]
    for header in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        again = client.get(PATH, headers={"If-None-Match": header, "Accept-Encoding": "gzip"})
        assert again.status_code == 304, header
    assert client.get(PATH, headers={"If-None-Match": '"other-gzip"'}).status_code == 200


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br;q=1.0, gzip;q=0.8", "br"),
        ("gzip;q=0", "identity"),
        ("*", "zstd"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("deflate", "identity"),
        ("gzip;q=nonsense", "identity"),
    ],
)
def test_negotiation(header: str | None, encoding: str) -> None:
    assert wanted(header) == encoding


def test_small_bodies_stay_as_they_are() -> None:
    assert pack(b"a" * (SMALLEST - 1), Encoding.GZIP)[1] is Encoding.IDENTITY


@pytest.mark.parametrize("encoding", Encoding)
def test_packing_is_repeatable(encoding: Encoding) -> None:
    body = b"0123456789" * 500
    assert pack(body, encoding) == pack(body, encoding)
    assert unpack(*pack(body, encoding)) == body
