// What a person did with sites on this device: favourites, viewed ones, the comparison.

import { reactive } from "vue";
import type { Favourite, SiteRef } from "@core/types";
import { said } from "./answers";
import { asInvestor } from "./people";
import { store, toast } from "./platform";

const MARKS = "kandi.marks";
export const MOST_COMPARED = 4;
const MOST_VIEWED = 300;

export interface Compared extends SiteRef {
  name: string;
}

interface Marks {
  favourites: string[];
  viewed: string[];
  compared: Compared[];
}

function read(): Marks {
  try {
    return { favourites: [], viewed: [], compared: [], ...(JSON.parse(store.get(MARKS) ?? "{}") as Partial<Marks>) };
  } catch {
    return { favourites: [], viewed: [], compared: [] };
  }
}

export const marks = reactive<Marks>(read());
const save = () => store.set(MARKS, JSON.stringify(marks));
export const keyOf = ({ layer, id }: SiteRef) => `${layer}/${id}`;

export const isFavourite = (site: SiteRef) => marks.favourites.includes(keyOf(site));
export const isViewed = (site: SiteRef) => marks.viewed.includes(keyOf(site));
export const isCompared = (site: SiteRef) => marks.compared.some((one) => keyOf(one) === keyOf(site));

export function view(site: SiteRef): void {
  const key = keyOf(site);
  marks.viewed = [key, ...marks.viewed.filter((one) => one !== key)].slice(0, MOST_VIEWED);
  save();
}

/** Shown at once; taken back if the server does not take it. */
export async function toggleFavourite(site: SiteRef): Promise<void> {
  const wanted = !isFavourite(site);
  mark(site, wanted);
  try {
    await asInvestor((api) => (wanted ? api.keep(site) : api.drop(site)));
    toast(wanted ? "已收藏，可在“收藏”里查看" : "已取消收藏");
  } catch (error) {
    mark(site, !wanted);
    toast(said(error));
  }
}

function mark(site: SiteRef, on: boolean): void {
  const key = keyOf(site);
  marks.favourites = [...marks.favourites.filter((one) => one !== key), ...(on ? [key] : [])];
  save();
}

/** What the server holds is the truth. */
export function setFavourites(items: Favourite[]): void {
  marks.favourites = items.map(keyOf);
  save();
}

export function toggleCompared(site: Compared): void {
  if (isCompared(site)) {
    marks.compared = marks.compared.filter((one) => keyOf(one) !== keyOf(site));
  } else if (marks.compared.length >= MOST_COMPARED) {
    toast(`最多对比 ${MOST_COMPARED} 处，请先移除一处`);
    return;
  } else {
    marks.compared = [...marks.compared, { layer: site.layer, id: site.id, name: site.name }];
  }
  save();
}

export function forgetAll(): void {
  Object.assign(marks, { favourites: [], viewed: [], compared: [] });
  save();
}


export function forgetCompared(): void {
  marks.compared = [];
  save();
}
