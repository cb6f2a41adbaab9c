// CGCS2000 degrees to GCJ-02 and back: exact places of staff on a public map.

import type { MultiPolygon, Position } from "./types";

const AXIS = 6378245;
const ECCENTRICITY = 0.00669342162296594323;
const { sin, cos, sqrt, abs, PI } = Math;

function shift(x: number, y: number): Position {
  const waves = (20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2 / 3;
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    + ((20 * sin(y * PI) + 40 * sin(y / 3 * PI)) * 2 + (160 * sin(y / 12 * PI) + 320 * sin(y * PI / 30)) * 2) / 3;
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    + ((20 * sin(x * PI) + 40 * sin(x / 3 * PI)) * 2 + (150 * sin(x / 12 * PI) + 300 * sin(x / 30 * PI)) * 2) / 3;
  return [east, north];
}

export function toGcj02([longitude, latitude]: Position): Position {
  const [east, north] = shift(longitude - 105, latitude - 35);
  const slope = 1 - ECCENTRICITY * sin(latitude / 180 * PI) ** 2;
  const root = sqrt(slope);
  return [
    longitude + east * 180 / (AXIS / root * cos(latitude / 180 * PI) * PI),
    latitude + north * 180 / (AXIS * (1 - ECCENTRICITY) / (slope * root) * PI),
  ];
}

/** By iteration; better than a millimetre after four rounds. */
export function fromGcj02(place: Position): Position {
  let [longitude, latitude] = place;
  for (let round = 0; round < 4; round += 1) {
    const [east, north] = toGcj02([longitude, latitude]);
    longitude += place[0] - east;
    latitude += place[1] - north;
  }
  return [longitude, latitude];
}

export function shapeToGcj02(shape: MultiPolygon): MultiPolygon {
  return { type: "MultiPolygon", coordinates: shape.coordinates.map((polygon) => polygon.map((ring) => ring.map(toGcj02))) };
}

/** West, south, east, north around shapes. */
export function boundsOf(shapes: Iterable<MultiPolygon>): [number, number, number, number] | null {
  let found: [number, number, number, number] | null = null;
  for (const shape of shapes) {
    for (const [x, y] of shape.coordinates.flat(2)) {
      found = found
        ? [Math.min(found[0], x), Math.min(found[1], y), Math.max(found[2], x), Math.max(found[3], y)]
        : [x, y, x, y];
    }
  }
  return found;
}
