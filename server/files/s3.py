"""The three calls of an S3-compatible storage that we need, signed with AWS Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; path-style
addresses, which MinIO, Ceph and the clouds' compatible gateways all take.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import urllib3

_TIMEOUT = urllib3.Timeout(connect=3.0, read=20.0)


class StorageAway(RuntimeError):
    """The storage did not answer, or refused what we may do there."""


@dataclass(frozen=True)
class Bucket:
    """Where: ``endpoint`` is scheme and host."""

    endpoint: str
    name: str
    region: str


def signature_headers(
    method: str, address: str, region: str, keys: tuple[str, str], at: datetime, body: bytes
) -> dict[str, str]:
    """Headers that sign a request without query; ``keys`` are the access key and its secret."""
    parts, digest = urlsplit(address), hashlib.sha256(body).hexdigest()
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    signed = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    request = "\n".join((method, parts.path, "", lines, names, digest))
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    to_sign = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashed))
    key = f"AWS4{keys[1]}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    found = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"AWS4-HMAC-SHA256 Credential={keys[0]}/{scope}"
    return {
        "x-amz-content-sha256": digest,
        "x-amz-date": stamp,
        "Authorization": f"{credential}, SignedHeaders={names}, Signature={found}",
    }


@dataclass(frozen=True, repr=False)
class S3:
    """A bucket and the keys that open it."""

    bucket: Bucket
    access_key: str
    secret_key: str
    _pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
    )

    def put(self, key: str, content: bytes) -> None:
        """Store an object; :class:`StorageAway` unless the storage says it has it."""
        self._ask("PUT", key, content, (200, 201, 204))

    def get(self, key: str) -> bytes | None:
        """The object, or None."""
        answer = self._ask("GET", key, b"", (200, 404))
        return answer.data if answer.status == 200 else None

    def remove(self, key: str) -> None:
        """Delete the object if it is there."""
        self._ask("DELETE", key, b"", (200, 204, 404))

    def _ask(
        self, method: str, key: str, body: bytes, expected: tuple[int, ...]
    ) -> urllib3.BaseHTTPResponse:
        path = quote(f"/{self.bucket.name}/{key}", safe="/-_.~")
        address = f"{self.bucket.endpoint}{path}"
        keys = (self.access_key, self.secret_key)
        now = datetime.now(UTC)
        headers = signature_headers(method, address, self.bucket.region, keys, now, body)
        try:
            answer = self._pool.request(method, address, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise StorageAway(type(error).__name__) from None
        if answer.status not in expected:
            raise StorageAway(f"{method} answered {answer.status}")
        return answer
