// The filters that the panel offers of each layer, in the order in which people ask.

import type { LayerName, Values } from "@core/filters";

export interface Range {
  kind: "range";
  name: string;
  title: string;
  unit: string;
  quick: [title: string, min: string, max: string][];
}
export interface Least {
  kind: "least";
  name: string;
  title: string;
  unit: string;
  quick: string[];
}
export interface Codes {
  kind: "codes";
  name: string;
  title: string;
}
export interface Flags {
  kind: "flags";
  title: string;
  flags: [name: string, title: string][];
}
export type Field = Range | Least | Codes | Flags;

/** A choice in one layer as a person says it: `地块 · 可供 · 面积 60–100 亩`; codes by their titles. */
export function wordsOf(title: string, layer: LayerName, words: string, values: Values, titleOf: (name: string, code: string) => string): string {
  const said = [title, ...(words ? [`“${words}”`] : []), ...(values.park_code ? [`园区 ${values.park_code}`] : [])];
  for (const field of FIELDS[layer]) {
    if (field.kind === "flags") said.push(...field.flags.filter(([name]) => values[name]).map(([, flag]) => flag));
    else if (field.kind === "codes" && values[field.name]) said.push(values[field.name]!.split(",").map((code) => titleOf(field.name, code)).join("、"));
    else if (field.kind === "least" && values[`${field.name}_min`]) said.push(`${field.title} ${values[`${field.name}_min`]} ${field.unit}`);
    else if (field.kind === "range") {
      const [min, max] = [values[`${field.name}_min`], values[`${field.name}_max`]];
      if (min || max) said.push(`${field.title} ${min ? (max ? `${min}–${max}` : `≥${min}`) : `≤${max}`} ${field.unit}`);
    }
  }
  return said.join(" · ");
}

export const FIELDS: Record<LayerName, Field[]> = {
  parcels: [
    { kind: "codes", name: "status", title: "状态" },
    { kind: "range", name: "area_mu", title: "面积", unit: "亩", quick: [["30 以下", "", "30"], ["30–60", "30", "60"], ["60–100", "60", "100"], ["100 以上", "100", ""]] },
    { kind: "range", name: "price_start_wan", title: "起始价", unit: "万元", quick: [["1000 以下", "", "1000"], ["1000–3000", "1000", "3000"], ["3000 以上", "3000", ""]] },
    { kind: "flags", title: "条件", flags: [["is_standard_land", "标准地"], ["is_cleared", "净地"], ["is_levelled", "场地平整"], ["has_gas", "通燃气"], ["has_heat", "通热"]] },
    { kind: "least", name: "power_kva", title: "供电容量不小于", unit: "kVA", quick: ["1000", "3000", "8000"] },
    { kind: "least", name: "sewage_t_per_day", title: "污水纳管不小于", unit: "t/d", quick: ["50", "150", "300"] },
    { kind: "codes", name: "supply_method", title: "出让方式" },
  ],
  plants: [
    { kind: "codes", name: "status", title: "状态" },
    { kind: "range", name: "vacant_m2", title: "可租售面积", unit: "m²", quick: [["1000 以下", "", "1000"], ["1000–3000", "1000", "3000"], ["3000–8000", "3000", "8000"], ["8000 以上", "8000", ""]] },
    { kind: "codes", name: "tenure", title: "租售方式" },
    { kind: "range", name: "rent_yuan_per_m2_month", title: "月租金", unit: "元/m²", quick: [["12 以下", "", "12"], ["12–18", "12", "18"], ["18 以上", "18", ""]] },
    { kind: "least", name: "ground_height_m", title: "首层层高不小于", unit: "m", quick: ["6", "8", "10"] },
    { kind: "least", name: "ground_load_t_per_m2", title: "地面承重不小于", unit: "t/m²", quick: ["2", "3", "5"] },
    { kind: "least", name: "crane_t", title: "行车不小于", unit: "t", quick: ["5", "10", "20"] },
    { kind: "least", name: "power_kva", title: "用电不小于", unit: "kVA", quick: ["400", "800", "1600"] },
    { kind: "flags", title: "准入", flags: [["fire_accepted", "消防已验收"], ["eia_possible", "可办环评"], ["discharge_permit", "可排污"], ["is_detached", "独门独院"], ["has_dock", "装卸平台"], ["has_title", "有产权证"]] },
    { kind: "codes", name: "fire_class", title: "火灾危险性" },
  ],
  parks: [
    { kind: "codes", name: "status", title: "状态" },
    { kind: "codes", name: "level", title: "级别" },
    { kind: "codes", name: "park_kind", title: "类型" },
    { kind: "flags", title: "配套", flags: [["has_sewage_plant", "污水处理厂"], ["has_central_heating", "集中供热"], ["is_chemical_park", "化工园区"]] },
  ],
};
