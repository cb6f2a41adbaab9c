// Clocks, numbers of the law and names of offices as dated rows, and forms for newer ones.

export type Book = "deadlines" | "numbers" | "offices";

export interface LawRow {
  id: number | null;
  title: string;
  region_code: string;
  region_name: string;
  effective_from: string | null;
  version: number | null;
  /** What a newer row answers to: If-Match. */
  series: number;
  applies: boolean;
  source: string;
  article: string | null;
  step?: string;
  name?: string;
  days?: number;
  working_days?: boolean;
  rolls?: boolean;
  value?: number;
  unit?: string;
  short_name?: string;
  government?: string;
  address?: string | null;
  phone?: string | null;
}

export const BOOKS: [book: Book, title: string, about: string][] = [
  ["deadlines", "办理期限", "每一步最长办多久；过了就在看板上标为超期"],
  ["numbers", "法定数值", "认定闲置、收回、征收闲置费所用的数；档案按办理当日起作用的数计算"],
  ["offices", "文书机关", "文书落款与文号所用的机关名称；已出具的文书保持当时的名称"],
];

export const keyOf = (book: Book, row: LawRow): string => (book === "deadlines" ? row.step : book === "numbers" ? row.name : row.region_code) ?? "";

const UNITS: Record<string, (value: number) => string> = {
  月: (value) => (value % 12 ? `${value} 个月` : `${value} 个月（${value / 12} 年）`),
  百分比: (value) => `${value}%`,
  分之一: (value) => `1/${value}`,
  米: (value) => `${value} 米`,
  是否中止计时: (value) => (value ? "是" : "否"),
};

export function said(book: Book, row: LawRow): string {
  if (book === "deadlines") return `${row.days} 个${row.working_days ? "工作日" : "自然日"}${row.rolls ? "，届满日逢休息日顺延" : ""}`;
  if (book === "numbers") return UNITS[row.unit ?? ""]?.(row.value ?? 0) ?? String(row.value);
  return row.name ?? "";
}

export type Standing = "now" | "future" | "past";
export const STANDINGS: Record<Standing, string> = { now: "起作用", future: "未施行", past: "不再用" };

export function standing(row: LawRow, today: string): Standing {
  if (row.effective_from && row.effective_from > today) return "future";
  return row.applies ? "now" : "past";
}

export interface LawForm {
  region: string;
  effective_from: string;
  source: string;
  article: string;
  days: string;
  working_days: boolean;
  rolls: boolean;
  value: string;
  name: string;
  short_name: string;
  government: string;
  address: string;
  phone: string;
}

/** A form that begins with what holds; the day and the paper are for the writer to say. */
export function formOf(row: LawRow, today: string): LawForm {
  return {
    region: row.region_code || "*", effective_from: today, source: "", article: "",
    days: String(row.days ?? ""), working_days: row.working_days ?? false, rolls: row.rolls ?? false, value: String(row.value ?? ""),
    name: row.name ?? "", short_name: row.short_name ?? "", government: row.government ?? "", address: row.address ?? "", phone: row.phone ?? "",
  };
}

export function bodyOf(book: Book, row: LawRow, form: LawForm): Record<string, unknown> {
  const paper = { region_code: form.region === "*" ? "" : form.region, effective_from: form.effective_from, source: form.source.trim() };
  if (book === "deadlines") {
    return { ...paper, article: form.article.trim(), step: row.step, days: Number(form.days), working_days: form.working_days, rolls: form.rolls && !form.working_days };
  }
  if (book === "numbers") return { ...paper, article: form.article.trim(), name: row.name, value: Number(form.value) };
  const contact = Object.fromEntries(Object.entries({ address: form.address.trim(), phone: form.phone.trim() }).filter(([, text]) => text));
  return { ...paper, name: form.name.trim(), short_name: form.short_name.trim(), government: form.government.trim(), ...contact };
}

const number = (text: string): boolean => /^\d+(\.\d+)?$/.test(text.trim());

/** Whether the form can be sent; the server says what it will not take. */
export function complete(book: Book, form: LawForm): boolean {
  if (!form.region || !form.effective_from || !form.source.trim()) return false;
  if (book === "offices") return Boolean(form.name.trim() && form.short_name.trim() && form.government.trim());
  return Boolean(form.article.trim()) && number(book === "deadlines" ? form.days : form.value);
}
