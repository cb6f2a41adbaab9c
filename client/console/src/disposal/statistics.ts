// Statistics of 五未 as the server counts them, read into rows that tables and charts share.

export type Row = { title: string; code: string; values: Record<string, unknown> };
export type Numbers = Record<string, unknown>;

export interface Measure { name: string; title: string; keys: string[]; count?: boolean; percent?: boolean; head?: boolean }

/** What officials report; areas are 亩. */
export const MEASURES: Measure[] = [
  { name: "stock_cases", title: "存量（宗）", keys: ["stock_cases", "base_cases", "stock_count", "base_count"], count: true, head: true },
  { name: "stock", title: "存量", keys: ["stock_mu", "base_mu", "stock_area_mu", "base_area_mu"], head: true },
  { name: "new", title: "新增", keys: ["new_mu", "added_mu", "new_area_mu", "found_mu"] },
  { name: "disposed", title: "已处置", keys: ["disposed_mu", "disposed_area_mu"], head: true },
  { name: "remaining", title: "剩余", keys: ["remaining_mu", "left_mu", "remaining_area_mu"], head: true },
  { name: "rate", title: "处置率", keys: ["disposal_rate", "rate", "disposal_rate_pct"], percent: true, head: true },
  { name: "target", title: "年度任务", keys: ["target_mu", "target_area_mu"] },
  { name: "completion", title: "任务完成率", keys: ["target_rate", "completion_rate", "task_rate", "completion"], percent: true, head: true },
  { name: "overdue", title: "超期（宗）", keys: ["overdue_cases", "overdue", "overdue_count"], count: true, head: true },
];

type Json = Record<string, unknown>;

function rowOf(one: Json): Row {
  return { title: String(one.title ?? one.name ?? one.text ?? one.region_name ?? one.class_text ?? one.code ?? "未定"), code: String(one.code ?? one.key ?? one.region_code ?? one.class ?? ""), values: one };
}

export function rowsOf(body: Numbers): Row[] {
  const found = body.items ?? body.rows ?? body.groups ?? [];
  return Array.isArray(found) ? (found as Json[]).map(rowOf) : [];
}

export function totalOf(body: Numbers): Row | null {
  const found = (body.totals ?? body.total ?? body.sum) as Json | number | undefined;
  return found && typeof found === "object" ? { title: "合计", code: "", values: found } : null;
}

/** The number of a measure: percent as 0-100, areas in 亩. */
export function areaOf(row: Row, measure: Measure): number | null {
  for (const name of measure.keys) {
    const value = row.values[name];
    if (value !== null && value !== undefined && value !== "") return measure.percent && !name.endsWith("pct") ? Number(value) * 100 : Number(value);
  }
  return null;
}

export const key = (row: Row): string => row.code || row.title;

/** The list behind a row. */
export function listAddress(by: string, row: Row, region: string): string {
  const query = new URLSearchParams({ view: "table", ...(region ? { region } : {}) });
  if (row.code) query.set(by, row.code);
  return `/disposal/board?${query}`;
}
