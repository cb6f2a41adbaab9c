"""The pins of ``<map>`` as PNG files, drawn here in the colours of the legend."""

import struct
import zlib
from functools import lru_cache

import numpy as np
from flask import Blueprint, Response, abort, request
from numpy.typing import NDArray

from gis.layers import LAYERS
from gis.layers.symbols import CLUSTER, CLUSTER_ICON, PIN_PX, symbols

bp = Blueprint("pins", __name__)

_SCALE = 2
"""Pixels of the file for one pixel of the map."""
_SAMPLES = 4
_DAY_S = 86400

Mask = NDArray[np.bool_]

_COLOURS = {s.icon: s.colour for layer in LAYERS for s in symbols(layer).values()}
_COLOURS[CLUSTER_ICON] = CLUSTER


@bp.get("/static/pin/<name>.png")
def pin(name: str) -> Response:
    """The pin of one status."""
    path = f"/static/pin/{name}.png"
    if path not in _COLOURS:
        abort(404)
    response = Response(png(path), mimetype="image/png")
    response.cache_control.max_age = _DAY_S
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response


@lru_cache
def png(path: str) -> bytes:
    """The file of a pin; KeyError if the legend has no such icon."""
    red, green, blue = bytes.fromhex(_COLOURS[path][1:])
    cluster = path == CLUSTER_ICON
    width, height = (PIN_PX[1], PIN_PX[1]) if cluster else PIN_PX
    step = 1 / _SCALE / _SAMPLES
    y, x = np.mgrid[step / 2 : height : step, step / 2 : width : step]
    body, mark = _circle(x, y, width / 2) if cluster else _drop(x, y, path)
    white = np.array([255, 255, 255, 255.0])
    filled = np.array([red, green, blue, 255.0])
    picture = np.zeros((*x.shape, 4))
    picture[_shrunk(x, y, body, width, height)] = white
    picture[body] = filled
    picture[mark] = white
    return _encode(_averaged(picture))


def _drop(x: NDArray[np.float64], y: NDArray[np.float64], path: str) -> tuple[Mask, Mask]:
    """A round head over a point, and in it the sign of its layer."""
    width, height = PIN_PX
    middle, head, inner = width / 2, width / 2, width / 2 - 2
    round_head = np.hypot(x - middle, y - head) <= inner
    # The flanks touch the head where the line to the tip is a tangent.
    reach = (height - 2 - y) / (height - 2 - head)
    tail = (y > head) & (reach > 0) & (np.abs(x - middle) <= inner * 0.9 * reach)
    dx, dy = np.abs(x - middle), y - head
    marks = {
        "parcel": (dx <= 5) & (np.abs(dy) <= 5),
        "plant": (dx <= 5.5) & (dy <= 5) & (dy >= -5.5 + dx),
        "park": np.hypot(dx, dy) <= 5.5,
    }
    kind = path.rsplit("/", 1)[-1].partition("-")[0]
    return round_head | tail, marks[kind]


def _circle(x: NDArray[np.float64], y: NDArray[np.float64], radius: float) -> tuple[Mask, Mask]:
    inside = np.hypot(x - radius, y - radius) <= radius - 2
    return inside, np.zeros_like(inside)


def _shrunk(
    x: NDArray[np.float64], y: NDArray[np.float64], body: Mask, width: float, height: float
) -> Mask:
    """The white rim: all that lies within 1.5 px of the body."""
    rim = int(1.5 * _SCALE * _SAMPLES)
    grown = body.copy()
    for dy in range(-rim, rim + 1):
        reach = int((rim**2 - dy**2) ** 0.5)
        shifted = np.roll(body, dy, axis=0)
        for dx in (-reach, reach, -reach // 2, reach // 2, 0):
            grown |= np.roll(shifted, dx, axis=1)
    return grown & (x > 0) & (x < width) & (y > 0) & (y < height)


def _averaged(picture: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Samples to pixels, with colours weighted by how much they cover."""
    rows, columns = picture.shape[0] // _SAMPLES, picture.shape[1] // _SAMPLES
    blocks = picture.reshape(rows, _SAMPLES, columns, _SAMPLES, 4)
    alpha = blocks[..., 3].mean(axis=(1, 3))
    colour = (blocks[..., :3] * blocks[..., 3:]).mean(axis=(1, 3)) / np.maximum(alpha, 1)[..., None]
    return np.concatenate([colour, alpha[..., None]], axis=-1).round().astype(np.uint8)


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels as a PNG file (ISO/IEC 15948): 8-bit RGBA, no filter."""
    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
