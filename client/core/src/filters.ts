// What a person chose on the map: layers, words and filters, and its spelling in addresses.
// Names of filters are those of the API; on the map each is preceded by its layer.

import type { Query } from "./query.ts";

export const LAYERS = ["parcels", "plants", "parks"] as const;
export type LayerName = (typeof LAYERS)[number];

export type Values = Record<string, string>;

export interface Choice {
  layers: LayerName[];
  words: string;
  filters: Record<LayerName, Values>;
}

export interface View {
  longitude: number;
  latitude: number;
  zoom: number;
}

export function isLayer(name: string): name is LayerName {
  return (LAYERS as readonly string[]).includes(name);
}

export function everything(): Choice {
  return { layers: [...LAYERS], words: "", filters: { parcels: {}, plants: {}, parks: {} } };
}

/** How many filters are set in the layers that are shown. */
export function countOf(choice: Choice): number {
  return choice.layers.reduce((sum, layer) => sum + countIn(choice.filters[layer]), choice.words ? 1 : 0);
}

/** How many filters are set in one layer; both ends of a range are one. */
export function countIn(values: Values): number {
  return new Set(Object.keys(values).map((name) => name.replace(/_(min|max)$/, ""))).size;
}

/** Filters of a question to one layer's list. */
export function listQuery(choice: Choice, layer: LayerName): Query {
  return { ...(choice.words ? { q: choice.words } : {}), ...sorted(choice.filters[layer]) };
}

/** Filters of a question to the map, and of our own addresses. */
export function mapQuery(choice: Choice): Query {
  const found: Query = {};
  if (choice.layers.length < LAYERS.length) found.layers = choice.layers.join(",");
  if (choice.words) found.q = choice.words;
  for (const layer of choice.layers) {
    for (const [name, value] of Object.entries(sorted(choice.filters[layer]))) found[`${layer}.${name}`] = value;
  }
  return found;
}

/** What an address says; whatever it says wrongly is left out. */
export function fromAddress(query: Query): Choice {
  const choice = everything();
  const named = (query.layers ?? "").split(",").filter(isLayer);
  if (named.length) choice.layers = LAYERS.filter((layer) => named.includes(layer));
  choice.words = (query.q ?? "").trim().slice(0, 200);
  for (const [name, value] of Object.entries(query)) {
    const [layer = "", parameter = ""] = name.split(".");
    if (isLayer(layer) && /^[a-z][a-z0-9_]*$/.test(parameter) && value) choice.filters[layer][parameter] = value;
  }
  return choice;
}

/** `zoom/latitude/longitude`, as the address of the map has it. */
export function viewText({ zoom, latitude, longitude }: View): string {
  return `${trimmed(zoom, 2)}/${trimmed(latitude, 5)}/${trimmed(longitude, 5)}`;
}

export function viewFrom(text: string | undefined): View | null {
  const [zoom, latitude, longitude] = (text ?? "").split("/").map(Number);
  if (![zoom, latitude, longitude].every((number) => Number.isFinite(number))) return null;
  if (Math.abs(latitude!) > 85 || Math.abs(longitude!) > 180 || zoom! < 0 || zoom! > 22) return null;
  return { zoom: zoom!, latitude: latitude!, longitude: longitude! };
}

/** Adds or takes away one code of a filter that takes several. */
export function toggled(value: string | undefined, code: string): string {
  const codes = value ? value.split(",") : [];
  return (codes.includes(code) ? codes.filter((one) => one !== code) : [...codes, code]).join(",");
}

function sorted(values: Values): Values {
  const found: Values = {};
  for (const name of Object.keys(values).sort()) if (values[name]) found[name] = values[name]!;
  return found;
}

function trimmed(number: number, decimals: number): string {
  return String(Number(number.toFixed(decimals)));
}
