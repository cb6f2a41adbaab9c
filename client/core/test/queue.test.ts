import assert from "node:assert/strict";
import { test } from "node:test";

import { Http, Problem, freshKey, type Asked, type Answered } from "../src/http.ts";
import { Kept } from "../src/kept.ts";
import { Queue, type Waiting } from "../src/queue.ts";

function memory() {
  const held = new Map<string, string>();
  return {
    get: (key: string) => held.get(key) ?? null,
    set: (key: string, value: string) => void held.set(key, value),
    remove: (key: string) => void held.delete(key),
    held,
  };
}

const write = (key: string) => ({ key, title: key, method: "POST", path: "/x", headers: { "If-Match": '"3"' }, body: { n: key } });

test("what waits survives a restart and is sent once, in order", async () => {
  const store = memory();
  const offline = new Queue(store, async () => { throw new Problem(0, "offline", "", ""); });
  offline.add(write("a"), 1);
  offline.add(write("b"), 2);
  await offline.flush();
  assert.equal(offline.list().length, 2);

  const sent: Waiting[] = [];
  const again = new Queue(store, async (one) => sent.push(one));
  await Promise.all([again.flush(), again.flush()]);
  assert.deepEqual(sent.map((one) => [one.key, one.body, one.headers]), [
    ["a", { n: "a" }, { "If-Match": '"3"' }],
    ["b", { n: "b" }, { "If-Match": '"3"' }],
  ]);
  assert.deepEqual(again.list(), []);
});

test("a lost answer repeats the same key, so the server can do it once", async () => {
  const keys: string[] = [];
  let lost = true;
  const queue = new Queue(memory(), async (one) => {
    keys.push(one.key);
    if (lost) { lost = false; throw new Problem(0, "offline", "", ""); }
  });
  queue.add(write("a"), 1);
  await queue.flush();
  await queue.flush();
  assert.deepEqual(keys, ["a", "a"]);
});

test("a refused write waits for a person and holds nothing up", async () => {
  const sent: string[] = [];
  const queue = new Queue(memory(), async (one) => {
    if (one.key === "a" && one.headers["If-Match"] === '"3"') {
      throw new Problem(412, "stale-version", "", "已被他人修改", { current: { version: 4 } });
    }
    sent.push(one.key);
  });
  queue.add(write("a"), 1);
  queue.add(write("b"), 2);
  await queue.flush();
  assert.deepEqual(sent, ["b"]);
  assert.equal(queue.list()[0]?.refused?.code, "stale-version");
  queue.retry("a", { key: "a2", headers: { "If-Match": '"4"' } });
  await queue.flush();
  assert.deepEqual(sent, ["b", "a2"]);
});

test("an ended session keeps what waits, and files go with their write", async () => {
  const forgotten: string[] = [];
  let ended = true;
  const queue = new Queue(memory(), async () => { if (ended) throw new Problem(401, "unauthenticated", "", ""); },
    async (file) => void forgotten.push(file));
  queue.add({ ...write("a"), file: "photo-1" }, 1);
  await queue.flush();
  assert.equal(queue.list().length, 1);
  ended = false;
  await queue.flush();
  assert.deepEqual(forgotten, ["photo-1"]);
});

const answer = (status: number, body: unknown): Answered => ({ status, headers: {}, text: JSON.stringify(body) });

test("reads are tried again when that may help, writes are not", async () => {
  const asked: Asked[] = [];
  let failures = 2;
  const http = new Http({
    base: "http://here",
    identity: () => ({ Authorization: "Bearer t" }),
    wait: async () => undefined,
    transport: async (one) => {
      asked.push(one);
      if (failures-- > 0) throw new Error("no route");
      return answer(200, { ok: true });
    },
  });
  assert.deepEqual(await http.get("/a"), { ok: true });
  assert.equal(asked.length, 3);
  assert.equal(asked[0]!.headers.Authorization, "Bearer t");
  failures = 1;
  await assert.rejects(http.send("POST", "/b", { a: 1 }), (error: Problem) => error.offline);
});

test("a problem of the server is told in its own words; a proxy's page is not", async () => {
  const body = { type: "urn:kandi:problem:stale-version", title: "已变", detail: "请重新查看", current: { version: 4 } };
  const http = new Http({ base: "", transport: async () => answer(412, body) });
  await assert.rejects(http.get("/a"), (error: Problem) =>
    error.code === "stale-version" && error.message === "请重新查看" && (error.members.current as { version: number }).version === 4);
  const proxied = new Http({ base: "", transport: async () => ({ status: 403, headers: {}, text: "<html>no</html>" }) });
  await assert.rejects(proxied.get("/a"), (error: Problem) => error.code === "http-403" && !error.message.includes("<"));
});

test("the last answers are kept, the oldest go first", () => {
  const store = memory();
  let now = 1000;
  const kept = new Kept(store, () => now);
  for (let n = 0; n < 45; n += 1) { now += 1; kept.put(`/map?n=${n}`, { n }); }
  assert.equal(kept.get("/map?n=0"), null);
  assert.deepEqual(kept.get("/map?n=44"), { answer: { n: 44 }, at: 1045 });
  assert.deepEqual(kept.newest<{ n: number }>("/map")?.answer, { n: 44 });
  kept.drop("/map?n=44", "/never");
  assert.equal(kept.get("/map?n=44"), null);
  assert.deepEqual(kept.newest<{ n: number }>("/map")?.answer, { n: 43 });
  assert.ok(store.held.size <= 41);
});

test("keys differ", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => freshKey())).size, 1000);
});

test("what one account left waiting is neither seen nor sent by another", async () => {
  const store = memory();
  let who: string | undefined = "li";
  let online = false;
  const sent: string[] = [];
  const forgotten: string[] = [];
  const queue = new Queue(store, async (one) => {
    if (!online) throw new Problem(0, "offline", "", "");
    sent.push(`${who}:${one.key}`);
  }, async (file) => void forgotten.push(file), () => who);
  queue.add({ ...write("a"), file: "photo" }, 1);
  await queue.flush();
  online = true;
  for (const next of [undefined, "wang"]) {
    who = next;
    assert.deepEqual([queue.list(), queue.others], [[], 1]);
    await queue.flush();
  }
  queue.add(write("b"), 2);
  await queue.flush();
  assert.deepEqual(sent, ["wang:b"]);
  who = "li";
  assert.deepEqual(queue.list().map(({ key }) => key), ["a"]);
  await queue.flush();
  assert.deepEqual([sent, forgotten, queue.others], [["wang:b", "li:a"], ["photo"], 0]);
});

test("kept answers of a kind are forgotten together", () => {
  const store = memory();
  const kept = new Kept(store, () => 5);
  kept.put("/parcels/1?crs=cgcs2000", { exact: 1 });
  kept.put("/parcels/1", { open: 1 });
  kept.dropAll((path) => path.includes("cgcs2000"));
  assert.equal(kept.get("/parcels/1?crs=cgcs2000"), null);
  assert.deepEqual(kept.get("/parcels/1")?.answer, { open: 1 });
  assert.ok(![...store.held.values()].join().includes("exact"));
});
