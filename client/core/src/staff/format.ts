// How staff read numbers, areas, days and moments; shared by every page of the console.

import { day, figure, moment } from "../format";
import type { Column, Interval } from "./types";

export { chinaClock, day, figure, moment, today } from "../format";

const M2_PER_MU = 2000 / 3;

export const whole = (value: number | null | undefined): string => (value === null || value === undefined ? "—" : figure(value, 0));
export const decimal = (value: number | null | undefined): string => (value === null || value === undefined ? "—" : figure(value));
export const muOf = (m2: number | null | undefined): number | null => (m2 === null || m2 === undefined ? null : m2 / M2_PER_MU);
export const mu = (m2: number | null | undefined): string => {
  const value = muOf(m2);
  return value === null ? "—" : figure(value, value >= 10_000 ? 0 : 2);
};

/** How long ago, in the words of an office. */
export function ago(value: string | null | undefined, now = Date.now()): string {
  if (!value) return "—";
  const minutes = Math.round((now - new Date(value).getTime()) / 60_000);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes} 分钟前`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} 小时前`;
  if (minutes < 60 * 24 * 30) return `${Math.floor(minutes / 60 / 24)} 天前`;
  return day(value);
}

export interface Countdown {
  text: string;
  tone: "danger" | "warning" | "calm" | "none";
}

/** The chip of a statutory clock: days left, today, or days late. */
export function countdown(daysLeft: number | null | undefined, overdue = false): Countdown {
  if (daysLeft === null || daysLeft === undefined) return { text: overdue ? "已超期" : "无期限", tone: overdue ? "danger" : "none" };
  if (daysLeft < 0) return { text: `超期 ${-daysLeft} 天`, tone: "danger" };
  if (daysLeft === 0) return { text: "今天到期", tone: "danger" };
  return { text: `剩 ${daysLeft} 天`, tone: daysLeft <= 7 ? "warning" : "calm" };
}

/** Time until an instant in hours and minutes; late ones say so. */
export function until(at: string | null | undefined, now = Date.now()): Countdown {
  if (!at) return { text: "—", tone: "none" };
  const minutes = Math.round((new Date(at).getTime() - now) / 60_000);
  const size = Math.abs(minutes);
  const text = size < 60 ? `${size} 分钟` : size < 60 * 48 ? `${Math.floor(size / 60)} 小时` : `${Math.floor(size / 60 / 24)} 天`;
  if (minutes < 0) return { text: `超时 ${text}`, tone: "danger" };
  return { text: `剩 ${text}`, tone: minutes < 120 ? "warning" : "calm" };
}

export function interval(value: Interval): string {
  const { min, max } = value;
  if (min !== null && max !== null) {
    const open = (value.min_inclusive ? "" : "（不含下限）") + (value.max_inclusive ? "" : "（不含上限）");
    return min === max ? figure(min, 6) : `${figure(min, 6)}～${figure(max, 6)}${open}`;
  }
  if (min !== null) return `${value.min_inclusive ? "≥" : ">"} ${figure(min, 6)}`;
  if (max !== null) return `${value.max_inclusive ? "≤" : "<"} ${figure(max, 6)}`;
  return "—";
}

/** One value of a column as people read it. */
export function shown(column: Column | undefined, value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (!column) return typeof value === "object" ? JSON.stringify(value) : String(value);
  switch (column.kind) {
    case "boolean": return value ? "是" : "否";
    case "code": return column.choices?.find((choice) => choice.code === value)?.title ?? String(value);
    case "area": return `${figure(Number(value))} m²（${mu(Number(value))} 亩）`;
    case "number": case "integer": return `${figure(Number(value))}${column.unit ? ` ${column.unit}` : ""}`;
    case "interval": return `${interval(value as Interval)}${column.unit ? ` ${column.unit}` : ""}`;
    case "texts": return (value as string[]).join("、");
    case "date": return day(String(value));
    case "instant": return moment(String(value));
    default: return String(value);
  }
}

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger\//, "微信"], [/Edg\//, "Edge"], [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"], [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"], [/Linux/, "Linux"],
];

/** What people call the thing that a User-Agent stands for: Chrome，Windows. */
export function device(agent: string | null): string {
  const named = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent ?? ""))?.[1];
  const known = [named(BROWSERS), named(SYSTEMS)].filter(Boolean).join("，");
  return known || agent?.split("/")[0] || "未知设备";
}
