// What the map page looks for and has found: one search feeds pins and list, so they keep in step.

import { computed, reactive, ref } from "vue";
import { Api } from "@core/api";
import { LAYERS, everything, fromAddress, listQuery, mapQuery, viewFrom, viewText, type Choice, type LayerName, type View } from "@core/filters";
import { boxText, enclosing, type Box } from "@core/geometry";
import { unpack, type PackedMap } from "@core/packed";
import { fromQuery, toQuery, withQuery } from "@core/query";
import type { Collection, Feature, MapAnswer } from "@core/types";
import { ask, noAnswer, said, settle } from "@/app/answers";
import { TITLES, land, layerOf, loadLayers, loadLegend } from "@/app/land";
import { asInvestor, investorApi } from "@/app/people";
import { kept, store, toast } from "@/app/platform";
import { wordsOf } from "./fields";

const VIEW = "kandi.view";
const PAGE = 20;
/** The prefecture of the demo city, until the data says where it is. */
const SOMEWHERE: View = { longitude: 120.09, latitude: 30.8, zoom: 8.6 };

export const choice = reactive<Choice>(everything());
export const view = ref<View>(viewFrom(store.get(VIEW) ?? undefined) ?? SOMEWHERE);
export const remembered = store.get(VIEW) !== null;
/** The box that pins and list are of. */
export const searched = ref<Box | null>(null);
/** The box in sight, when it is another one. */
export const sight = ref<Box | null>(null);
export const onMap = noAnswer<MapAnswer>();
export const list = noAnswer<Collection>();
export const listed = ref<LayerName>("parcels");
export const more = reactive({ loading: false, features: [] as Feature[], next: "" });

let searchedZoom = 0;
let listOf = "";

/** Takes choice and view from an address; whether it named a view. */
export function takeAddress(query: string): boolean {
  const values = fromQuery(query);
  const asked = viewFrom(values.map);
  Object.assign(choice, fromAddress(values));
  if (asked) view.value = asked;
  return asked !== null;
}

export function address(): string {
  return toQuery({ map: viewText(view.value), ...mapQuery(choice) });
}

/** Whether the box in sight is another than the one searched, so that it is worth asking. */
export const moved = computed(() => {
  const [now, old] = [sight.value, searched.value];
  if (!now || !old) return false;
  const width = old[2] - old[0];
  const height = old[3] - old[1];
  return Math.abs(now[0] + now[2] - old[0] - old[2]) > width * 0.5 || Math.abs(now[1] + now[3] - old[1] - old[3]) > height * 0.5;
});

/** The map stands still somewhere: what a person did there is asked at once or on request. */
export function stand(box: Box, at: View, byHand: boolean): void {
  view.value = at;
  sight.value = box;
  store.set(VIEW, viewText(at));
  const zoomed = Math.abs(at.zoom - searchedZoom) >= 0.75;
  if (!searched.value || !byHand || zoomed || onMap.data?.mode === "clusters" || onMap.problem) void search();
}

/** Asks the map in sight, and the list if it is open. */
export async function search(): Promise<void> {
  if (!sight.value) return;
  searched.value = sight.value;
  searchedZoom = view.value.zoom;
  more.features = [];
  const path = Api.mapPath(boxText(enlarged(sight.value)), Math.round(view.value.zoom), mapQuery(choice));
  const list = listWanted ? loadList() : Promise.resolve();
  await Promise.all([askMap(path), list]);
}

/** Asks a view; without a network the last answer to it, or else the newest view of all, is shown. */
function askMap(path: string): Promise<void> {
  return settle(onMap, async () => {
    const legend = loadLegend();
    // A kept view is drawn with the kept legend: that has to be here before the failure is told.
    const packed = await investorApi.at<PackedMap>(path).catch((error) => legend.then(() => { throw error; }));
    kept.put(path, packed);
    return unpack(packed, await legend);
  }, () => {
    const old = kept.get<PackedMap>(path) ?? kept.newest<PackedMap>("/api/v1/map?form=packed");
    return old && land.legend ? { at: old.at, answer: unpack(old.answer, land.legend) } : null;
  });
}

/** A little more than the screen, so that a small pan shows no edge. */
function enlarged([west, south, east, north]: Box): Box {
  const x = (east - west) * 0.08;
  const y = (north - south) * 0.08;
  return [Math.max(-180, west - x), Math.max(-85, south - y), Math.min(180, east + x), Math.min(85, north + y)];
}

let listWanted = false;

/** The list is only asked for once a person opens it. */
export function wantList(on: boolean): void {
  listWanted = on;
  if (on) void loadList();
}

const LIST_FIELDS: Record<LayerName, string> = {
  parcels: "code,name,status,status_text,address,area_mu,price_start_wan,plot_ratio",
  plants: "code,name,status,status_text,address,vacant_m2,rent_yuan_per_m2_month,ground_height_m",
  parks: "code,name,status,status_text,address,area_mu,level,level_text,leading_industries",
};

function listPath(layer: LayerName): string {
  return Api.listPath(layer, {
    ...(searched.value ? { bbox: boxText(searched.value) } : {}),
    limit: String(PAGE), zoom: "8", fields: LIST_FIELDS[layer], ...listQuery(choice, layer),
  });
}

export async function loadList(): Promise<void> {
  if (!searched.value) return;
  const path = listPath(listed.value);
  if (path === listOf && list.data && !list.problem) return;
  listOf = path;
  more.features = [];
  list.data = null;
  await ask(list, path);
  more.next = nextOf(list.data);
}

export async function loadMore(): Promise<void> {
  if (!more.next || more.loading) return;
  const of = listOf;
  more.loading = true;
  try {
    const page = await investorApi.at<Collection>(more.next);
    if (of !== listOf) return;
    more.features = [...more.features, ...page.features];
    more.next = nextOf(page);
  } catch {
    // The button stays where it is and can be pressed again.
  } finally {
    more.loading = false;
  }
}

function nextOf(page: Collection | null): string {
  return page?.links.find((link) => link.rel === "next")?.href ?? "";
}

/** How many sites of a layer a choice finds, in a box or everywhere. */
export async function count(of: Choice, layer: LayerName, box: Box | null): Promise<number> {
  const query = { ...(box ? { bbox: boxText(box) } : {}), limit: "1", fields: "code", ...listQuery(of, layer) };
  return (await investorApi.at<Collection>(Api.listPath(layer, query))).numberMatched;
}

/** The box of all the data, for a first visit. */
export async function everywhere(): Promise<Box | null> {
  const boxes = (await loadLayers()).filter(({ name }) => LAYERS.includes(name)).map((layer) => layer.extent).filter((box): box is Box => box !== null);
  return enclosing(boxes);
}

const PATIENCE_MS = 1500;

/** The box of what is found in a larger one, whose land is mostly empty; null when nothing is, or nobody answers soon. */
export async function contents(of: Box): Promise<Box | null> {
  // Finer by two than a cell is for: what is counted there lies close together.
  const zoom = Math.round(Math.log2(360 / (of[2] - of[0]))) + 2;
  const path = Api.mapPath(boxText(of), Math.min(16, zoom), mapQuery(choice));
  const late = new Promise<null>((resolve) => { setTimeout(() => resolve(null), PATIENCE_MS); });
  const asked = Promise.all([investorApi.at<PackedMap>(path), loadLegend()]).then(([packed, legend]) => unpack(packed, legend), () => null);
  const found = await Promise.race([asked, late]);
  if (!found) return null;
  const cells = new Map(found.items.flatMap((item) => ("bbox" in item ? [[item.id, item.bbox] as const] : [])));
  return enclosing(found.markers.map(({ id, longitude, latitude }) => cells.get(id) ?? [longitude, latitude, longitude, latitude]));
}

/** One site for the preview, with the properties that cards show. */
export const preview = noAnswer<Feature>();
export function loadPreview(layer: LayerName, id: number): Promise<void> {
  const held = [...(list.data?.features ?? []), ...more.features].find((one) => one.id === id && listed.value === layer);
  if (held) return settle(preview, async () => held);
  return ask(preview, Api.sitePath(layer, id));
}

/** Keeps what is looked for in the listed layer; its owner is told of each new site that fits. */
export async function keep(): Promise<void> {
  const layer = listed.value;
  const titleOf = (name: string, code: string) =>
    layerOf(layer)?.columns.find((column) => column.name === name)?.choices?.find((one) => one.code === code)?.title ?? code;
  const name = wordsOf(TITLES[layer], layer, choice.words, choice.filters[layer], titleOf).slice(0, 40);
  const path = withQuery(`/${layer}`, listQuery(choice, layer));
  try {
    await asInvestor((api) => api.saveSearch({ name, path, notify: true }));
    toast("已保存，有新的符合会提醒您");
  } catch (error) {
    toast(said(error));
  }
}
