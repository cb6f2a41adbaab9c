import assert from "node:assert/strict";
import { test } from "node:test";

import { planUrl } from "../src/plan.ts";
import { toGcj02 } from "../src/position.ts";

// Longitude, latitude in WGS 84 and in GCJ-02, by the independent package pygcj.
const PLACES = [
  [120.0935, 30.8672, 120.0983654, 30.8651423],
  [119.68, 30.63, 119.684882, 30.6275508],
  [116.4, 39.9, 116.4062414, 39.9014023],
] as [number, number, number, number][];

test("a satellite's position stands where Chinese maps show it", () => {
  for (const [longitude, latitude, east, north] of PLACES) {
    const found = toGcj02({ longitude, latitude });
    assert.ok(Math.abs(found.longitude - east) < 2e-6, `${found.longitude} ${east}`);
    assert.ok(Math.abs(found.latitude - north) < 2e-6, `${found.latitude} ${north}`);
  }
});

test("a plan draws the shape with its scale; nothing is drawn of nothing", () => {
  const ring = [[120, 30], [120.002, 30], [120.002, 30.001], [120, 30.001], [120, 30]];
  const svg = decodeURIComponent(planUrl({ type: "MultiPolygon", coordinates: [[ring]] }, "#16a34a").slice("data:image/svg+xml,".length));
  assert.match(svg, /<path d='M[\d. ]+(L[\d. ]+){4}Z'/);
  assert.match(svg, />50 m</);
  assert.equal(planUrl(null, "#000000"), "");
  assert.equal(planUrl({ type: "Point", coordinates: [120, 30] }, "#000000"), "");
});
