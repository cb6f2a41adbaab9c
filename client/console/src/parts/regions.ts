// Regions by name: asked for as one types, within what the user was granted; names are kept.
import { reactive } from "vue";
import { http, session } from "../app/session";

export interface Region { code: string; name: string; level: string; within: string }

const names = reactive<Record<string, string>>({});
let home: { user: number | undefined; asked: Promise<Region[]> } | null = null;

/** The name of a region once it is known, its code until then; the empty code is everywhere. */
export const regionName = (code: string): string => (code ? names[code] ?? code : "全部区域");

const kept = async (query: Record<string, string>): Promise<Region[]> => {
  const { items } = await http.get<{ items: Region[] }>("/console/regions", query);
  for (const { code, name } of items) names[code] = name;
  return items;
};

/** The user's own regions, what is drawn in them, townships of a county: asked for once. */
export function regions(): Promise<Region[]> {
  const user = session.user?.id;
  if (home?.user !== user) home = null;
  home ??= { user, asked: kept({}) };
  home.asked.catch(() => { home = null; });
  return home.asked;
}

export const counties = async (): Promise<Region[]> => (await regions()).filter(({ level }) => level === "county");

export const searched = (words: string): Promise<Region[]> => (words.trim() ? kept({ q: words.trim() }) : regions());

/** Learn the names of codes that came from an address or a row. */
export async function nameRegions(codes: readonly string[]): Promise<void> {
  const unknown = [...new Set(codes)].filter((code) => code && !(code in names));
  if (unknown.length) await kept({ codes: unknown.slice(0, 60).join(",") }).catch(() => []);
}
