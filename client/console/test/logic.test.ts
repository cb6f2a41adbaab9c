import { countdown, day, decimal, device, interval, moment, mu, shown, until, whole } from "@core/format";
import { fromGcj02, toGcj02 } from "@core/gcj02";
import { Problem, search, StaffHttp } from "@core/http";
import type { Column, LayerInfo } from "@core/types";
import { expect, test } from "vitest";
import { large } from "../src/cockpit/cockpit";
import { choicesOf, inputsOf, missing } from "../src/disposal/cases";
import { differs, type Found, type Scan } from "../src/disposal/scans";
import { bodyOf, changesOf as changesOfRule, formOf, type Rule, successorOf, typed, valueText } from "../src/disposal/rules";
import { effect, mappingOf } from "../src/imports/words";
import { changesOf, clashes, merged } from "../src/land/edits";
import { filtersOf, offered, told } from "../src/land/rows";
import { nextOrder, ordered, shownRange, type TableColumn } from "../src/parts/table";

const column = (name: string, kind: Column["kind"], more: Partial<Column> = {}): Column =>
  ({ name, title: name, kind, unit: null, choices: null, public: true, inLists: true, ...more });
const COLUMNS = [column("name", "text"), column("power_kva", "number", { unit: "kVA" }), column("status", "code", { choices: [{ code: "sold", title: "已成交" }] })];

test("areas are 亩 of exact m²", () => {
  expect(mu(20000)).toBe("30");
  expect(mu(2000 / 3)).toBe("1");
  expect(mu(null)).toBe("—");
});

test("figures have separators, on every page alike", () => {
  expect([whole(1234567.4), decimal(1234567.456), mu(8_230_451), large(1234567.8), large(12.34)]).toEqual(["1,234,567", "1,234,567.46", "12,346", "1,234,568", "12.3"]);
  expect([decimal(0.1 + 0.2), large(-0.04), large(null), whole(undefined)]).toEqual(["0.3", "0", "—", "—"]);
  expect(shown(column("area_legal_m2", "area"), 1234567.5)).toBe("1,234,567.5 m²（1,851.85 亩）");
  expect(interval({ min: 12000, min_inclusive: true, max: null, max_inclusive: false })).toBe("≥ 12,000");
  expect(valueText(13340)).toBe("13,340");
  expect(effect("apply", { counts: { new: 12345, changed: 1, rejected: 0 } } as never).text).toContain("新增 12,345 条、更新 1 条");
});

test("days and moments are those of China, wherever the browser stands", () => {
  expect(day("2026-11-22T17:30:00Z")).toBe("2026-11-23");
  expect(day("2026-11-22")).toBe("2026-11-22");
  expect(moment("2026-11-22T17:30:00Z")).toBe("2026-11-23 01:30");
});

test("clocks say how late they are", () => {
  expect(countdown(-3)).toEqual({ text: "超期 3 天", tone: "danger" });
  expect(countdown(0).text).toBe("今天到期");
  expect(countdown(7).tone).toBe("warning");
  expect(countdown(null).tone).toBe("none");
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(until("2026-01-01T01:30:00Z", now)).toEqual({ text: "剩 1 小时", tone: "warning" });
  expect(until("2025-12-31T23:30:00Z", now)).toEqual({ text: "超时 30 分钟", tone: "danger" });
});

test("planning intervals keep their open ends", () => {
  expect(interval({ min: 1.5, min_inclusive: true, max: null, max_inclusive: false })).toBe("≥ 1.5");
  expect(interval({ min: 1, min_inclusive: true, max: 2, max_inclusive: true })).toBe("1～2");
  expect(interval({ min: 1, min_inclusive: true, max: 2, max_inclusive: false })).toContain("不含上限");
});

test("values are told with unit and title", () => {
  expect(shown(COLUMNS[1], 8000)).toBe("8,000 kVA");
  expect(shown(COLUMNS[2], "sold")).toBe("已成交");
  expect(shown(undefined, null)).toBe("—");
});

test("GCJ-02 agrees with the server and goes back", () => {
  // A corner of the demo city as the API gave it in both systems.
  const [x, y] = toGcj02([120.161770146, 30.87256167]);
  const [a, b] = fromGcj02([x, y]);
  expect(Math.abs(a - 120.161770146)).toBeLessThan(1e-9);
  expect(Math.abs(b - 30.87256167)).toBeLessThan(1e-9);
  expect(x - 120.161770146).toBeGreaterThan(0.003);
});

test("only what differs is a change, emptied is null", () => {
  const before = { name: "甲", power_kva: 100, status: "sold" };
  expect(changesOf(before, { ...before, power_kva: "", name: "甲" }, COLUMNS)).toEqual({ power_kva: null });
  expect(changesOf(before, { ...before, power_kva: "100" }, COLUMNS)).toEqual({});
});

test("a conflict keeps theirs where I changed nothing and asks where both did", () => {
  const before = { name: "甲", power_kva: 100, status: "sold" };
  const mine = { name: "乙", power_kva: 200 };
  const current = { name: "丙", power_kva: 100, status: "available" };
  const found = clashes(before, mine, current, COLUMNS);
  expect(found.map(({ column: name, both }) => [name, both])).toEqual([["name", true], ["power_kva", false], ["status", false]]);
  expect(merged(mine, found, new Set(), current)).toEqual({ power_kva: 200 });
  expect(merged(mine, found, new Set(["name"]), current)).toEqual({ name: "乙", power_kva: 200 });
});

const LAYER: LayerInfo = {
  name: "parcels", title: "地块", columns: [...COLUMNS, column("area_m2", "area")], writable: [],
  filters: [
    { name: "status", column: "status", title: "状态", unit: null }, { name: "area_mu_min", column: "area_m2", title: "面积不小于", unit: "亩" },
    { name: "area_m2_min", column: "area_m2", title: "面积不小于", unit: "m²" }, { name: "power_kva_min", column: "power_kva", title: "供电容量不小于", unit: "kVA" },
  ],
};

test("filters are the API's own and nothing else of the address", () => {
  expect(filtersOf({ status: "sold", site: "5", q: "吴兴", hostile: "1", area_mu_min: "" }, LAYER)).toEqual({ status: "sold", q: "吴兴" });
  expect(told(LAYER, "status", "sold")).toBe("状态：已成交");
  expect(told(LAYER, "area_mu_min", "30")).toBe("面积 ≥ 30 亩");
  expect(offered(LAYER).first.map(({ name }) => name)).toEqual(["status", "area_mu_min"]);
  expect(offered(LAYER).more.map(({ name }) => name)).toEqual(["power_kva_min"]);
});

test("tables order Chinese, numbers and nothing", () => {
  const by: TableColumn<{ v: number | null }>[] = [{ key: "v", title: "", width: 1, order: ({ v }) => v }];
  const rows = [{ v: 2 }, { v: null }, { v: 10 }];
  expect(ordered(rows, by, { key: "v", down: false }).map(({ v }) => v)).toEqual([2, 10, null]);
  expect(ordered(rows, by, { key: "v", down: true }).map(({ v }) => v)).toEqual([10, 2, null]);
  expect(nextOrder({ key: "v", down: true }, "v")).toBeNull();
  expect(shownRange(3400, 340, 34, 1000)).toEqual([92, 118]);
  expect(shownRange(0, 340, 34, 3)).toEqual([0, 3]);
});

test("forms of actions send what they ask for, numbers as numbers", () => {
  const requires = [
    { name: "area_m2", title: "面积", kind: "number" as const, required: true }, { name: "photo", title: "照片", kind: "photo" as const, required: true },
    { name: "cause", title: "原因", kind: "choice" as const, required: false, choices: [{ value: "gov", title: "政府原因" }] },
  ];
  expect(missing(requires, {}, 0)).toEqual(["面积", "照片"]);
  expect(missing(requires, { area_m2: "5" }, 1)).toEqual([]);
  expect(inputsOf(requires, { area_m2: " 12.5 ", cause: "" })).toEqual({ area_m2: 12.5 });
  expect(choicesOf(requires[2])).toEqual([{ value: "gov", title: "政府原因" }]);
});

test("what-if parameters keep the type of the rule", () => {
  expect(typed("6", 12)).toBe(6);
  expect(typed("1/4", "1/3")).toBe("1/4");
  expect(typed("90、30", [90, 60])).toEqual([90, 30]);
});

test("a newer version of a rule sends every parameter in its own type", () => {
  const rule = {
    id: 1, class: "tewdb", sub_kind: "below_commitment", version: 1, series: 2, applies: true, title: "投产", source: "a", article: null, region_code: "", effective_from: "2017-01-01", effective_to: null,
    parameters: [
      { name: "warn_days", title: "预警", value: [90, 60] }, { name: "initial_months", title: "初始期", value: 24 }, { name: "least_share", title: "几成", value: "1/3" },
      { name: "indicators", title: "指标", value: ["tax"] }, { name: "standard", title: "标准", value: { tax: 30, output: 500 } }, { name: "floor", title: "下限", value: null },
    ],
  } satisfies Rule;
  const form = formOf(rule, "2026-11-23");
  expect(changesOfRule(rule, form)).toEqual([]);
  Object.assign(form.texts, { warn_days: "60，30", initial_months: "18", least_share: "1/2", "standard.output": "", floor: "1.5" });
  Object.assign(form, { region: "330522", title: " 长兴 ", source: "文" });
  expect(bodyOf(rule, form)).toEqual({
    region_code: "330522", sub_kind: "below_commitment", effective_from: "2026-11-23", effective_to: null, title: "长兴", source: "文", article: null,
    parameters: { warn_days: [60, 30], initial_months: 18, least_share: "1/2", indicators: ["tax"], standard: { tax: 30 }, floor: 1.5 },
  });
  expect(changesOfRule(rule, form).map(({ title }) => title)).toEqual(["预警", "初始期", "几成", "标准", "下限"]);
});

test("a form goes on from the version that another just added", () => {
  const old = { id: 1, sub_kind: "stopped", region_code: "", applies: true } as Rule;
  const was = { ...old, applies: false };
  const newer = { ...old, id: 7 };
  const others = [{ ...old, id: 3, sub_kind: "vacant" }, { ...old, id: 4, region_code: "3305" }];
  expect(successorOf(old, [...others, was, newer])).toBe(newer);
  expect(successorOf(old, [...others, was])).toBe(was);
  expect(successorOf(old, others)).toBeNull();
});

test("two scans differ by parcel and class, warnings aside", () => {
  const one = (id: number, suspect = true) => ({ parcel: { id }, class: "gewy", suspect }) as Found;
  const scan = (findings: Found[]) => ({ findings }) as Scan;
  const found = differs(scan([one(1), one(2), one(4, false)]), scan([one(2), one(3)]));
  expect([found.more.map(({ parcel }) => parcel.id), found.less.map(({ parcel }) => parcel.id)]).toEqual([[3], [1]]);
});

test("an unchanged mapping keeps its unit, an empty one is not imported", () => {
  expect(mappingOf({ MJ: "vacant_m2", BZ: "", X: "name" }, { MJ: "vacant_m2:mu", X: "code" })).toEqual({ MJ: "vacant_m2:mu", BZ: null, X: "name" });
});

test("changes carry the version seen, a key and the token of the page", async () => {
  const asked: RequestInit[] = [];
  const http = new StaffHttp((_url, init) => { asked.push(init ?? {}); return Promise.resolve(new Response("{}", { status: 200 })); });
  http.csrf = "c";
  await http.change("PATCH", "/parcels/1", { version: 3, body: {} });
  const headers = asked[0].headers as Record<string, string>;
  expect([headers["If-Match"], headers["X-CSRF-Token"]]).toEqual(['"3"', "c"]);
  expect(headers["Idempotency-Key"]).toMatch(/^[0-9a-f]{32}$/);
});

test("a problem tells its code and its own words", async () => {
  const http = new StaffHttp(() => Promise.resolve(new Response(JSON.stringify({ type: "urn:kandi:problem:stale-version", detail: "已被修改", current: {} }), { status: 412 })));
  const error = await http.get("/x").catch((found: unknown) => found) as Problem;
  expect([error.code, error.message, error.status]).toEqual(["stale-version", "已被修改", 412]);
  expect(search({ a: "x y", b: null, c: 0, d: "" })).toBe("?a=x%20y&c=0");
});

test("a device is called what people call it", () => {
  const desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
  const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50";
  expect(device(desktop)).toBe("Chrome，Windows");
  expect(device(`${desktop} Edg/126.0`)).toBe("Edge，Windows");
  expect(device(phone)).toBe("微信，iOS");
  expect(device("curl/8.5.0")).toBe("curl");
  expect(device(null)).toBe("未知设备");
});
