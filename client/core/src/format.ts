// Figures, dates and intervals as people here write them.

const DASH = "—";
const SHIFT_MS = 8 * 3_600_000;

/** Groups of three and at most so many decimals: 12,345.6. */
export function figure(value: number, decimals = 2): string {
  const [whole = "0", part = ""] = Math.abs(value).toFixed(decimals).split(".");
  const trimmed = part.replace(/0+$/, "");
  const sign = value < 0 && Number(`${whole}.${part}`) !== 0 ? "-" : "";
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (trimmed ? `.${trimmed}` : "");
}

export function mu(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : `${figure(value, value < 10 ? 2 : 1)} 亩`;
}

export function squareMetres(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : `${figure(value, 0)} m²`;
}

/** 万元, from a hundred million on as 亿元. */
export function wan(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  return value >= 10_000 ? `${figure(value / 10_000, 2)} 亿元` : `${figure(value, value < 100 ? 2 : 0)} 万元`;
}

export function metres(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  return value < 1000 ? `${figure(value, 0)} m` : `${figure(value / 1000, value < 10_000 ? 1 : 0)} km`;
}

export interface Interval {
  min: number | null;
  max: number | null;
  min_inclusive: boolean;
  max_inclusive: boolean;
}

export function isInterval(value: unknown): value is Interval {
  return typeof value === "object" && value !== null && "min_inclusive" in value;
}

/** 1.5–2.0, ≥1.5, ＜60: as the plan says whether a bound belongs. */
export function interval({ min, max, min_inclusive, max_inclusive }: Interval, unit = ""): string {
  const tail = unit === "%" ? "%" : unit && ` ${unit}`;
  if (min !== null && max !== null) {
    if (min === max) return `${figure(min)}${tail}`;
    if (min_inclusive && max_inclusive) return `${figure(min)}–${figure(max)}${tail}`;
    return `${min_inclusive ? "≥" : "＞"}${figure(min)} 且 ${max_inclusive ? "≤" : "＜"}${figure(max)}${tail}`;
  }
  if (min !== null) return `${min_inclusive ? "≥" : "＞"}${figure(min)}${tail}`;
  if (max !== null) return `${max_inclusive ? "≤" : "＜"}${figure(max)}${tail}`;
  return DASH;
}

/** The clock in China, read by its getUTC… and its ISO text. */
export function chinaClock(at = Date.now()): Date {
  return new Date(at + SHIFT_MS);
}

/** The day it is in China. */
export function today(): string {
  return chinaClock().toISOString().slice(0, 10);
}

/** An instant as the day it is in China. */
export function day(instant: string | null | undefined): string {
  if (!instant) return DASH;
  if (/^\d{4}-\d\d-\d\d$/.test(instant)) return instant;
  const at = Date.parse(instant);
  return Number.isNaN(at) ? instant : chinaClock(at).toISOString().slice(0, 10);
}

/** An instant as day and minute in China. */
export function moment(instant: string | number | null | undefined): string {
  if (instant === null || instant === undefined || instant === "") return DASH;
  const at = typeof instant === "number" ? instant : Date.parse(instant);
  return Number.isNaN(at) ? String(instant) : chinaClock(at).toISOString().slice(0, 16).replace("T", " ");
}

/** Until when: a day that ends at midnight is told as that day. */
export function until(instant: string | null | undefined): string {
  const text = moment(instant);
  if (!instant || !text.endsWith(" 00:00")) return `${text} 前`;
  return `${moment(Date.parse(instant) - 1).slice(0, 10)}（含）前`;
}

/** How long ago in the words of a chat: 刚刚, 5 分钟前, 今天 14:32, else the day. */
export function ago(instant: string | number, now: number): string {
  const at = typeof instant === "number" ? instant : Date.parse(instant);
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes} 分钟前`;
  const text = moment(at);
  return text.slice(0, 10) === moment(now).slice(0, 10) ? `今天 ${text.slice(11)}` : text;
}

/** Working days or hours that are left of a deadline, in words. */
export function daysLeft(days: number): string {
  if (days < 0) return `已超期 ${-days} 天`;
  return days === 0 ? "今天到期" : `剩 ${days} 天`;
}

/** A value of any column with its unit. */
export function value(given: unknown, unit: string | null, decimals = 2): string {
  if (given === null || given === undefined || given === "") return DASH;
  if (typeof given === "boolean") return given ? "是" : "否";
  if (typeof given === "number") return `${figure(given, decimals)}${unit === "%" ? "%" : unit ? ` ${unit}` : ""}`;
  if (isInterval(given)) return interval(given, unit ?? "");
  if (Array.isArray(given)) return given.length ? given.map(String).join("、") : DASH;
  return String(given);
}
