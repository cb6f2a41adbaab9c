import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, chinaClock, day, daysLeft, figure, interval, metres, moment, mu, squareMetres, value, wan } from "../src/format.ts";
import { bounds, boxText, inRing, metresBetween, within, zoomFor } from "../src/geometry.ts";

test("the clock in China is eight hours ahead of UTC", () => {
  const evening = Date.UTC(2026, 11, 31, 16, 30);
  assert.equal(chinaClock(evening).toISOString().slice(0, 16), "2027-01-01T00:30");
  assert.equal(chinaClock(evening).getUTCFullYear(), 2027);
});

test("figures are grouped and never longer than they need be", () => {
  assert.equal(figure(1234567.5), "1,234,567.5");
  assert.equal(figure(0.1 + 0.2), "0.3");
  assert.equal(figure(-0.001), "0");
  assert.equal(figure(-1200), "-1,200");
  assert.equal(mu(52.7505), "52.8 亩");
  assert.equal(mu(2.808), "2.81 亩");
  assert.equal(mu(null), "—");
  assert.equal(squareMetres(6917), "6,917 m²");
  assert.equal(wan(1535), "1,535 万元");
  assert.equal(wan(18632.4), "1.86 亿元");
  assert.equal(metres(860.4), "860 m");
  assert.equal(metres(3210), "3.2 km");
});

test("an interval says whether its bounds belong", () => {
  const plan = { min: 1.5, max: null, min_inclusive: true, max_inclusive: false };
  assert.equal(interval(plan), "≥1.5");
  assert.equal(interval({ ...plan, min_inclusive: false }), "＞1.5");
  assert.equal(interval({ min: null, max: 60, min_inclusive: false, max_inclusive: true }, "%"), "≤60%");
  assert.equal(interval({ min: 1, max: 2, min_inclusive: true, max_inclusive: true }), "1–2");
  assert.equal(interval({ min: 1, max: 2, min_inclusive: true, max_inclusive: false }), "≥1 且 ＜2");
  assert.equal(value(true, null), "是");
  assert.equal(value(["a", "b"], null), "a、b");
  assert.equal(value(3150, "kVA"), "3,150 kVA");
});

test("instants are days of China, not of the device", () => {
  assert.equal(day("2026-09-27T18:00:00Z"), "2026-09-28");
  assert.equal(day("2026-10-12"), "2026-10-12");
  assert.equal(moment("2026-09-27T18:05:00Z"), "2026-09-28 02:05");
  const now = Date.parse("2026-09-28T04:00:00Z");
  assert.equal(ago(now - 30_000, now), "刚刚");
  assert.equal(ago(now - 5 * 60_000, now), "5 分钟前");
  assert.equal(ago("2026-09-28T01:00:00Z", now), "今天 09:00");
  assert.equal(ago("2026-09-27T01:00:00Z", now), "2026-09-27 09:00");
  assert.equal(daysLeft(-3), "已超期 3 天");
  assert.equal(daysLeft(0), "今天到期");
});

const ring = [[0, 0], [4, 0], [4, 4], [0, 4]].map(([longitude, latitude]) => ({ longitude: longitude!, latitude: latitude! }));
const hole = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [1, 1], [1, 3], [3, 3], [3, 1], [1, 1]]
  .map(([longitude, latitude]) => ({ longitude: longitude!, latitude: latitude! }));

test("a point is in a ring, and not in a hole that a key-hole cuts", () => {
  assert.equal(inRing({ longitude: 2, latitude: 2 }, ring), true);
  assert.equal(inRing({ longitude: 5, latitude: 2 }, ring), false);
  assert.equal(inRing({ longitude: 2, latitude: 2 }, hole), false);
  assert.equal(inRing({ longitude: 0.5, latitude: 2 }, hole), true);
});

test("boxes hold their geometry and fit the screen", () => {
  const box = bounds({ type: "MultiPolygon", coordinates: [[[[120, 30], [120.5, 30.25], [120.1, 30.5]]]] });
  assert.deepEqual(box, [120, 30, 120.5, 30.5]);
  assert.equal(bounds(null), null);
  assert.equal(boxText([120.12345678, 30, 121, 31]), "120.123457,30,121,31");
  assert.equal(within([1, 1, 2, 2], [0, 0, 3, 3]), true);
  assert.equal(within([-0.2, 1, 2, 2], [0, 0, 3, 3]), false);
  assert.equal(within([-0.2, 1, 2, 2], [0, 0, 3, 3], 0.1), true);
  // The whole world is 512 pixels wide at zoom 0.
  assert.equal(Math.abs(Math.round(zoomFor([-180, -85.051129, 180, 85.051129], 512, 512) * 1000)), 0);
  assert.ok(Math.abs(metresBetween({ longitude: 120, latitude: 30 }, { longitude: 120, latitude: 31 }) - 111_195) < 50);
});
