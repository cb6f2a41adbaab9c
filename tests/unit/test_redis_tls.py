"""A shared cache on another host is reached by TLS, and by nobody else's certificate."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from server.redis_link import RedisLink
from server.shared_links import LinkBroken
from tests.bench.servers import free_port
from tests.redis_server import running


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of localhost, signed by itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return tmp_path / "cert.pem"


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    chosen = free_port()
    options = ["--tls-port", str(chosen), "--tls-auth-clients", "no"]
    options += ["--tls-cert-file", str(certificate), "--tls-ca-cert-file", str(certificate)]
    options += ["--tls-key-file", str(certificate.with_name("key.pem"))]
    with running(certificate.parent, *options):
        yield chosen


def test_a_sealed_way_is_taken(port: int, certificate: Path) -> None:
    link = RedisLink(f"rediss://localhost:{port}/2?ssl_ca_certs={certificate}")
    value = bytes(range(256)) * 1000
    assert link.ask(5, "SET", b"kandi:1", value, "EX", 60) == b"OK"
    assert link.ask(5, "GETRANGE", b"kandi:1", 0, 10**6) == value
    link.close()


def test_a_certificate_of_nobody_we_know_is_refused(port: int) -> None:
    with pytest.raises(LinkBroken, match="CERTIFICATE_VERIFY_FAILED"):
        RedisLink(f"rediss://localhost:{port}")


def test_a_certificate_of_another_host_is_refused(port: int, certificate: Path) -> None:
    with pytest.raises(LinkBroken, match="CERTIFICATE_VERIFY_FAILED"):
        RedisLink(f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate}")
