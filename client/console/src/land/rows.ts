// What the land page asks for and shows: columns of each layer, filters as the API spells them.

import { decimal, day, interval, muOf } from "@core/format";
import type { FilterParameter, Interval, LayerInfo, Site } from "@core/types";
import type { TableColumn } from "../parts/table";

const property = (site: Site, name: string): unknown => site.properties[name];
const text = (site: Site, name: string): string => String(property(site, name) ?? "");

const plain = (key: string, title: string, width: number, grow = false): TableColumn<Site> =>
  ({ key, title, width, grow, order: (site) => text(site, key), text: (site) => text(site, key) || "—" });

const numeric = (key: string, title: string, width = 96): TableColumn<Site> => ({
  key, title, width, number: true,
  order: (site) => property(site, key) as number | null,
  text: (site) => decimal(property(site, key) as number | null),
});

const date = (key: string, title: string): TableColumn<Site> => ({
  key, title, width: 104, order: (site) => text(site, key), text: (site) => day(property(site, key) as string | null),
});

const area = (key: string, title: string): TableColumn<Site> => ({
  key, title, width: 100, number: true,
  order: (site) => property(site, key) as number | null,
  text: (site) => decimal(muOf(property(site, key) as number | null)),
});

const ratio: TableColumn<Site> = {
  key: "plot_ratio", title: "容积率", width: 84,
  order: (site) => (property(site, "plot_ratio") as Interval | null)?.min,
  text: (site) => { const value = property(site, "plot_ratio") as Interval | null; return value ? interval(value) : "—"; },
};

const HEAD = [plain("code", "编号", 128), plain("name", "名称", 260, true), plain("status", "状态", 100)];

export const COLUMNS: Record<string, TableColumn<Site>[]> = {
  parcels: [...HEAD, area("area_m2", "面积（亩）"), plain("land_use_name", "用途", 110), ratio, numeric("price_start_wan", "起始价（万元）", 116),
    numeric("power_kva", "供电（kVA）", 104), date("available_on", "可交地"), plain("address", "坐落", 180, true), date("verified_at", "核实")],
  plants: [...HEAD, { ...numeric("floor_area_m2", "建筑面积（m²）", 124) }, numeric("vacant_m2", "可租售（m²）", 112), numeric("storeys", "层数", 64),
    numeric("rent_yuan_per_m2_month", "租金（元/m²·月）", 132), plain("address", "坐落", 180, true), date("verified_at", "核实")],
  parks: [...HEAD, area("area_m2", "面积（亩）"), plain("short_name", "简称", 120), numeric("large_firms", "规上企业", 88),
    numeric("output_yi", "年产值（亿元）", 116), numeric("tax_yi", "年税收（亿元）", 116), plain("address", "坐落", 160, true), date("verified_at", "核实")],
};

/** Filters worth a place on the bar, in this order; the rest stand behind 更多. */
const FIRST: Record<string, string[]> = {
  parcels: ["status", "area_mu_min", "area_mu_max", "region_code"],
  plants: ["status", "floor_area_m2_min", "floor_area_m2_max", "region_code"],
  parks: ["status", "level", "region_code"],
};

/** 面积 in m² and in 亩 are the same filter; the console asks in the one that officers use. */
export function offered(layer: LayerInfo): { first: FilterParameter[]; more: FilterParameter[] } {
  const kinds = new Map(layer.columns.map((column) => [column.name, column]));
  const double = (name: string): boolean => {
    if (/floor_area_|vacant_|divisible_/.test(name)) return name.includes("_mu_");
    return /_m2_(min|max)$/.test(name) && kinds.get(name.replace(/_(min|max)$/, ""))?.kind === "area";
  };
  const kept = layer.filters.filter(({ name }) => !double(name));
  const names = FIRST[layer.name] ?? [];
  return {
    first: names.flatMap((name) => kept.filter((one) => one.name === name)),
    more: kept.filter(({ name }) => !names.includes(name)),
  };
}

/** The filters of an address: what the API knows and nothing else. */
export function filtersOf(query: Record<string, unknown>, layer: LayerInfo): Record<string, string> {
  const names = new Set(["q", ...layer.filters.map(({ name }) => name)]);
  return Object.fromEntries(Object.entries(query).filter((pair): pair is [string, string] => names.has(pair[0]) && typeof pair[1] === "string" && pair[1] !== ""));
}

/** A filter in words, for its chip. */
export function told(layer: LayerInfo, name: string, value: string): string {
  if (name === "q") return `含“${value}”`;
  const parameter = layer.filters.find((one) => one.name === name);
  if (!parameter) return `${name} ${value}`;
  const column = layer.columns.find((one) => one.name === parameter.column);
  const words = value.split(",").map((part) => column?.choices?.find(({ code }) => code === part)?.title
    ?? (part === "true" ? "是" : part === "false" ? "否" : part)).join("、");
  const title = parameter.title.replace("不小于", " ≥").replace("不大于", " ≤");
  return `${title}${/[≥≤]$/.test(title) ? " " : "："}${words}${parameter.unit ? ` ${parameter.unit}` : ""}`;
}
