"""Time-based one-time passwords: RFC 6238 with SHA-1, 6 digits and steps of 30 seconds."""

import base64
import hmac
import secrets
import struct
from urllib.parse import quote

STEP_S = 30
DIGITS = 6
_DRIFT_STEPS = 1
"""How far the clock of a phone may be off, RFC 6238 section 5.2."""


def new_secret() -> str:
    """A secret of 160 bits (RFC 4226 section 4, R6) in Base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a time step: RFC 4226 section 5.3."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def matching_step(secret: str, given: str, at_s: float, last_step: int | None) -> int | None:
    """The time step whose code was given, later than the last that was used; None if none is."""
    now = int(at_s // STEP_S)
    for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1):
        same = hmac.compare_digest(code(secret, step).encode(), given.encode())
        if same and (last_step is None or step > last_step):
            return step
    return None


def uri(secret: str, username: str, issuer: str = "看地 Kandi") -> str:
    """What an authenticator app reads from a QR code."""
    label = quote(f"{issuer}:{username}")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}"
