// MapLibre set up the way every map of the console is: GCJ-02, no foreign host, labels drawn locally.

import type { FeatureCollection } from "geojson";
import maplibregl, { type LngLatBoundsLike, type Map as GlMap, type StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";

export type { GlMap };
export type Shapes = FeatureCollection;
export const NOTHING: Shapes = { type: "FeatureCollection", features: [] };

declare global {
  interface Window {
    /** The newest map of the page and whether it stands still: for tests. */
    kandiMap?: GlMap;
    kandiMapIdle?: boolean;
  }
}

const WORDS = {
  "NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小", "ScaleControl.Meters": "米", "ScaleControl.Kilometers": "公里",
  "Map.Title": "地图", "Popup.Close": "关闭",
};

/** Counties only: for previews and cases, where what matters is drawn on top. */
export function plainStyle(dark = false): StyleSpecification {
  return {
    version: 8,
    sources: { counties: { type: "geojson", data: "/api/v1/regions?level=county" } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": dark ? "#0c1722" : "#f3f1ea" } },
      { id: "counties-fill", type: "fill", source: "counties", paint: { "fill-color": dark ? "#132433" : "#f8f7f2", "fill-opacity": 1 } },
      { id: "counties-line", type: "line", source: "counties", paint: { "line-color": dark ? "#33506a" : "#aab6c2", "line-width": 1.2 } },
      { id: "counties-name", type: "symbol", source: "counties", maxzoom: 11,
        layout: { "text-field": ["get", "name"], "text-size": 12 },
        paint: { "text-color": dark ? "#7f97ad" : "#66727e", "text-halo-color": dark ? "#0c1722" : "#ffffff", "text-halo-width": 1.2 } },
    ],
  };
}

export interface Start {
  container: HTMLElement;
  style: StyleSpecification | string;
  bounds?: LngLatBoundsLike;
  center?: [number, number];
  zoom?: number;
  controls?: boolean;
}

export async function makeMap(start: Start): Promise<GlMap> {
  window.kandiMapIdle = false;
  const map = new maplibregl.Map({
    container: start.container,
    style: start.style,
    ...(start.bounds ? { bounds: start.bounds, fitBoundsOptions: { padding: 30 } } : { center: start.center ?? [120.1, 30.8], zoom: start.zoom ?? 9 }),
    // Empty, and then not shown, unless a map of another house lies below ours.
    attributionControl: { compact: false, customAttribution: [] },
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: WORDS,
    maxZoom: 19,
  });
  map.touchZoomRotate.disableRotation();
  map.on("idle", () => { window.kandiMapIdle = true; });
  map.on("dataloading", () => { window.kandiMapIdle = false; });
  map.on("movestart", () => { window.kandiMapIdle = false; });
  window.kandiMap = map;
  if (start.controls !== false) {
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl(), "bottom-left");
  }
  if (!map.isStyleLoaded()) await new Promise<void>((resolve) => void map.once("load", () => resolve()));
  return map;
}

export function setShapes(map: GlMap, source: string, shapes: Shapes): void {
  const found = map.getSource(source);
  if (found) (found as maplibregl.GeoJSONSource).setData(shapes);
  else map.addSource(source, { type: "geojson", data: shapes });
}

export function popup(map: GlMap, place: [number, number], text: string): maplibregl.Popup {
  return new maplibregl.Popup({ maxWidth: "320px" }).setLngLat(place).setText(text).addTo(map);
}

export function marker(map: GlMap, place: [number, number], colour = "#0b5cad"): maplibregl.Marker {
  return new maplibregl.Marker({ color: colour }).setLngLat(place).addTo(map);
}
