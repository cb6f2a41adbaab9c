// Statistics of 五未 as the server counts them, read into rows that tables and charts share.

interface Amount { cases: number; area_m2: number; area_mu: number }

export interface Line {
  region_code?: string; region_name?: string; class?: string; class_text?: string; cause?: string | null; cause_text?: string; measure?: string | null; measure_text?: string;
  base: Amount; new: Amount; adjusted: Amount; disposed: Amount; rejected: Amount; remaining: Amount; previous_disposed: Amount;
  overdue: number; target_mu: number | null; disposal_rate: number | null; completion_rate: number | null; rank: number | null;
}

export interface Numbers {
  period: { name: string; term: string };
  region_name: string;
  items: Line[];
  total: Line;
  stages: { state: string; state_text: string; ended: number; average_days: number | null }[];
}

export interface Row { title: string; code: string; line: Line }

export interface Measure { name: string; title: string; of: (line: Line) => number | null; count?: boolean; percent?: boolean; head?: boolean }

/** What a figure is counted in; a share says it by itself. */
export const unitOf = (measure: Measure): string => (measure.percent ? "" : measure.count ? "宗" : "亩");
export const titled = (measure: Measure): string => (unitOf(measure) ? `${measure.title}（${unitOf(measure)}）` : measure.title);

/** What officials report; areas are 亩, shares are of one. */
export const MEASURES: Measure[] = [
  { name: "base_cases", title: "期初", of: ({ base }) => base.cases, count: true },
  { name: "base", title: "期初存量", of: ({ base }) => base.area_mu, head: true },
  { name: "new", title: "新增", of: (line) => line.new.area_mu, head: true },
  { name: "disposed", title: "已处置", of: ({ disposed }) => disposed.area_mu, head: true },
  { name: "previous", title: "上期处置", of: ({ previous_disposed: before }) => before.area_mu },
  { name: "remaining", title: "剩余", of: ({ remaining }) => remaining.area_mu, head: true },
  { name: "rate", title: "处置率", of: ({ disposal_rate: rate }) => rate, percent: true, head: true },
  { name: "target", title: "年度任务", of: ({ target_mu: target }) => target },
  { name: "completion", title: "任务完成率", of: ({ completion_rate: rate }) => rate, percent: true, head: true },
  { name: "overdue", title: "超期", of: ({ overdue }) => overdue, count: true, head: true },
];

export function rowsOf({ items }: Numbers): Row[] {
  return items.map((line) => ({
    title: line.region_name ?? line.class_text ?? line.cause_text ?? line.measure_text ?? "未定",
    code: line.region_code ?? line.class ?? line.cause ?? line.measure ?? "", line,
  }));
}

export const totalOf = ({ total }: Numbers): Row => ({ title: "合计", code: "", line: total });

/** The number of a measure, percent as 0-100. */
export function areaOf(row: Row, measure: Measure): number | null {
  const value = measure.of(row.line);
  return value === null || !measure.percent ? value : value * PERCENT;
}

const PERCENT = 100;
export const key = (row: Row): string => row.code || row.title;

/** The list behind a row. */
export function listAddress(by: string, row: Row, region: string): string {
  const query = new URLSearchParams({ view: "table", ...(region ? { region } : {}) });
  if (row.code) query.set(by, row.code);
  return `/disposal/board?${query}`;
}
