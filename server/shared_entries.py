"""Packed answers as the bytes that machines share: what is said of them, then the body."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from gis.changes import LayerState
from gis.features import Page
from gis.tiles import TileBody
from mini_program_api.questions import Facts
from server.cache import Answer
from server.encoding import Encoding

_SUM_BYTES = 16
_LENGTH_BYTES = 4


class Spoilt(ValueError):
    """The bytes are not what was put there under that name."""


@dataclass(frozen=True)
class Entry:
    """An answer in one encoding, under its name of at most 64 bytes."""

    name: bytes
    encoding: Encoding

    def sealed(self, kept: Answer) -> bytes:
        """The bytes: a checksum of name and rest, the length of the head, the head, the body."""
        body, used = kept.body(self.encoding)
        told = {
            "state": (kept.state.version, kept.state.changed_at),
            "facts": _told(kept.facts),
            "tag": kept.tag,
            "head_bytes": kept.head_bytes,
            "used": used,
        }
        head = json.dumps(told, separators=(",", ":")).encode()
        rest = len(head).to_bytes(_LENGTH_BYTES, "big") + head + body
        return self._sum(rest) + rest

    def opened(self, value: bytes, epoch: int) -> Answer:
        """The answer that was sealed; :class:`Spoilt` for all else."""
        rest = value[_SUM_BYTES:]
        if value[:_SUM_BYTES] != self._sum(rest):
            raise Spoilt
        end = _LENGTH_BYTES + int.from_bytes(rest[:_LENGTH_BYTES], "big")
        try:
            told = json.loads(rest[_LENGTH_BYTES:end])
            state, facts = LayerState(*told["state"]), _facts(*told["facts"])
            bodies = {self.encoding: (rest[end:], Encoding(told["used"]))}
            return Answer(epoch, state, facts, told["tag"], told["head_bytes"], bodies)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise Spoilt from error

    def _sum(self, rest: bytes) -> bytes:
        return hashlib.blake2b(rest, digest_size=_SUM_BYTES, key=self.name).digest()


def _told(facts: Facts) -> tuple[Any, ...]:
    match facts:
        case Page():
            return "page", facts.returned, facts.matched, facts.next_after_id
        case TileBody():
            return "tile", facts.truncated
    raise TypeError("a single site is not shared")


def _facts(kind: str, *told: Any) -> Facts:
    return Page(b"", *told) if kind == "page" else TileBody(b"", *told)
