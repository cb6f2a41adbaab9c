// From the server's view of the map to what each of our two maps draws.

import { figure } from "@core/format";
import { middle, type Box } from "@core/geometry";
import type { MapAnswer, MapCluster, MapSite } from "@core/types";

export interface Marked {
  favourites: readonly string[];
  viewed: readonly string[];
}

export function isCluster(item: MapSite | MapCluster): item is MapCluster {
  return item.id < 0;
}

export function sitesOf(answer: MapAnswer): MapSite[] {
  return answer.items.filter((item): item is MapSite => !isCluster(item));
}

export function clusterBox(answer: MapAnswer, id: number): Box | null {
  const item = answer.items.find((one) => one.id === id);
  return item && isCluster(item) ? item.bbox : null;
}

/** What a tag on the map says: the size of land, or that it is a building. */
export function tagText(site: MapSite): string {
  if (site.layer === "parcels") return site.area_mu === null ? site.code : `${figure(site.area_mu, site.area_mu < 10 ? 1 : 0)}亩`;
  return site.layer === "plants" ? "厂房" : site.name;
}

interface Feature {
  type: "Feature";
  id?: number;
  geometry: { type: string; coordinates: unknown };
  properties: Record<string, unknown>;
}

export interface Collection {
  type: "FeatureCollection";
  features: Feature[];
}

const collection = (features: Feature[]): Collection => ({ type: "FeatureCollection", features });
const solid = (color: string) => color.slice(0, 7);

export interface Drawn {
  shapes: Collection;
  outlines: Collection;
  points: Collection;
  /** Colours for which tags are needed. */
  colours: string[];
}

/** GeoJSON of a view, for MapLibre. */
export function drawn(answer: MapAnswer, colourOf: (site: MapSite) => string, marked: Marked): Drawn {
  const sites = new Map(sitesOf(answer).map((site) => [site.id, site]));
  const colours = new Set<string>();
  const shapes = answer.polygons.map((polygon, index): Feature => {
    const ring = polygon.points.map((p) => [p.longitude, p.latitude]);
    const id = answer.polygon_ids[index];
    return {
      type: "Feature", id,
      geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] },
      properties: { id, layer: id === undefined ? "" : sites.get(id)?.layer, color: solid(polygon.strokeColor) },
    };
  });
  const outlines = answer.polyline.map((line): Feature => ({
    type: "Feature",
    geometry: { type: "LineString", coordinates: line.points.map((p) => [p.longitude, p.latitude]) },
    properties: { color: solid(line.color) },
  }));
  const points = answer.markers.map((marker): Feature => {
    const at = { type: "Point", coordinates: [marker.longitude, marker.latitude] };
    const item = answer.items.find((one) => one.id === marker.id);
    if (!item || isCluster(item)) {
      return { type: "Feature", id: marker.id, geometry: at, properties: { id: marker.id, kind: "cluster", count: item?.count ?? 1, text: figure(item?.count ?? 1) } };
    }
    const color = colourOf(item);
    colours.add(color);
    const key = `${item.layer}/${item.id}`;
    const viewed = marked.viewed.includes(key);
    const favourite = marked.favourites.includes(key);
    return {
      type: "Feature", id: item.id, geometry: at,
      properties: {
        id: item.id, layer: item.layer, kind: item.layer === "parks" ? "park" : "site", color,
        text: `${favourite ? "♥ " : ""}${tagText(item)}`,
        image: `${viewed && !favourite ? "seen" : "tag"}-${color}`,
        ink: viewed && !favourite ? "#15202b" : "#ffffff",
        order: (favourite ? 0 : 1e6) + (item.layer === "plants" ? 1e5 : 0) - (item.area_mu ?? 0),
      },
    };
  });
  return { shapes: collection(shapes), outlines: collection(outlines), points: collection(points), colours: [...colours] };
}

/** Names of regions, each in the middle of its box. */
export function namesOf(features: { geometry: unknown; properties: Record<string, unknown> }[], boxOf: (geometry: unknown) => Box | null): Collection {
  return collection(features.flatMap((one): Feature[] => {
    const box = boxOf(one.geometry);
    if (!box) return [];
    const { longitude, latitude } = middle(box);
    return [{ type: "Feature", geometry: { type: "Point", coordinates: [longitude, latitude] }, properties: { name: one.properties.name } }];
  }));
}

/** The outlines of one site in a view, to show it chosen. */
export function chosenOf(answer: MapAnswer, id: number): { shape: Collection; point: Collection } {
  const shape = answer.polygons.flatMap((polygon, index): Feature[] => {
    if (answer.polygon_ids[index] !== id) return [];
    const ring = polygon.points.map((p) => [p.longitude, p.latitude]);
    return [{ type: "Feature", geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] }, properties: {} }];
  });
  const site = sitesOf(answer).find((one) => one.id === id);
  const marker = answer.markers.find((one) => one.id === id);
  const point = site && marker ? [{
    type: "Feature" as const,
    geometry: { type: "Point", coordinates: [marker.longitude, marker.latitude] },
    properties: { text: tagText(site) },
  }] : [];
  return { shape: collection(shape), point: collection(point) };
}
