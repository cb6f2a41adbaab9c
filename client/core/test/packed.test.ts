import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { numbers, unpack, type PackedMap } from "../src/packed.ts";
import type { Legend, MapAnswer } from "../src/types.ts";

test("a column of digits is numbers of either sign", () => {
  // 0, -1, 1, 34, -35 in a digit each; 35 is 70: 7 with more to come, then 3 times 21.
  assert.deepEqual(numbers("#$%hi"), [0, -1, 1, 34, -35]);
  assert.deepEqual(numbers("q&r&"), [35, -36]);
  assert.deepEqual(numbers(""), []);
});

// The server's tests write what it sent in both forms, from many views, and name the file here.
const file = process.env.KANDI_VIEWS;

test("a packed view is the plain one", { skip: file ? false : "the server's tests bring the views" }, () => {
  const { legend, views } = JSON.parse(readFileSync(file!, "utf-8")) as {
    legend: Legend; views: { plain: MapAnswer; packed: PackedMap }[];
  };
  assert.ok(views.length > 0);
  for (const { plain, packed } of views) assert.deepStrictEqual(unpack(packed, legend), plain);
});
