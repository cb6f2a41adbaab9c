"""Sealing of personal data: AES-GCM at rest, and a keyed digest to look it up by.

A sealed value names its key, so keys can be changed without touching what is stored:
``key id, 0, nonce (12 bytes), cipher text``. What it is (``phone``, ``openid``) is authenticated
with it, so a value moved into another column does not open.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.config import Settings

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Purpose(StrEnum):
    """What a sealed value is."""

    OPENID = "openid"
    PHONE = "phone"
    NAME = "name"
    MESSAGE = "message"
    WECHAT_TOKEN = "wechat-token"  # noqa: S105
    LOGIN_CODE = "login-code"
    ADDRESS = "address"
    TOTP = "totp"


class KeysMissing(RuntimeError):
    """The installation has no usable keys for personal data."""


class Unreadable(RuntimeError):
    """A sealed value that none of our keys opens: another installation's, or damaged."""


@dataclass(frozen=True, repr=False)
class Key:
    """One secret of 32 bytes and the name that sealed values carry."""

    id: str
    secret: bytes

    def derived(self, use: str) -> bytes:
        """A key of 32 bytes for one use, so that none serves two."""
        return hmac.digest(self.secret, f"kandi:{use}".encode(), "sha256")


@dataclass(frozen=True, repr=False)
class Sealer:
    """Seals with the first key and opens with any."""

    keys: Sequence[Key]

    def seal(self, purpose: Purpose, text: str) -> bytes:
        """The text as it may be stored."""
        key, nonce = self.keys[0], os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key.derived("seal")).encrypt(nonce, text.encode(), purpose.value.encode())
        return key.id.encode() + b"\0" + nonce + sealed

    def open(self, purpose: Purpose, sealed: bytes) -> str:
        """The text that was sealed; :class:`Unreadable` if it was not, or not for this."""
        name, _, rest = bytes(sealed).partition(b"\0")
        for key in self.keys:
            if key.id.encode() != name:
                continue
            cipher = AESGCM(key.derived("seal"))
            try:
                plain = cipher.decrypt(
                    rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], purpose.value.encode()
                )
            except (InvalidTag, ValueError):
                break
            return plain.decode()
        raise Unreadable(purpose.value)

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value is sealed with the key that seals now."""
        return bytes(sealed).partition(b"\0")[0] == self.keys[0].id.encode()

    def digest(self, purpose: Purpose, text: str) -> bytes:
        """What the text is looked up by: equal texts have equal digests under one key."""
        return _digest(self.keys[0], purpose, text)

    def digests(self, purpose: Purpose, text: str) -> list[bytes]:
        """The digests under every key: a value may have been stored under an older one."""
        return [_digest(key, purpose, text) for key in self.keys]

    def token(self, purpose: Purpose, text: str) -> str:
        """A secret that follows from the text and from nothing that is stored."""
        key = self.keys[0].derived(f"token:{purpose.value}")
        return base64.urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).decode()[:43]


def _digest(key: Key, purpose: Purpose, text: str) -> bytes:
    return hmac.digest(key.derived(f"lookup:{purpose.value}"), text.encode(), hashlib.sha256)


def sealer(config: Settings) -> Sealer:
    """The sealer of an installation; outside production its data directory may hold a made key.

    Raises :class:`KeysMissing` where no usable keys are set.
    """
    if config.privacy_keys is not None:
        return Sealer(_parsed(config.privacy_keys.get_secret_value()))
    if config.production:
        raise KeysMissing("KANDI_PRIVACY_KEYS 未设置：生产环境必须给出加密个人信息的密钥")
    return Sealer(_parsed(_kept(config.data_dir / "privacy.key")))


def _parsed(text: str) -> list[Key]:
    keys = []
    for part in text.split(","):
        name, _, encoded = part.strip().partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            secret = b""
        if not name.isalnum() or len(secret) != _KEY_BYTES:
            raise KeysMissing("KANDI_PRIVACY_KEYS 应为 名称:密钥，密钥是 32 字节的 base64")
        keys.append(Key(name, secret))
    return keys


def _kept(path: Path) -> str:
    """The key of this machine, made at the first call; of two that make one, the first wins."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        made = f"local:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"
        fresh.touch(0o600)
        fresh.write_text(made)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
