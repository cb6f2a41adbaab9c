// What the wizard asks: ready starts by trade, and the choices of each question.

import { around, noNeeds, type Needs, type SitedLayer } from "@core/siting";

export interface Start {
  title: string;
  hint: string;
  needs: Needs;
}

const parcels = (must: Needs["must"], want: Needs["want"]): Needs => ({ ...noNeeds("parcels"), must: { status: "available,announced,planned", ...must }, want });
const plants = (must: Needs["must"], want: Needs["want"]): Needs => ({ ...noNeeds("plants"), must: { status: "available,partly_available", ...must }, want });

export const STARTS: Start[] = [
  { title: "机械加工", hint: "50 亩地，近高速，电力足", needs: parcels({ area_mu_min: "25" }, { area_mu: around(50), price_start_wan: "", near_motorway_exit_m: "", power_kva: "" }) },
  { title: "物流仓储", hint: "80 亩地，高速与港口", needs: parcels({ area_mu_min: "40", near_motorway_exit_m_max: "8000" }, { area_mu: around(80), near_motorway_exit_m: "", near_port_m: "", near_freight_station_m: "" }) },
  { title: "电子装配", hint: "3000 m² 厂房，可办环评", needs: plants({ vacant_m2_min: "1500", eia_possible: "true" }, { vacant_m2: around(3000), rent_yuan_per_m2_month: "", near_motorway_exit_m: "" }) },
  { title: "重型设备", hint: "层高 8 m、行车 10 t 以上", needs: plants({ ground_height_m_min: "8", crane_t_min: "10" }, { vacant_m2: around(4000), rent_yuan_per_m2_month: "", power_kva: "" }) },
];

export interface Option {
  title: string;
  value: string;
}

export interface Question {
  name: string;
  title: string;
  options: Option[];
}

const km = (...list: number[]): Option[] => list.map((one) => ({ title: `${one} km 内`, value: String(one * 1000) }));
const least = (unit: string, ...list: string[]): Option[] => list.map((one) => ({ title: `≥${one} ${unit}`, value: one }));

const ROADS: Question[] = [
  { name: "near_motorway_exit_m_max", title: "高速出口", options: km(3, 5, 10) },
  { name: "near_freight_station_m_max", title: "铁路货运站", options: km(5, 10, 20) },
  { name: "near_port_m_max", title: "港口", options: km(5, 10, 20) },
];

export const MUST: Record<SitedLayer, Question[]> = {
  parcels: [
    ...ROADS,
    { name: "power_kva_min", title: "供电容量", options: least("kVA", "1000", "3000", "8000") },
    { name: "plot_ratio", title: "容积率可做", options: [{ title: "1.2", value: "1.2" }, { title: "1.5", value: "1.5" }, { title: "2.0", value: "2" }] },
  ],
  plants: [
    ...ROADS.slice(0, 1),
    { name: "ground_height_m_min", title: "首层层高", options: least("m", "6", "8", "10") },
    { name: "ground_load_t_per_m2_min", title: "地面承重", options: least("t/m²", "2", "3", "5") },
    { name: "crane_t_min", title: "行车", options: least("t", "5", "10", "20") },
    { name: "power_kva_min", title: "用电", options: least("kVA", "400", "800", "1600") },
    { name: "fire_class", title: "火灾危险性", options: [{ title: "丙类", value: "c" }, { title: "丁类", value: "d" }, { title: "戊类", value: "e" }] },
  ],
};

export const FLAGS: Record<SitedLayer, Option[]> = {
  parcels: [
    { title: "标准地", value: "is_standard_land" }, { title: "净地", value: "is_cleared" }, { title: "场地平整", value: "is_levelled" },
    { title: "通燃气", value: "has_gas" }, { title: "通热", value: "has_heat" },
  ],
  plants: [
    { title: "可办环评", value: "eia_possible" }, { title: "消防已验收", value: "fire_accepted" }, { title: "可排污", value: "discharge_permit" },
    { title: "独门独院", value: "is_detached" }, { title: "装卸平台", value: "has_dock" }, { title: "有产权证", value: "has_title" },
  ],
};

export const AVOID: Option[] = [
  { title: "永久基本农田", value: "basic_farmland" }, { title: "生态保护红线", value: "ecological_redline" },
  { title: "城镇开发边界外", value: "urban_boundary" }, { title: "洪水风险区", value: "flood_risk" },
];

export const WANT: Record<SitedLayer, Option[]> = {
  parcels: [
    { title: "价格低", value: "price_start_wan" }, { title: "近高速", value: "near_motorway_exit_m" }, { title: "近港口", value: "near_port_m" },
    { title: "近铁路货运", value: "near_freight_station_m" }, { title: "电力足", value: "power_kva" }, { title: "净地", value: "is_cleared" },
    { title: "近污水厂", value: "near_sewage_plant_m" }, { title: "近医院", value: "near_hospital_m" },
  ],
  plants: [
    { title: "租金低", value: "rent_yuan_per_m2_month" }, { title: "近高速", value: "near_motorway_exit_m" }, { title: "电力足", value: "power_kva" },
    { title: "近客运站", value: "near_rail_station_m" }, { title: "近医院", value: "near_hospital_m" }, { title: "近学校", value: "near_school_m" },
  ],
};

/** The figure that says how large, and its unit, by what is looked for. */
export const SIZE: Record<SitedLayer, { name: string; unit: string; quick: number[] }> = {
  parcels: { name: "area_mu", unit: "亩", quick: [20, 30, 50, 80, 120] },
  plants: { name: "vacant_m2", unit: "m²", quick: [1000, 2000, 3000, 5000, 8000] },
};

export const BUDGET: Record<SitedLayer, { name: string; title: string; unit: string }> = {
  parcels: { name: "price_start_wan_max", title: "土地预算上限", unit: "万元" },
  plants: { name: "rent_yuan_per_m2_month_max", title: "月租金上限", unit: "元/m²" },
};
