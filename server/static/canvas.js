/** The map itself: style, sources, what is drawn how. All coordinates are GCJ-02. */
/* global maplibregl */

import { LAYERS, STATUS, box, label, middle } from "./sites.js";

/** @typedef {import("./sites.js").LayerName} LayerName */
/** @typedef {import("./sites.js").Site} Site */

const NONE = { type: "FeatureCollection", features: [] };
const FONT = '"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif';
const still = matchMedia("(prefers-reduced-motion: reduce)");

const collection = (features) => ({ type: "FeatureCollection", features });
const point = (coordinates, properties, id) => ({
  type: "Feature",
  id,
  geometry: { type: "Point", coordinates },
  properties,
});

const byStatus = (layer) => [
  "match",
  ["get", "status"],
  ...Object.entries(STATUS[layer]).flatMap(([k, [c]]) => [k, c]),
  "#334155",
];

const symbol = (id, source, size, color, more = {}) => ({
  id,
  source,
  type: "symbol",
  ...more,
  layout: { "text-field": ["get", "label"], "text-size": size, "text-max-width": 9, ...more.layout },
  paint: { "text-color": color, "text-halo-color": "#ffffffe6", "text-halo-width": 1.6 },
});

const circle = (layer, radius, maxzoom) => ({
  id: `${layer}-dot`,
  source: `${layer}-points`,
  type: "circle",
  maxzoom,
  paint: {
    "circle-radius": radius,
    "circle-color": byStatus(layer),
    "circle-stroke-color": "#fff",
    "circle-stroke-width": 1.5,
  },
});

// No glyphs in the style: MapLibre then draws every label with the fonts of the device.
const STYLE = {
  version: 8,
  sources: Object.fromEntries(
    ["counties", "county-names", "selected", ...Object.keys(LAYERS).flatMap((l) => [l, `${l}-points`])].map(
      (id) => [id, { type: "geojson", data: NONE }],
    ),
  ),
  layers: [
    { id: "ground", type: "background", paint: { "background-color": "#e3e9ee" } },
    { id: "county-fill", source: "counties", type: "fill", paint: { "fill-color": "#fbfaf5" } },
    {
      id: "county-line",
      source: "counties",
      type: "line",
      paint: { "line-color": "#aab6c2", "line-width": 1.2, "line-dasharray": [4, 2] },
    },
    symbol("county-name", "county-names", 15, "#8291a1", {
      maxzoom: 11.5,
      layout: {
        "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
        "text-radial-offset": 2,
      },
    }),
    {
      id: "parks-fill",
      source: "parks",
      type: "fill",
      paint: { "fill-color": byStatus("parks"), "fill-opacity": 0.08 },
    },
    {
      id: "parcels-fill",
      source: "parcels",
      type: "fill",
      paint: {
        "fill-color": byStatus("parcels"),
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.8, 14, 0.38],
      },
    },
    {
      id: "parcels-line",
      source: "parcels",
      type: "line",
      paint: {
        "line-color": byStatus("parcels"),
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 14, 1.8],
      },
    },
    {
      id: "plants-fill",
      source: "plants",
      type: "fill",
      minzoom: 13.5,
      paint: { "fill-color": byStatus("plants"), "fill-opacity": 0.9, "fill-outline-color": "#fff" },
    },
    {
      id: "parks-line",
      source: "parks",
      type: "line",
      paint: { "line-color": "#0f766e", "line-width": 1.8, "line-dasharray": [3, 1.5] },
    },
    {
      id: "selected",
      source: "selected",
      type: "line",
      paint: { "line-color": "#0f172a", "line-width": 3.5 },
      layout: { "line-join": "round" },
    },
    circle("plants", 3.5, 13.5),
    circle("parks", 5, 9.3),
    symbol("parcels-label", "parcels-points", 12, "#1e293b", { minzoom: 13 }),
    symbol("plants-label", "plants-points", 12, "#14532d", {
      minzoom: 15.5,
      layout: { "text-offset": [0, 0.4] },
    }),
    symbol("parks-label", "parks-points", 13, "#0f5f58", {
      maxzoom: 13.5,
      layout: {
        "text-variable-anchor": ["top", "bottom", "left", "right"],
        "text-radial-offset": ["interpolate", ["exponential", 2], ["zoom"], 9, 0.7, 12.5, 4],
      },
    }),
  ],
};

const WORDS = {
  "NavigationControl.ZoomIn": "放大",
  "NavigationControl.ZoomOut": "缩小",
  "Map.Title": "地图",
  "ScaleControl.Meters": "米",
  "ScaleControl.Kilometers": "公里",
};

/**
 * The map in the element #map.
 * @param {{lng: number, lat: number, zoom: number}} view
 * @param {(layer: LayerName, id: number) => void} onSite called when a person taps a site
 */
export async function createCanvas(view, onSite) {
  const map = new maplibregl.Map({
    container: "map",
    style: STYLE,
    center: [view.lng, view.lat],
    zoom: view.zoom,
    maxZoom: 19,
    minZoom: 6,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    localIdeographFontFamily: FONT,
    locale: WORDS,
    fadeDuration: still.matches ? 0 : 200,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 80 }), "bottom-left");
  const touched = (at) => {
    const near = [
      [at.x - 5, at.y - 5],
      [at.x + 5, at.y + 5],
    ];
    const layers = ["plants-fill", "plants-dot", "parks-dot", "parcels-fill", "parks-label", "parks-fill"];
    const exact = map.queryRenderedFeatures(at, { layers });
    const found = exact.length ? exact : map.queryRenderedFeatures(near, { layers });
    return found.sort((a, b) => layers.indexOf(a.layer.id) - layers.indexOf(b.layer.id))[0];
  };
  map.on("click", ({ point: at }) => {
    const found = touched(at);
    if (found) onSite(found.layer.id.split("-")[0], found.id);
  });
  if (matchMedia("(hover: hover)").matches) {
    map.on("mousemove", ({ point: at }) => {
      map.getCanvas().style.cursor = touched(at) ? "pointer" : "";
    });
  }
  await map.once("load");
  return {
    map,
    /** Outlines of counties, as the base map. @param {Site[]} features */
    drawCounties(features) {
      map.getSource("counties").setData(collection(features));
      map
        .getSource("county-names")
        .setData(collection(features.map((f) => point(middle(f.geometry), { label: f.properties.name }))));
    },
    /** Sites of one layer, in place of those drawn before. @param {LayerName} layer @param {Site[]} sites */
    draw(layer, sites) {
      map.getSource(layer).setData(collection(sites));
      map
        .getSource(`${layer}-points`)
        .setData(
          collection(
            sites.map((f) =>
              point(
                middle(f.geometry),
                { status: f.properties.status, label: label(layer, f.properties) },
                f.id,
              ),
            ),
          ),
        );
    },
    /** Mark a site, or none. @param {Site | null} site */
    select(site) {
      map.getSource("selected").setData(site ?? NONE);
    },
    /** Bring a site into view: `closer` flies to it, else the map moves only if it is hidden. */
    show(site, closer) {
      map.resize();
      const [west, south, east, north] = box(site.geometry);
      if (closer) {
        map.fitBounds([west, south, east, north], {
          padding: 48,
          maxZoom: 15.5,
          animate: !still.matches,
          duration: 900,
        });
      } else if (!map.getBounds().contains(middle(site.geometry))) {
        map.panTo(middle(site.geometry), { animate: !still.matches });
      }
    },
  };
}
