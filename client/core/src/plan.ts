// The plan of a site as an SVG picture: its true shape, north up, with a scale bar.

import { bounds, metresBetween, positions, type Geometry, type Position } from "./geometry.ts";

const WIDTH = 360;
const HEIGHT = 200;
const PAD = 26;
/** At the sides stand the arrow and the scale. */
const PAD_X = 60;
const STEPS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

function rings(coordinates: unknown): Position[][] {
  if (!Array.isArray(coordinates) || !Array.isArray(coordinates[0])) return [];
  const first = coordinates[0] as unknown[];
  if (typeof first[0] === "number") return [coordinates as Position[]];
  return (coordinates as unknown[]).flatMap(rings);
}

/** A data URL; empty when there is nothing to draw. */
export function planUrl(geometry: Geometry | null, color: string): string {
  const box = bounds(geometry);
  if (!geometry || !box || [...positions(geometry.coordinates)].length < 3) return "";
  const [west, south, east, north] = box;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min((WIDTH - 2 * PAD_X) / Math.max(1e-9, (east - west) * squeeze), (HEIGHT - 2 * PAD) / Math.max(1e-9, north - south));
  const x = (lng: number) => WIDTH / 2 + (lng - (west + east) / 2) * squeeze * scale;
  const y = (lat: number) => HEIGHT / 2 - (lat - (south + north) / 2) * scale;
  const path = rings(geometry.coordinates)
    .map((ring) => `M${ring.map(([lng, lat]) => `${x(lng).toFixed(1)} ${y(lat).toFixed(1)}`).join("L")}Z`).join("");
  const perPx = metresBetween({ longitude: west, latitude: south }, { longitude: west, latitude: north }) / ((north - south) * scale);
  const step = STEPS.filter((one) => one / perPx < 90).at(-1) ?? STEPS[0]!;
  const bar = step / perPx;
  const grid = Array.from({ length: 19 }, (_, n) => `M${n * 20} 0V${HEIGHT}`).join("") + Array.from({ length: 11 }, (_, n) => `M0 ${n * 20}H${WIDTH}`).join("");
  const text = step < 1000 ? `${step} m` : `${step / 1000} km`;
  return `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${WIDTH} ${HEIGHT}'>`
    + `<rect width='${WIDTH}' height='${HEIGHT}' fill='#f1f4f6'/><path d='${grid}' stroke='#e3e8ec' fill='none'/>`
    + `<path d='${path}' fill='${color}' fill-opacity='.25' fill-rule='evenodd' stroke='${color}' stroke-width='2.5' stroke-linejoin='round'/>`
    + `<path d='M16 ${HEIGHT - 20}v6h${bar.toFixed(1)}v-6' fill='none' stroke='#4a5866' stroke-width='1.5'/>`
    + `<text x='16' y='${HEIGHT - 25}' font-size='12' font-family='sans-serif' fill='#4a5866'>${text}</text>`
    + `<path d='M${WIDTH - 24} 38V18m-5 7 5-8 5 8' fill='none' stroke='#4a5866' stroke-width='1.8'/>`
    + `<text x='${WIDTH - 24}' y='54' text-anchor='middle' font-size='12' font-family='sans-serif' fill='#4a5866'>北</text></svg>`,
  )}`;
}
