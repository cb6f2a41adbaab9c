// The browser's map: MapLibre, fed by the same answers as WeChat's map, with our tiles around.

import maplibregl, { type GeoJSONSource, type LayerSpecification, type Map as GlMap } from "maplibre-gl";
import type { View } from "@core/filters";
import type { Box } from "@core/geometry";
import type { Drawn } from "./drawing";
import { style, tagImage } from "./style";

export interface Place {
  box: Box;
  view: View;
  /** Whether a person moved it, not the app. */
  byHand: boolean;
}

export interface Events {
  moved(place: Place): void;
  cluster(id: number): void;
  site(layer: string, id: number): void;
  nothing(): void;
}

const TOUCHED = ["tag", "chosen-tag", "cluster", "dot", "shape", "park-name"];
const CONTEXT_ZOOM = 12.5;
const CONTEXT = ["parks-line", "parcels-fill", "parcels-line", "plants-fill", "plants-line"];
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

declare global {
  interface Window {
    /** Set when the map stands still, for tests; holds the map. */
    kandiMap?: GlMap;
  }
}

/** The map in an element. Resolves when its style is ready to draw on. */
export async function browserMap(container: HTMLElement, view: View, events: Events) {
  const map = new maplibregl.Map({
    container,
    style: style(),
    center: [view.longitude, view.latitude],
    zoom: view.zoom,
    minZoom: 6,
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    localIdeographFontFamily: '"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif',
    fadeDuration: still() ? 0 : 180,
    locale: { "Map.Title": "地图" },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 72 }), "bottom-left");
  window.kandiMap = map;
  if (!map.isStyleLoaded()) await map.once("load");

  const source = (id: string) => map.getSource(id) as GeoJSONSource;
  map.on("click", ({ point }) => {
    const near: [[number, number], [number, number]] = [[point.x - 8, point.y - 8], [point.x + 8, point.y + 8]];
    const found = map.queryRenderedFeatures(near, { layers: TOUCHED })
      .sort((a, b) => TOUCHED.indexOf(a.layer.id) - TOUCHED.indexOf(b.layer.id))[0];
    if (!found) events.nothing();
    else if (found.layer.id === "cluster") events.cluster(Number(found.properties.id));
    else if (found.layer.id !== "chosen-tag") events.site(String(found.properties.layer), Number(found.properties.id));
  });
  map.on("moveend", (event) => events.moved(place(Boolean((event as { originalEvent?: Event }).originalEvent))));
  map.on("zoomend", () => { if (map.getZoom() >= CONTEXT_ZOOM) void context(); });
  if (matchMedia("(hover: hover)").matches) {
    map.on("mousemove", ({ point }) => {
      map.getCanvas().style.cursor = map.queryRenderedFeatures(point, { layers: TOUCHED }).length ? "pointer" : "";
    });
  }

  function place(byHand: boolean): Place {
    const bounds = map.getBounds();
    const { lng, lat } = map.getCenter();
    return {
      box: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()],
      view: { longitude: lng, latitude: lat, zoom: map.getZoom() },
      byHand,
    };
  }

  let asked = false;
  /** Sites that the filters leave out, faintly below those that match: from our tiles, once near. */
  async function context(): Promise<void> {
    if (asked) return;
    asked = true;
    try {
      const found = await (await fetch("/style.json")).json() as { sources: Record<string, maplibregl.SourceSpecification>; layers: LayerSpecification[] };
      for (const one of found.layers.filter(({ id }) => CONTEXT.includes(id))) {
        const name = (one as { source?: string }).source ?? "";
        if (!map.getSource(name)) map.addSource(name, found.sources[name]!);
        const faint = one.type === "fill" ? { "fill-opacity": 0.07 } : { "line-opacity": 0.28, "line-width": 0.8 };
        map.addLayer({ ...one, id: `context-${one.id}`, minzoom: 12, paint: { ...one.paint, ...faint } } as LayerSpecification, "outline");
      }
    } catch {
      asked = false; // Only decoration: asked for again at the next zoom.
    }
  }
  if (view.zoom >= CONTEXT_ZOOM) void context();

  function images(colours: string[]): void {
    for (const color of colours) {
      if (map.hasImage(`tag-${color}`)) continue;
      const tag = tagImage(color, "#ffffff");
      map.addImage(`tag-${color}`, tag.image, tag.options);
      const seen = tagImage("#ffffff", color);
      map.addImage(`seen-${color}`, seen.image, seen.options);
    }
  }
  const chosenTag = tagImage("#15202b", "#ffffff");
  map.addImage("tag-chosen", chosenTag.image, chosenTag.options);

  const duration = () => (still() ? 0 : 500);
  return {
    place,
    draw({ shapes, outlines, points, colours }: Drawn): void {
      images(colours);
      source("shapes").setData(shapes as never);
      source("outlines").setData(outlines as never);
      source("points").setData(points as never);
    },
    /** Another map below ours, whose ground and counties it takes the place of. */
    below(sources: Record<string, unknown>): void {
      map.setPaintProperty("county-fill", "fill-opacity", 0);
      for (const id in sources) map.addLayer({ id, type: "raster", source: sources[id] } as LayerSpecification, "county-line");
    },
    choose(shape: unknown, point: unknown): void {
      source("chosen").setData(shape as never);
      source("chosen-point").setData(point as never);
    },
    regions(outlines: unknown, names: unknown): void {
      source("counties").setData(outlines as never);
      source("county-names").setData(names as never);
    },
    here(longitude: number, latitude: number): void {
      source("here").setData({ type: "Feature", geometry: { type: "Point", coordinates: [longitude, latitude] }, properties: {} });
    },
    fit(box: Box, most: number, padding: { top: number; bottom: number; left: number; right: number }, fast = false): void {
      map.fitBounds(box, { padding, maxZoom: most, duration: fast ? 0 : duration() });
    },
    fly(view: View, offsetY = 0): void {
      map.easeTo({ center: [view.longitude, view.latitude], zoom: view.zoom, offset: [0, offsetY], duration: duration() });
    },
    resize: () => map.resize(),
    remove: () => map.remove(),
  };
}

export type BrowserMap = Awaited<ReturnType<typeof browserMap>>;
