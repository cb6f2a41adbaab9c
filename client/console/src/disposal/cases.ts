// What the pages of 五未 share: classes, the order of cases, choices and inputs of actions.

import { countdown, type Countdown } from "@core/format";
import type { DisposalCase, Requirement } from "@core/disposal";

export const CLASSES: Record<string, string> = { pewg: "批而未供", gewy: "供而未用", yewj: "用而未尽", jewt: "建而未投", tewdb: "投而未达标" };
export const CLASS_COLOURS: Record<string, string> = { pewg: "#7c3aed", gewy: "#d9480f", yewj: "#b58105", jewt: "#0e7490", tewdb: "#be185d" };

export const STATES: [code: string, title: string][] = [
  ["discovered", "已发现"], ["registered", "已建档"], ["reopened", "重新立案"], ["verifying", "核查中"], ["classified", "已认定"],
  ["plan_drafting", "拟定方案"], ["plan_approved", "方案已批"], ["executing", "处置中"], ["acceptance", "待验收"], ["suspended", "已中止"],
  ["closed", "已销号"], ["rejected", "不予认定"],
];
export const stateTitle = (code: string | null | undefined): string => STATES.find(([one]) => one === code)?.[1] ?? code ?? "";
/** What happens most of the time; the others have a column only if they hold something. */
export const MAIN_STATES = new Set(["discovered", "registered", "verifying", "classified", "plan_drafting", "plan_approved", "executing", "acceptance"]);

export const clock = (one: DisposalCase): Countdown =>
  (/closed|rejected/.test(one.state) ? { text: "已办结", tone: "none" } : countdown(one.days_left, one.overdue));

/** The most urgent first: late ones, then by days left, those without a clock last. */
export function urgent(a: DisposalCase, b: DisposalCase): number {
  return Number(b.overdue) - Number(a.overdue) || (a.days_left ?? 1e6) - (b.days_left ?? 1e6) || a.id - b.id;
}

/** A case has its number from 建档 on; until then it says what it is. */
export const caseNo = (one: DisposalCase): string => one.case_no ?? "未建档";

export interface Option { value: string; title: string }

/** Choices in any of the shapes in which the API may give them. */
export function choicesOf(one: Requirement): Option[] {
  const given: unknown = one.choices ?? [];
  if (!Array.isArray(given)) return Object.entries(given as Record<string, string>).map(([value, title]) => ({ value, title: String(title) }));
  return given.map((choice) => {
    if (typeof choice === "string") return { value: choice, title: choice };
    const { value, code, title } = choice as { value?: string | number; code?: string | number; title?: string };
    return { value: String(value ?? code ?? ""), title: String(title ?? value ?? code) };
  });
}

/** What is still missing, in the words of the form. */
export function missing(requires: readonly Requirement[], inputs: Record<string, unknown>, evidence: number): string[] {
  return requires.filter(({ required }) => required).filter(({ name, kind }) => {
    if (kind === "photo" || kind === "document") return !filled(inputs[name]) && !evidence;
    return !filled(inputs[name]);
  }).map(({ title }) => title);
}

function filled(value: unknown): boolean {
  return value !== null && value !== undefined && String(value).trim() !== "" && !(Array.isArray(value) && !value.length);
}

/** Inputs as the API takes them: numbers as numbers, nothing that is empty. */
export function inputsOf(requires: readonly Requirement[], form: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { name, kind } of requires) {
    const value = form[name];
    if (!filled(value)) continue;
    if (kind === "number" || kind === "user") found[name] = Number.isNaN(Number(value)) ? value : Number(value);
    else found[name] = typeof value === "string" ? value.trim() : value;
  }
  return found;
}

export const measureText = ({ title }: DisposalCase["measures"][number]): string => title;
