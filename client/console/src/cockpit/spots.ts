// One point a case, in the middle of its box: shapes of some 亩 cannot be seen on the map of a city.

import type { Feature, FeatureCollection, Position } from "geojson";

function corners(part: unknown): Position[] {
  if (!Array.isArray(part)) return [];
  return typeof part[0] === "number" ? [part as Position] : part.flatMap(corners);
}

export function spots(shapes: FeatureCollection): FeatureCollection {
  const features = shapes.features.flatMap((one): Feature[] => {
    const all = one.geometry && "coordinates" in one.geometry ? corners(one.geometry.coordinates) : [];
    if (!all.length) return [];
    const xs = all.map(([x]) => x);
    const ys = all.map(([, y]) => y);
    const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
    return [{ type: "Feature", id: one.id, properties: one.properties, geometry: { type: "Point", coordinates: middle } }];
  });
  return { type: "FeatureCollection", features };
}
