// How the browser's map looks. Positions are GCJ-02; colours of sites come from the server.

import type { LayerSpecification, StyleSpecification, ExpressionSpecification } from "maplibre-gl";

const NONE = { type: "FeatureCollection" as const, features: [] };
const INK = "#15202b";
const ACCENT = "#1a56db";

const label = (size: number, color: string, halo = "#ffffff"): Record<string, unknown> => ({
  layout: { "text-size": size, "text-max-width": 9, "text-padding": 4 },
  paint: { "text-color": color, "text-halo-color": halo, "text-halo-width": 1.4 },
});

const isOf = (kind: string): ExpressionSpecification => ["==", ["get", "kind"], kind];

const LAYERS = [
  { id: "ground", type: "background", paint: { "background-color": "#e4eaee" } },
  { id: "county-fill", type: "fill", source: "counties", paint: { "fill-color": "#f8f7f3" } },
  { id: "county-line", type: "line", source: "counties", paint: { "line-color": "#b4bfca", "line-width": 1, "line-dasharray": [4, 3] } },
  { id: "county-name", type: "symbol", source: "county-names", maxzoom: 12, ...label(14, "#768493", "#f8f7f3"), layout: { "text-field": ["get", "name"], "text-size": 14, "text-letter-spacing": 0.12, "text-padding": 10 } },
  { id: "outline", type: "line", source: "outlines", layout: { "line-join": "round" }, paint: { "line-color": ["get", "color"], "line-width": 1.6, "line-dasharray": [3, 2] } },
  { id: "shape", type: "fill", source: "shapes", paint: { "fill-color": ["get", "color"], "fill-opacity": 0.34 } },
  { id: "shape-line", type: "line", source: "shapes", layout: { "line-join": "round" }, paint: { "line-color": ["get", "color"], "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.8, 16, 2] } },
  { id: "chosen-fill", type: "fill", source: "chosen", paint: { "fill-color": ACCENT, "fill-opacity": 0.16 } },
  { id: "chosen-line", type: "line", source: "chosen", layout: { "line-join": "round" }, paint: { "line-color": INK, "line-width": 3 } },
  { id: "cluster", type: "circle", source: "points", filter: isOf("cluster"), paint: { "circle-color": ACCENT, "circle-opacity": 0.92, "circle-radius": ["interpolate", ["linear"], ["ln", ["get", "count"]], 0, 15, 3, 19, 6, 27], "circle-stroke-color": "#ffffff", "circle-stroke-width": 3, "circle-stroke-opacity": 0.85 } },
  { id: "cluster-count", type: "symbol", source: "points", filter: isOf("cluster"), layout: { "text-field": ["get", "text"], "text-size": 14, "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": "#ffffff" } },
  { id: "park-name", type: "symbol", source: "points", filter: isOf("park"), maxzoom: 15, layout: { "text-field": ["get", "text"], "text-size": 13, "text-max-width": 10, "text-padding": 6 }, paint: { "text-color": "#0c5a54", "text-halo-color": "#ffffff", "text-halo-width": 1.6 } },
  { id: "dot", type: "circle", source: "points", filter: isOf("site"), maxzoom: 15.5, paint: { "circle-color": ["get", "color"], "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 3.5, 15, 5], "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } },
  { id: "tag", type: "symbol", source: "points", filter: isOf("site"), layout: { "symbol-sort-key": ["get", "order"], "icon-image": ["get", "image"], "icon-text-fit": "both", "icon-text-fit-padding": [3, 7, 3, 7], "text-field": ["get", "text"], "text-size": 12.5, "text-anchor": "bottom", "text-offset": [0, -0.85], "text-padding": 1, "icon-padding": 1, "text-max-width": 20 }, paint: { "text-color": ["get", "ink"] } },
  { id: "chosen-tag", type: "symbol", source: "chosen-point", layout: { "icon-image": "tag-chosen", "icon-text-fit": "both", "icon-text-fit-padding": [4, 9, 4, 9], "text-field": ["get", "text"], "text-size": 14, "text-anchor": "bottom", "text-offset": [0, -0.8], "icon-allow-overlap": true, "text-allow-overlap": true, "text-max-width": 20 }, paint: { "text-color": "#ffffff" } },
  { id: "here-ring", type: "circle", source: "here", paint: { "circle-color": ACCENT, "circle-opacity": 0.16, "circle-radius": 18 } },
  { id: "here", type: "circle", source: "here", paint: { "circle-color": ACCENT, "circle-radius": 6.5, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2.5 } },
] as unknown as LayerSpecification[];

/** The style; without glyphs, so that devices draw every label with their own fonts. */
export function style(): StyleSpecification {
  const sources = ["counties", "county-names", "outlines", "shapes", "points", "chosen", "chosen-point", "here"];
  return {
    version: 8,
    sources: Object.fromEntries(sources.map((id) => [id, { type: "geojson", data: NONE }])),
    layers: LAYERS,
  } as StyleSpecification;
}

/** A tag with a tail, of one colour, that stretches with its words. */
export function tagImage(fill: string, stroke: string): { image: ImageData; options: Record<string, unknown> } {
  const ratio = 2;
  const [width, height, tail, radius] = [44, 26, 6, 7];
  const canvas = document.createElement("canvas");
  canvas.width = width * ratio;
  canvas.height = (height + tail) * ratio;
  const pen = canvas.getContext("2d")!;
  pen.scale(ratio, ratio);
  pen.beginPath();
  pen.roundRect(1, 1, width - 2, height - 2, radius);
  pen.moveTo(width / 2 - 5, height - 1.4);
  pen.lineTo(width / 2, height + tail - 1.5);
  pen.lineTo(width / 2 + 5, height - 1.4);
  pen.lineWidth = 1.6;
  pen.strokeStyle = stroke;
  pen.stroke();
  pen.fillStyle = fill;
  pen.fill();
  const px = (from: number, to: number): [number, number] => [from * ratio, to * ratio];
  return {
    image: pen.getImageData(0, 0, canvas.width, canvas.height),
    options: {
      pixelRatio: ratio,
      stretchX: [px(9, 16), px(28, 35)],
      stretchY: [px(9, 17)],
      content: [1 * ratio, 1 * ratio, (width - 1) * ratio, (height - 1) * ratio],
    },
  };
}
