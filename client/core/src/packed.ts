// The packed form of GET /map back to the plain one. Its rules stand in the server's OpenAPI
// document (PackedMapView); what the legend knows is not sent with every view.

import type { LayerName } from "./filters.ts";
import type { LatLng } from "./geometry.ts";
import type { Legend, MapAnswer, MapCluster, MapSite, Marker } from "./types.ts";

interface Grid {
  digit: number;
  decimals: number;
}

interface Shapes {
  symbols: [LayerName, string][];
  symbol: string;
  parts: string;
  corners: string;
  points: string;
}

interface Head {
  form: "packed";
  crs: string;
  total: number;
  version: string;
  truncated: boolean;
  dataAsOf?: string | null;
  grid: Grid;
}

interface Cells {
  level: number;
  x0: number;
  y0: number;
  edges_x: string;
  edges_y: string;
  column: string;
  row: string;
  layers: LayerName[];
  counts: string;
  centre: string;
}

interface Sites {
  id: string;
  code: string[];
  name: string[];
  area: string;
  pin: string;
  pins: string;
}

export type PackedMap = Head & Shapes & (({ mode: "features" } & Sites) | { mode: "clusters"; clusters: Cells | null });

const LAST = 70;
const MORE = 21;
const LONGEST_LABEL = 16;
const OUTLINED: LayerName = "parks";
const FINE: Grid = { digit: 1, decimals: 6 };

type Pair = [x: number, y: number];

interface Part {
  points: Pair[];
  grid: Grid;
}

/** The numbers of a column: each ends with a digit below 70, and its lowest bit is the sign. */
export function numbers(text: string): number[] {
  const found: number[] = [];
  let sum = 0;
  let place = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const digit = code - (code > 92 ? 36 : 35);
    if (digit >= LAST) {
      sum += (digit - LAST) * place;
      place *= MORE;
    } else {
      sum += digit * place;
      found.push(sum % 2 ? -(sum + 1) / 2 : sum / 2);
      sum = 0;
      place = 1;
    }
  }
  return found;
}

/** The plain form of a packed view. */
export function unpack(packed: PackedMap, legend: Legend): MapAnswer {
  const { crs, mode, total, version, truncated } = packed;
  const dated = packed.dataAsOf === undefined ? {} : { dataAsOf: packed.dataAsOf };
  const drawn = shapes(packed);
  const body = packed.mode === "features" ? features(packed, drawn, legend) : clusters(packed.clusters, packed, drawn, legend);
  return { crs, mode, total, version, truncated, ...dated, ...body };
}

type Body = Pick<MapAnswer, "markers" | "polygons" | "polygon_ids" | "polyline" | "items">;

function features(packed: PackedMap & { mode: "features" }, drawn: Part[][], legend: Legend): Body {
  const looks = numbers(packed.symbol).map((one) => packed.symbols[one]!);
  const areas = numbers(packed.area);
  const pinned = numbers(packed.pin);
  const places = pairs(packed.pins);
  let pin = 0;
  const sites = running(numbers(packed.id)).map((id, at) => {
    const [layer, status] = looks[at]!;
    const statuses = legend.layers[layer].statuses;
    const site: MapSite = {
      id, layer, code: packed.code[at]!, name: packed.name[at]!, status, status_text: statuses[status]!.title,
      area_mu: areas[at]! / 10, cover: null,
    };
    const parts = drawn[at]!;
    const label = pinned[at] ? sum(middle(parts[0], packed.grid), places[pin++]!) : null;
    return { site, parts, label, rank: Object.keys(statuses).indexOf(status), look: statuses[status]! };
  }).sort((a, b) => a.rank - b.rank || b.site.area_mu! - a.site.area_mu! || a.site.id - b.site.id);
  const rings = sites.filter(({ site }) => site.layer !== OUTLINED).flatMap(({ site, parts, look }) =>
    parts.map((part) => ({ id: site.id, polygon: { points: degrees(part), strokeColor: look.stroke, fillColor: look.fill, ...legend.drawing.polygon } })));
  return {
    markers: sites.flatMap(({ site, label, look }): Marker[] => (label === null ? [] : [{
      id: site.id, ...degreesOf(label, packed.grid), iconPath: look.icon, ...legend.drawing.marker,
      label: { content: labelOf(site), ...legend.drawing.marker.label },
    }])),
    polygons: rings.map(({ polygon }) => polygon),
    polygon_ids: rings.map(({ id }) => id),
    polyline: sites.filter(({ site }) => site.layer === OUTLINED).flatMap(({ parts, look }) => lines(parts, look.stroke, legend)),
    items: sites.map(({ site }) => site),
  };
}

function clusters(cells: Cells | null, packed: Shapes, drawn: Part[][], legend: Legend): Body {
  const outlines = numbers(packed.symbol).flatMap((symbol, at) => {
    const [layer, status] = packed.symbols[symbol]!;
    return lines(drawn[at]!, legend.layers[layer].statuses[status]!.stroke, legend);
  });
  const found = cells ? cellsOf(cells) : [];
  return {
    markers: found.map(({ cell, centre }): Marker => {
      const content = String(cell.count);
      const place = { anchorX: -3 - 3 * content.length, anchorY: -11 };
      const look = legend.drawing.cluster;
      return { id: cell.id, ...degreesOf(centre, FINE), ...look, label: { content, ...look.label, ...place } };
    }),
    polygons: [],
    polygon_ids: [],
    polyline: outlines,
    items: found.map(({ cell }) => cell),
  };
}

function cellsOf(cells: Cells): { cell: MapCluster; centre: Pair }[] {
  const [columns, rows, counts] = [numbers(cells.column), numbers(cells.row), numbers(cells.counts)];
  const edgesX = running(numbers(cells.edges_x)).map((one) => one / 1e6);
  const edgesY = running(numbers(cells.edges_y)).map((one) => one / 1e6);
  let centre: Pair = [0, 0];
  return pairs(cells.centre).map((move, at) => {
    centre = sum(centre, move);
    const [column, row] = [columns[at]!, rows[at]!];
    const own = cells.layers.map((layer, place) => [layer, counts[at * cells.layers.length + place]!] as const).filter(([, count]) => count);
    const cell: MapCluster = {
      id: -(1 + cells.level * 0x1000000 + ((cells.x0 + column) % 4096) * 4096 + ((cells.y0 + row) % 4096)),
      count: own.reduce((all, [, count]) => all + count, 0),
      counts: Object.fromEntries(own),
      bbox: [edgesX[column]!, edgesY[row + 1]!, edgesX[column + 1]!, edgesY[row]!],
    };
    return { cell, centre };
  });
}

/** The rings and lines of each site. */
function shapes({ parts, corners, points, grid }: Shapes & { grid: Grid }): Part[][] {
  const counts = numbers(corners);
  const moves = pairs(points);
  const finer = Math.round((grid.digit / 10 ** grid.decimals) * 1e6);
  let part = 0;
  let move = 0;
  let at: Pair = [0, 0];
  return numbers(parts).map((count) => Array.from({ length: count }, () => {
    const corner = counts[part++]!;
    const fine = corner < 0;
    let here: Pair = fine ? [at[0] * finer, at[1] * finer] : at;
    const found = Array.from({ length: Math.abs(corner) }, () => (here = sum(here, moves[move++]!)));
    if (!fine) at = here;
    return { points: found, grid: fine ? FINE : grid };
  }));
}

function middle(part: Part | undefined, grid: Grid): Pair {
  if (!part || part.grid !== grid) return [0, 0];
  const half = (axis: 0 | 1) => {
    const all = part.points.map((point) => point[axis]);
    return Math.floor((Math.min(...all) + Math.max(...all)) / 2);
  };
  return [half(0), half(1)];
}

function lines(parts: Part[], color: string, legend: Legend): MapAnswer["polyline"] {
  return parts.map((part) => ({ points: degrees(part), color, ...legend.drawing.polyline }));
}

function labelOf({ layer, code, name, area_mu }: MapSite): string {
  const text = [...(layer === OUTLINED ? name : code)].slice(0, LONGEST_LABEL).join("");
  return layer === "parcels" ? `${text} ${Math.floor(area_mu! + 0.5)}亩` : text;
}

function pairs(text: string): Pair[] {
  const flat = numbers(text);
  return Array.from({ length: flat.length / 2 }, (_, at): Pair => [flat[2 * at]!, flat[2 * at + 1]!]);
}

function running(steps: number[]): number[] {
  let at = 0;
  return steps.map((step) => (at += step));
}

const sum = (a: Pair, b: Pair): Pair => [a[0] + b[0], a[1] + b[1]];

function degreesOf([x, y]: Pair, { digit, decimals }: Grid): LatLng {
  return { latitude: (y * digit) / 10 ** decimals, longitude: (x * digit) / 10 ** decimals };
}

const degrees = ({ points, grid }: Part): LatLng[] => points.map((point) => degreesOf(point, grid));
