// What is the same on every page: the legend and the columns of layers, asked for once.

import { reactive } from "vue";
import { Problem } from "@core/http";
import type { LayerName } from "@core/filters";
import type { Layer, Legend, Look } from "@core/types";
import { investorApi } from "./people";
import { kept } from "./platform";

export const land = reactive<{ legend: Legend | null; layers: Layer[] }>({ legend: null, layers: [] });

async function once<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    const found = await work();
    kept.put(path, found);
    return found;
  } catch (error) {
    const old = error instanceof Problem && error.passing ? kept.get<T>(path) : null;
    if (!old) throw error;
    return old.answer;
  }
}

let legend: Promise<Legend> | null = null;
let layers: Promise<Layer[]> | null = null;

export function loadLegend(): Promise<Legend> {
  legend ??= once("/api/v1/legend", investorApi.legend).then((found) => (land.legend = found));
  legend.catch(() => { legend = null; });
  return legend;
}

export function loadLayers(): Promise<Layer[]> {
  layers ??= once("/api/v1/layers", investorApi.layers).then((found) => (land.layers = found.layers));
  layers.catch(() => { layers = null; });
  return layers;
}

export const TITLES: Record<LayerName, string> = { parcels: "地块", plants: "厂房", parks: "园区" };
/** What people count them in. */
export const COUNTED: Record<LayerName, string> = { parcels: "宗", plants: "处", parks: "个" };

export function look(layer: LayerName, status: string): Look | null {
  return land.legend?.layers[layer]?.statuses[status] ?? null;
}

export function layerOf(name: LayerName): Layer | null {
  return land.layers.find((layer) => layer.name === name) ?? null;
}

/** The newest date that any layer's data is of. */
export function dataAsOf(): string | null {
  return land.layers.filter(({ name }) => name in TITLES).map((layer) => layer.dataAsOf).filter(Boolean).sort().at(-1) ?? null;
}

/** Statuses of sites that nobody can have any more, or that nobody is told of. */
const GONE: Record<LayerName, readonly string[]> = { parcels: ["sold", "undisclosed"], plants: ["occupied", "undisclosed"], parks: ["full", "undisclosed"] };

/** Whether a site of this status can still be had, now or later: only then a visit makes sense. */
export function canBeHad(layer: LayerName, status: string): boolean {
  return !GONE[layer].includes(status);
}
