"""What is asked: thousands of different views, the same for every server, as scripts of wrk."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gis.crs import geometries_to_gcj02
from gis.zooms import plane
from tests.bench import seed

FEATURES = 100
"""How many parcels a view holds, about."""
COUNT = 4000
WIDTH = seed.STEP * 9.5

# The same requests in the same order for all; each line is a path, or a path, a tab and a tag.
LUA = """
local paths, tags, n = {}, {}, 0
for line in io.lines("%s") do
  local path, tag = line:match("^([^\\t]+)\\t?(.*)$")
  n = n + 1
  paths[n] = path
  tags[n] = tag
end
local at = 0
request = function()
  at = at %% n + 1
  if tags[at] ~= "" then
    local headers = {["If-None-Match"] = tags[at]}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    return wrk.format("GET", paths[at], headers)
  end
  return wrk.format("GET", paths[at])
end
"""


@dataclass(frozen=True)
class Views:
    """Boxes, ids and tiles in GCJ-02 degrees; equal for equal sizes."""

    boxes: list[str]
    ids: list[int]
    tiles: dict[int, list[tuple[int, int]]]


def views(size: int) -> Views:
    """The views of a city of that size."""
    chance = random.Random(size)
    west, south, east, north = _public_extent(size)
    boxes = []
    for _ in range(COUNT):
        x = chance.uniform(west, east - WIDTH)
        y = chance.uniform(south, north - WIDTH)
        boxes.append(f"{x:.6f},{y:.6f},{x + WIDTH:.6f},{y + WIDTH:.6f}")
    ids = [chance.randint(1, size) for _ in range(COUNT)]
    tiles = {z: _tiles(z, (west, south, east, north), chance) for z in (14, 12, 10)}
    return Views(boxes, ids, tiles)


def _public_extent(size: int) -> tuple[float, float, float, float]:
    west, south, east, north = seed.extent(size)
    corners = np.array([shapely.multipolygons([shapely.box(west, south, east, north)])])
    return tuple(geometries_to_gcj02(corners)[0].bounds)


def _tiles(
    z: int, extent: tuple[float, float, float, float], chance: random.Random
) -> list[tuple[int, int]]:
    span = 2 * 20037508.342789244 / 2**z
    (left, low), (right, high) = plane(*extent[:2]), plane(*extent[2:])
    columns = range(
        int((left + span * 2**z / 2) // span), int((right + span * 2**z / 2) // span) + 1
    )
    rows = range(int((span * 2**z / 2 - high) // span), int((span * 2**z / 2 - low) // span) + 1)
    found = [(x, y) for x in columns for y in rows]
    chance.shuffle(found)
    return found[:COUNT]


def script(folder: Path, name: str, paths: list[str]) -> Path:
    """A Lua script for wrk that asks these paths in turn."""
    listed = folder / f"{name}.txt"
    listed.write_text("\n".join(paths) + "\n")
    made = folder / f"{name}.lua"
    made.write_text(LUA % listed)
    return made
