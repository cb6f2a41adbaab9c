"""What machines share reads back as it was, and nothing else is taken for it."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.changes import LayerState
from gis.features import Page
from gis.tiles import TileBody
from mini_program_api.questions import Facts
from server.cache import Answer
from server.encoding import Encoding, pack
from server.shared_entries import Entry, Spoilt

NAME = b"kandi:" + b"0f" * 20
STATE = LayerState(7, "2026-11-23T06:00:00+08:00")


def _answer(facts: Facts, body: bytes = b"x" * 900) -> Answer:
    return Answer(3, STATE, facts, "tag", 12, {Encoding.GZIP: pack(body, Encoding.GZIP)})


@pytest.mark.parametrize(
    "facts",
    [Page(b"", 5, 90, 1234), Page(b"", 0, 0, None), TileBody(b"", None), TileBody(b"", "shapes")],
)
@pytest.mark.parametrize("body", [b"", b"small", bytes(range(256)) * 40])
def test_an_answer_reads_back(facts: Facts, body: bytes) -> None:
    kept, entry = _answer(facts, body), Entry(NAME, Encoding.GZIP)
    assert entry.opened(entry.sealed(kept), 3) == kept


def test_a_single_site_is_not_shared() -> None:
    with pytest.raises(TypeError):
        Entry(NAME, Encoding.GZIP).sealed(_answer("tag of a site"))


@given(place=st.integers(0, 10**6), flip=st.integers(1, 255), cut=st.booleans())
def test_what_is_altered_is_spoilt(place: int, flip: int, cut: bool) -> None:
    entry = Entry(NAME, Encoding.GZIP)
    value = bytearray(entry.sealed(_answer(Page(b"", 5, 90, 1234))))
    place %= len(value)
    if cut:
        del value[place:]
    else:
        value[place] ^= flip
    with pytest.raises(Spoilt):
        entry.opened(bytes(value), 3)


@given(value=st.binary(max_size=200))
def test_what_others_put_there_is_spoilt(value: bytes) -> None:
    with pytest.raises(Spoilt):
        Entry(NAME, Encoding.GZIP).opened(value, 3)


def test_a_value_of_another_name_is_spoilt() -> None:
    value = Entry(NAME, Encoding.GZIP).sealed(_answer(TileBody(b"")))
    with pytest.raises(Spoilt):
        Entry(NAME[:-1] + b"0", Encoding.GZIP).opened(value, 3)


@pytest.mark.parametrize(
    "head",
    [b"", b"[]", b"{}", b"\xff", b"[" * 9000, b'{"state":[1],"facts":["page"],"used":"gzip"}'],
)
def test_a_right_sum_over_nonsense_is_spoilt(head: bytes) -> None:
    rest = len(head).to_bytes(4, "big") + head + b"body"
    summed = hashlib.blake2b(rest, digest_size=16, key=NAME).digest()
    with pytest.raises(Spoilt):
        Entry(NAME, Encoding.GZIP).opened(summed + rest, 3)


def test_the_head_is_plain_json() -> None:
    value = Entry(NAME, Encoding.GZIP).sealed(_answer(TileBody(b"", "shapes")))
    told = json.loads(value[20 : 20 + int.from_bytes(value[16:20], "big")])
    assert told["state"] == [STATE.version, STATE.changed_at]
    assert told["facts"] == ["tile", "shapes"]
