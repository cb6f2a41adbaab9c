// A site's attributes in the groups in which people ask for them, with titles and units.

import { day, metres, mu, squareMetres, value as shown, wan } from "./format.ts";
import type { LayerName } from "./filters.ts";
import type { Column, Properties } from "./types.ts";

export interface Line {
  name: string;
  title: string;
  text: string;
  /** Yes or no, for marks instead of words. */
  yes?: boolean;
}

export interface Group {
  title: string;
  lines: Line[];
  /** Yes-or-no lines, which stand side by side. */
  marks: Line[];
}

const GROUPS: Record<LayerName, [title: string, names: string[]][]> = {
  parcels: [
    ["出让条件", ["supply_method", "price_start_wan", "deposit_wan", "tenure_years", "available_on"]],
    ["规划指标", ["land_use_name", "land_use_code", "plot_ratio", "building_density", "green_ratio", "building_height_m"]],
    ["标准地要求", ["investment_wan_per_mu", "tax_wan_per_mu", "output_wan_per_mu", "energy_tce_per_wan", "emission_wan_per_t"]],
    ["配套条件", ["is_cleared", "is_standard_land", "has_road", "has_water", "has_drainage", "has_power", "has_heat", "has_gas",
      "has_telecom", "is_levelled", "power_kva", "water_t_per_day", "sewage_t_per_day", "gas_m3_per_h", "steam_t_per_h"]],
    ["权属与编号", ["code", "lot_code", "unit_code", "supervision_no", "address", "area_legal_m2"]],
  ],
  plants: [
    ["租售条件", ["tenure", "rent_yuan_per_m2_month", "price_yuan_per_m2", "fee_yuan_per_m2_month", "lease_months_min",
      "rent_free_months", "sublet_allowed", "available_on"]],
    ["空间", ["floor_area_m2", "vacant_m2", "divisible_m2", "storeys", "floor_no", "ground_height_m", "storey_height_m",
      "column_spacing_m", "span_m", "structure", "dormitory_m2", "yard_m2"]],
    ["承载与设备", ["ground_load_t_per_m2", "floor_load_t_per_m2", "crane_t", "freight_lifts", "lift_load_t", "power_kva", "transformers"]],
    ["准入", ["fire_class", "fire_accepted", "eia_possible", "discharge_permit", "is_detached", "has_dock", "has_title", "banned_industries"]],
    ["编号与坐落", ["code", "address", "contact_name", "contact_phone"]],
  ],
  parks: [
    ["概况", ["level", "park_kind", "leading_industries", "approved_m2", "large_firms", "output_yi", "tax_yi", "introduction"]],
    ["配套", ["has_sewage_plant", "has_central_heating", "is_chemical_park", "plan_eia_no"]],
    ["管理与联系", ["committee", "contact_name", "contact_phone", "code", "catalogue_code", "approval_no", "bounds_text", "address"]],
  ],
};

/** The attributes that are known, by group; what is unknown is left out, as a blank says nothing. */
export function groups(layer: LayerName, columns: readonly Column[], properties: Properties): Group[] {
  const known = new Map(columns.map((column) => [column.name, column]));
  return GROUPS[layer].map(([title, names]) => {
    const lines: Line[] = [];
    const marks: Line[] = [];
    for (const name of names) {
      const column = known.get(name);
      const given = properties[name];
      if (!column || given === null || given === undefined || given === "") continue;
      const line = { name, title: column.title, text: text(column, properties) };
      if (typeof given === "boolean") marks.push({ ...line, yes: given });
      else lines.push(line);
    }
    return { title, lines, marks };
  }).filter((group) => group.lines.length + group.marks.length > 0);
}

/** One attribute in words. */
export function text(column: Column, properties: Properties): string {
  const given = properties[column.name];
  const named = properties[`${column.name}_text`];
  if (typeof named === "string") return named;
  if (column.kind === "date" || column.kind === "instant") return day(given as string);
  if (column.kind === "area" && typeof given === "number") return squareMetres(given);
  if (column.unit === "万元" && typeof given === "number") return wan(given);
  return shown(given, column.unit);
}

export interface Fact {
  title: string;
  text: string;
}

/** The three facts of a card: how large, how much, and what fits. */
export function facts(layer: LayerName, p: Properties): Fact[] {
  const number = (name: string) => (typeof p[name] === "number" ? (p[name] as number) : null);
  const found: (Fact | null)[] = [];
  if (layer === "parcels") {
    found.push({ title: "面积", text: mu(number("area_mu")) });
    found.push(number("price_start_wan") === null ? null : { title: "起始价", text: wan(number("price_start_wan")) });
    found.push({ title: "容积率", text: shown(p.plot_ratio, null) });
  } else if (layer === "plants") {
    found.push({ title: "可租售", text: squareMetres(number("vacant_m2")) });
    found.push(number("rent_yuan_per_m2_month") === null ? null
      : { title: "租金", text: `${shown(p.rent_yuan_per_m2_month, null)} 元/m²·月` });
    found.push({ title: "首层层高", text: shown(p.ground_height_m, "m") });
  } else {
    found.push({ title: "面积", text: mu(number("area_mu")) });
    found.push({ title: "级别", text: shown(p.level_text, null) });
    found.push({ title: "主导产业", text: shown(p.leading_industries, null) });
  }
  return found.filter((fact): fact is Fact => fact !== null && fact.text !== "—");
}

/** What stands behind a favourite or a pin when nothing else is known of it. */
export function shortTitle(name: string, code: string): string {
  return name.endsWith(`${code}号地块`) ? name.slice(0, -`${code}号地块`.length) || name : name;
}

export { metres };
