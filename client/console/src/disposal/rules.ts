// Rules of classification and what-if parameters, told in Chinese.

import { figure } from "@core/format";

export interface RuleParameter { name: string; title: string; value: unknown }

export interface Rule {
  id: number;
  class: string;
  sub_kind: string;
  sub_kind_text?: string;
  version: number;
  /** What a newer version answers to: If-Match. */
  series: number;
  applies: boolean;
  title: string;
  source: string;
  article: string | null;
  region_code: string;
  region_name?: string;
  effective_from: string;
  effective_to: string | null;
  parameters: RuleParameter[];
}

const WORDS: Record<string, string> = { both: "同时满足", either: "满足其一", tax: "亩均税收", output: "亩均产出", investment: "投资强度" };
const word = (value: unknown): string => WORDS[String(value)] ?? String(value);

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (Array.isArray(value)) return value.map(word).join("、") || "—";
  if (typeof value === "number") return figure(value, 6);
  if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${word(name)} ${one}`).join("，") || "—";
  return word(value);
}

export function parametersOf(rule: Rule): { name: string; title: string; value: unknown; text: string }[] {
  return rule.parameters.map((one) => ({ ...one, text: `${valueText(one.value)}${one.value === null ? "" : unitOf(one.name)}` }));
}

/** Units stand in the names of parameters. */
export const unitOf = (name: string): string => (name.endsWith("_m2") ? " m²" : name.endsWith("_months") ? " 个月" : name === "warn_days" ? " 天" : "");

export const kindOf = (rule: Rule): string => rule.sub_kind;

/** A changed parameter as JSON: numbers stay numbers, shares such as 1/3 stay text, lists stay lists. */
export function typed(text: string, before: unknown): unknown {
  const trimmed = text.trim();
  if (Array.isArray(before)) return trimmed.split(/[,，、\s]+/).filter(Boolean).map((one) => (Number.isNaN(Number(one)) ? one : Number(one)));
  if (typeof before === "number") return Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
  return trimmed;
}

/** How a parameter is entered. */
export type Entry = "text" | "list" | "require" | "indicators" | "standards";

export function entryOf({ name, value }: RuleParameter): Entry {
  if (name === "require" || name === "indicators") return name;
  if (Array.isArray(value)) return "list";
  return typeof value === "object" && value !== null ? "standards" : "text";
}

export const INDICATORS = ["tax", "output", "investment"] as const;
export const REQUIRE = ["both", "either"] as const;
export { word };

export interface RuleForm {
  region: string;
  effective_from: string;
  effective_to: string;
  title: string;
  source: string;
  article: string;
  /** As typed: by name, a standard of one indicator by `standard.tax`. */
  texts: Record<string, string>;
  indicators: string[];
}

/** A form that begins with the version that holds; the day and the paper are for the writer to say. */
export function formOf(rule: Rule, today: string): RuleForm {
  const texts: Record<string, string> = {};
  for (const one of rule.parameters) {
    const entry = entryOf(one);
    if (entry === "standards") for (const name of INDICATORS) texts[`${one.name}.${name}`] = String((one.value as Record<string, number>)[name] ?? "");
    else if (entry === "list") texts[one.name] = (one.value as unknown[]).join("、");
    else if (entry !== "indicators") texts[one.name] = String(one.value ?? "");
  }
  const indicators = rule.parameters.find(({ name }) => name === "indicators")?.value as string[] | undefined;
  return { region: rule.region_code || "*", effective_from: today, effective_to: "", title: rule.title, source: "", article: "", texts, indicators: [...indicators ?? []] };
}

function entered(one: RuleParameter, form: RuleForm): unknown {
  const text = (form.texts[one.name] ?? "").trim();
  switch (entryOf(one)) {
    case "indicators": return form.indicators;
    case "list": return typed(text, []);
    case "standards": return Object.fromEntries(INDICATORS.map((name) => [name, (form.texts[`${one.name}.${name}`] ?? "").trim()]).filter(([, given]) => given).map(([name, given]) => [name, typed(given, 0)]));
    default: return text === "" ? null : typed(text, typeof one.value === "string" ? one.value : 0);
  }
}

export function bodyOf(rule: Rule, form: RuleForm): Record<string, unknown> {
  return {
    region_code: form.region === "*" ? "" : form.region, sub_kind: rule.sub_kind, effective_from: form.effective_from, effective_to: form.effective_to || null,
    title: form.title.trim(), source: form.source.trim(), article: form.article.trim() || null,
    parameters: Object.fromEntries(rule.parameters.map((one) => [one.name, entered(one, form)])),
  };
}

/** What the form changes, in words, so that it is read once more before it is sent. */
export function changesOf(rule: Rule, form: RuleForm): { title: string; before: string; after: string }[] {
  return rule.parameters.map((one) => ({ title: one.title, before: valueText(one.value), after: valueText(entered(one, form)) })).filter(({ before, after }) => before !== after);
}

/** What a form goes on from when somebody else was quicker: the version that holds now where the old one did. */
export function successorOf(rule: Rule, rules: Rule[]): Rule | null {
  const own = rules.filter((one) => one.sub_kind === rule.sub_kind);
  return own.find((one) => one.applies && one.region_code === rule.region_code) ?? own.find((one) => one.id === rule.id) ?? null;
}

/** Whether the form can be sent; the server says what it will not take. */
export const complete = (form: RuleForm): boolean => Boolean(form.region && form.effective_from && form.title.trim() && form.source.trim());
