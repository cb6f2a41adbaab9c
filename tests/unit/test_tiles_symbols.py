"""The legend: every status has a look, and every icon is a real file."""

import re
import struct
import zlib

import pytest

from gis.layers import LAYERS, Layer
from gis.layers.symbols import CLUSTER_ICON, Symbol, symbols
from server import pins

LAYER = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
ALL = [symbol for layer in LAYERS for symbol in symbols(layer).values()]


@LAYER
def test_every_status_has_a_symbol_with_its_title(layer: Layer) -> None:
    choices = layer.column("status").choices
    assert choices is not None
    assert {s.status: s.title for s in symbols(layer).values()} == dict(choices)
    assert [s.rank for s in symbols(layer).values()] == list(range(len(choices)))


@pytest.mark.parametrize("symbol", ALL, ids=lambda s: f"{s.layer}-{s.status}")
def test_colours_are_written_as_wechat_wants_them(symbol: Symbol) -> None:
    assert re.fullmatch(r"#[0-9a-f]{8}", symbol.fill)
    assert re.fullmatch(r"#[0-9a-f]{8}", symbol.stroke)


@pytest.mark.parametrize("path", [*(s.icon for s in ALL), CLUSTER_ICON])
def test_an_icon_is_a_png_with_a_coloured_body_on_nothing(path: str) -> None:
    file = pins.png(path)
    assert file.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", file[16:24])
    assert (width, height) == ((68, 68) if path == CLUSTER_ICON else (56, 68))
    start = file.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", file[start - 8 : start - 4])
    lines = zlib.decompress(file[start : start + length])
    assert len(lines) == height * (1 + 4 * width)
    pixel = [lines[y * (1 + 4 * width) + 1 :][: 4 * width] for y in range(height)]
    assert pixel[0][3] == 0
    red, green, blue = bytes.fromhex(pins._COLOURS[path][1:])
    # Inside the head, off the mark in the middle.
    at = 4 * (width // 2 - 18)
    assert pixel[width // 2][at : at + 4] == bytes([red, green, blue, 255])
