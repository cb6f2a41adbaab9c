// The preview on a map: staged rows by what would become of them, in GCJ-02 like everything here.

/* global maplibregl */
import { $ } from "./page.js";

const COLORS = ["match", ["get", "action"], "new", "#16a34a", "changed", "#2563eb", "rejected", "#dc2626", "#94a3b8"];
const EMPTY = { type: "FeatureCollection", features: [] };
let map = null;
let mark = null;

function made() {
  if (map) return map;
  map = new maplibregl.Map({
    container: "map",
    attributionControl: false,
    center: [120.1, 30.8],
    zoom: 8,
    style: {
      version: 8,
      sources: {
        regions: { type: "geojson", data: "/api/v1/regions" },
        rows: { type: "geojson", data: EMPTY },
      },
      layers: [
        { id: "land", type: "background", paint: { "background-color": "#eef2f5" } },
        { id: "regions", type: "line", source: "regions", paint: { "line-color": "#94a3b8" } },
        { id: "fill", type: "fill", source: "rows", paint: { "fill-color": COLORS, "fill-opacity": 0.35 } },
        { id: "line", type: "line", source: "rows", paint: { "line-color": COLORS, "line-width": 1.5 } },
      ],
    },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.addControl(new maplibregl.ScaleControl());
  map.on("click", "fill", ({ lngLat, features }) => {
    const { row_no: number, code, errors } = features[0].properties;
    popup(lngLat, `第 ${number} 行 ${code ?? ""}${errors && errors !== "null" ? `\n${errors}` : ""}`);
  });
  return map;
}

function popup(at, text) {
  mark?.remove();
  mark = new maplibregl.Popup({ maxWidth: "320px" }).setLngLat(at).setText(text).addTo(map);
}

function boxOf(features) {
  const box = new maplibregl.LngLatBounds();
  const walk = (part) => (typeof part[0] === "number" ? box.extend(part) : part.forEach(walk));
  features.forEach((feature) => feature.geometry && walk(feature.geometry.coordinates));
  return box;
}

export function show(collection) {
  const target = made();
  const drawn = collection.features.filter((feature) => feature.geometry);
  const draw = () => {
    target.getSource("rows").setData({ ...collection, features: drawn });
    if (drawn.length) target.fitBounds(boxOf(drawn), { padding: 30, animate: false });
  };
  if (target.isStyleLoaded()) draw();
  else target.once("load", draw);
  mark?.remove();
}

export function point(place, text) {
  made().jumpTo({ center: place, zoom: 15.5 });
  popup(place, text);
  $("map").scrollIntoView({ block: "center" });
}
