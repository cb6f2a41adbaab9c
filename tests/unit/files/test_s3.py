"""Requests to an S3-compatible storage: the signature is Amazon's, and objects come back."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from server.files.blobs import BlobMissing, Remote
from server.files.s3 import S3, Bucket, StorageAway, signature_headers

KEYS = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
NAME = "a" * 64


def test_the_signature_is_the_one_of_an_independent_signer() -> None:
    """Computed with botocore 1.44.5 for the same request and instant."""
    at = datetime(2013, 5, 24, tzinfo=UTC)
    address = "https://s3.example.com/kandi/files/test.txt"
    found = signature_headers("PUT", address, "us-east-1", KEYS, at, b"Welcome to Amazon S3.")
    assert found["x-amz-content-sha256"] == (
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
    )
    assert found["Authorization"].startswith(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="
    )
    signature = "ca9342790c6f9543c1c1537fb0b84859184f5c26c1c13d2056ed4c0f98c07a1f"
    assert found["Authorization"].endswith(signature)


class Storage(BaseHTTPRequestHandler):
    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200)

    def do_GET(self) -> None:
        found = self.objects.get(self.path)
        self.answer(404 if found is None else 200, found or b"")

    def do_DELETE(self) -> None:
        self.objects.pop(self.path, None)
        self.answer(204)

    def answer(self, status: int, body: bytes = b"") -> None:
        if "Signature=" not in self.headers.get("Authorization", ""):
            status, body = 403, b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def remote() -> Iterator[Remote]:
    handler = type("Own", (Storage,), {"objects": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        yield Remote(S3(Bucket(endpoint, "kandi", "us-east-1"), *KEYS))
        server.shutdown()


def test_what_was_put_comes_back_until_it_is_removed(remote: Remote) -> None:
    remote.put(NAME, b"photo")
    assert remote.get(NAME) == b"photo"
    remote.remove(NAME)
    with pytest.raises(BlobMissing):
        remote.get(NAME)


def test_a_storage_that_does_not_answer_is_away() -> None:
    remote = Remote(S3(Bucket("http://127.0.0.1:1", "kandi", "us-east-1"), *KEYS))
    with pytest.raises(StorageAway):
        remote.put(NAME, b"photo")
