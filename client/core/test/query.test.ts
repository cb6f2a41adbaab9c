import assert from "node:assert/strict";
import { test } from "node:test";

import { countOf, everything, fromAddress, listQuery, mapQuery, toggled, viewFrom, viewText } from "../src/filters.ts";
import { fromQuery, toQuery, withQuery } from "../src/query.ts";
import { around, asked, fromText, targetOf, toBody, toText } from "../src/siting.ts";
import type { SitingAnswer } from "../src/types.ts";

test("a query survives the way there and back, whatever stands in it", () => {
  for (const value of ["吴兴 & <b>", "a=b&c", "100%", "1,2:3/4", "+", "😀"]) {
    assert.deepEqual(fromQuery(toQuery({ q: value, n: "1" })), { q: value, n: "1" });
  }
  assert.deepEqual(fromQuery("?a=%E0%A4%A&b"), { a: "%E0%A4%A", b: "" });
  assert.equal(withQuery("/x", { a: undefined, b: "" }), "/x");
});

test("filters have the API's names in lists and are named by layer on the map", () => {
  const choice = everything();
  choice.words = "吴兴";
  choice.filters.parcels = { status: "available,announced", area_mu_min: "30" };
  choice.filters.plants = { crane_t_min: "10" };
  assert.deepEqual(listQuery(choice, "parcels"), { q: "吴兴", area_mu_min: "30", status: "available,announced" });
  assert.deepEqual(mapQuery(choice), {
    q: "吴兴", "parcels.area_mu_min": "30", "parcels.status": "available,announced", "plants.crane_t_min": "10",
  });
  assert.deepEqual(fromAddress(fromQuery(toQuery(mapQuery(choice)))), choice);
  assert.equal(countOf(choice), 4);
  choice.filters.parcels.area_mu_max = "60";
  assert.equal(countOf(choice), 4, "both ends of a range are one filter");
});

test("a layer that is switched off asks nothing and keeps its filters for later", () => {
  const choice = everything();
  choice.filters.plants = { crane_t_min: "10" };
  choice.layers = ["parcels"];
  assert.deepEqual(mapQuery(choice), { layers: "parcels" });
  assert.equal(countOf(choice), 0);
  assert.deepEqual(choice.filters.plants, { crane_t_min: "10" });
});

test("what an address says wrongly is left out", () => {
  const choice = fromAddress({ layers: "parcels,moon", "parcels.status": "sold", "parcels.<x>": "1", "moon.a": "1", q: "  a " });
  assert.deepEqual(choice.layers, ["parcels"]);
  assert.deepEqual(choice.filters.parcels, { status: "sold" });
  assert.equal(choice.words, "a");
  assert.equal(viewFrom("11/91/120"), null);
  assert.equal(viewFrom("x/1/2"), null);
  const view = { zoom: 11.25, latitude: 30.87123, longitude: 120.1 };
  assert.deepEqual(viewFrom(viewText(view)), view);
});

test("codes of a filter are added and taken away", () => {
  assert.equal(toggled(undefined, "a"), "a");
  assert.equal(toggled("a", "b"), "a,b");
  assert.equal(toggled("a,b", "a"), "b");
  assert.equal(toggled("b", "b"), "");
});

test("needs have one spelling in links and bodies", () => {
  const needs = {
    layer: "parcels" as const,
    must: { area_mu_min: "30", avoid: "basic_farmland,flood_risk", near_motorway_exit_m_max: "6000" },
    want: { area_mu: around(50), price_start_wan: "" },
  };
  const text = toText(needs);
  assert.ok(text.includes("avoid=basic_farmland,flood_risk"));
  assert.deepEqual(fromText(text), needs);
  assert.deepEqual(toBody(needs, 5), { layers: ["parcels"], must: needs.must, want: needs.want, limit: 5 });
  assert.equal(targetOf(needs.want.area_mu), 50);
  assert.equal(targetOf("rising(1,2)"), null);
});

test("what was asked is told in the words of the answer, whatever the wizard can ask", () => {
  const needs = fromText("layers=parcels&region_code=330502&area_mu_min=30");
  const answer = { understood: { parcels: ["行政区划属于 吴兴区", "面积不小于 30 亩"], plants: ["不是这一条"] }, weighed: ["面积目标 50±20 亩", "供电容量"] };
  assert.deepEqual(asked(needs, answer as unknown as SitingAnswer), { must: "地块 · 行政区划属于 吴兴区 · 面积不小于 30 亩", want: "面积目标 50±20 亩、供电容量" });
  assert.deepEqual(asked({ ...needs, layer: "plants" }, null), { must: "厂房", want: "" });
  assert.deepEqual(asked(needs, {} as SitingAnswer), { must: "地块", want: "" });
});
