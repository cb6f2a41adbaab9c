import assert from "node:assert/strict";
import { test } from "node:test";

import { facts, groups } from "../src/attributes.ts";
import type { Column, Properties } from "../src/types.ts";

const column = (name: string, title: string, kind: Column["kind"], unit: string | null = null): Column =>
  ({ name, title, kind, unit, inLists: true, choices: null });

const columns = [
  column("supply_method", "出让方式", "code"), column("price_start_wan", "起始价", "number", "万元"),
  column("available_on", "可交地日期", "date"), column("plot_ratio", "容积率", "interval"),
  column("has_gas", "通燃气", "boolean"), column("power_kva", "供电容量", "number", "kVA"),
];
const properties: Properties = {
  code: "A-1", name: "某园A-1号地块", status: "available", status_text: "可供", version: 1, updated_at: "2026-09-27T18:00:00Z",
  area_mu: 52.7505, supply_method: "listing", supply_method_text: "挂牌", price_start_wan: 1535, available_on: null,
  plot_ratio: { min: 1.5, max: null, min_inclusive: true, max_inclusive: false }, has_gas: false, power_kva: 3150,
};

test("attributes stand in groups with words and units; unknown ones are left out", () => {
  const found = groups("parcels", columns, properties);
  assert.deepEqual(found.map((group) => group.title), ["出让条件", "规划指标", "配套条件"]);
  assert.deepEqual(found[0]!.lines.map((line) => [line.title, line.text]), [["出让方式", "挂牌"], ["起始价", "1,535 万元"]]);
  assert.deepEqual(found[2]!.marks.map((mark) => [mark.title, mark.yes]), [["通燃气", false]]);
  assert.deepEqual(found[2]!.lines.map((line) => line.text), ["3,150 kVA"]);
});

test("a card has the facts that are known", () => {
  assert.deepEqual(facts("parcels", properties).map((fact) => fact.text), ["52.8 亩", "1,535 万元", "≥1.5"]);
  assert.deepEqual(facts("parcels", { ...properties, price_start_wan: null }).map((fact) => fact.title), ["面积", "容积率"]);
});
