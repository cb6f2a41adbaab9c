// Plane geometry in degrees: fine for hits and boxes at the scale of a county, never for areas.

export interface LatLng {
  latitude: number;
  longitude: number;
}

export type Position = [number, number];
export type Box = [west: number, south: number, east: number, north: number];

export interface Geometry {
  type: string;
  coordinates: unknown;
}

/** Whether the point lies in the ring by even-odd rule; rings cut by a key-hole work as well. */
export function inRing(point: LatLng, ring: readonly LatLng[]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (a.latitude > point.latitude === b.latitude > point.latitude) continue;
    const x = ((b.longitude - a.longitude) * (point.latitude - a.latitude)) / (b.latitude - a.latitude) + a.longitude;
    if (point.longitude < x) inside = !inside;
  }
  return inside;
}

/** Every position of a GeoJSON geometry. */
export function* positions(coordinates: unknown): Generator<Position> {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === "number") yield coordinates as Position;
  else for (const part of coordinates) yield* positions(part);
}

/** The box of a geometry; null when it has no position. */
export function bounds(geometry: Geometry | null | undefined): Box | null {
  let box: Box | null = null;
  for (const [x, y] of positions(geometry?.coordinates)) {
    box = box
      ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)]
      : [x, y, x, y];
  }
  return box;
}

/** The box around boxes; null when there are none. */
export function enclosing(boxes: readonly Box[]): Box | null {
  return boxes.reduce<Box | null>((all, [west, south, east, north]) => (all
    ? [Math.min(all[0], west), Math.min(all[1], south), Math.max(all[2], east), Math.max(all[3], north)]
    : [west, south, east, north]), null);
}

export function middle([west, south, east, north]: Box): LatLng {
  return { longitude: (west + east) / 2, latitude: (south + north) / 2 };
}

export function boxText(box: Box): string {
  return box.map((degrees) => Number(degrees.toFixed(6))).join(",");
}

/** Whether `inner` lies in `outer` enlarged by a share of its own size on each side. */
export function within(inner: Box, outer: Box, margin = 0): boolean {
  const x = (outer[2] - outer[0]) * margin;
  const y = (outer[3] - outer[1]) * margin;
  return inner[0] >= outer[0] - x && inner[1] >= outer[1] - y && inner[2] <= outer[2] + x && inner[3] <= outer[3] + y;
}

const EARTH_M = 6_371_008.8;

/** Metres between two points on a sphere; right to half a percent. */
export function metresBetween(a: LatLng, b: LatLng): number {
  const rad = Math.PI / 180;
  const dLat = (b.latitude - a.latitude) * rad;
  const dLng = (b.longitude - a.longitude) * rad;
  const h = Math.sin(dLat / 2) ** 2
    + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(dLng / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The zoom of web maps at which a box fits so many pixels. */
export function zoomFor(box: Box, width: number, height: number, most = 17): number {
  const mercator = (latitude: number) => Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
  const x = Math.max(1e-9, (box[2] - box[0]) / 360);
  const y = Math.max(1e-9, (mercator(box[3]) - mercator(box[1])) / (2 * Math.PI));
  return Math.min(most, Math.log2(Math.min(width / 512 / x, height / 512 / y)));
}
