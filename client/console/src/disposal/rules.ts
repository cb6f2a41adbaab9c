// Rules of classification and what-if parameters, told in Chinese.

export interface RuleParameter { name: string; title?: string; description?: string; value?: unknown; unit?: string | null }

export interface Rule {
  id: number;
  class: string;
  sub_kind: string;
  sub_kind_text?: string;
  version: number;
  applies: boolean;
  title: string;
  source: string;
  article: string | null;
  region_code: string;
  region_name?: string;
  effective_from: string;
  effective_to: string | null;
  parameters: Record<string, unknown> | RuleParameter[];
}

const TITLES: Record<string, string> = {
  warn_days: "到期前几天预警", min_age_months: "批准满几个月仍未供应", age_bounds_months: "年限分段（月）", min_remaining_m2: "剩余面积不小于（m²）",
  idle_after_months: "超过约定动工日期满几个月", recover_after_months: "满几个月可收回", start_after_delivery_months: "未约定动工日期的，自交地起几个月",
  developed_share_below: "开发建设面积占比低于", invested_share_below: "已投资额占总投资额低于", stopped_months: "中止开发建设满几个月", min_vacant_m2: "空置面积不小于（m²）",
  min_vacant_share: "空置面积占比不小于", require: "两个条件", late_months: "超过约定投产日期满几个月", unagreed_months: "未约定投产日期的，竣工满几个月", initial_months: "投产初始运行期（月）",
  indicators: "考核指标", least_share: "达到承诺值的几成算达标", standard: "没有约定时按区域标准",
};
const WORDS: Record<string, string> = { both: "同时满足", either: "满足其一", tax: "亩均税收", output: "亩均产出", investment: "投资强度" };
const word = (value: unknown): string => WORDS[String(value)] ?? String(value);

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (Array.isArray(value)) return value.map(word).join("、") || "—";
  if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${word(name)} ${one}`).join("，") || "—";
  return word(value);
}

export function parametersOf(rule: Rule): { name: string; title: string; value: unknown; text: string }[] {
  const given = Array.isArray(rule.parameters)
    ? rule.parameters.map(({ name, title, description, value }) => ({ name, title: title ?? description ?? TITLES[name] ?? name, value }))
    : Object.entries(rule.parameters ?? {}).map(([name, value]) => ({ name, title: TITLES[name] ?? name, value }));
  return given.map((one) => ({ ...one, text: `${valueText(one.value)}${unitOf(one.name)}` }));
}

/** Units stand in the names of parameters. */
const unitOf = (name: string): string => (name.endsWith("_m2") ? " m²" : name.endsWith("_months") ? " 个月" : name === "warn_days" ? " 天" : "");

export const kindOf = (rule: Rule): string => rule.sub_kind;

/** A changed parameter as JSON: numbers stay numbers, shares such as 1/3 stay text, lists stay lists. */
export function typed(text: string, before: unknown): unknown {
  const trimmed = text.trim();
  if (Array.isArray(before)) return trimmed.split(/[,，、\s]+/).filter(Boolean).map((one) => (Number.isNaN(Number(one)) ? one : Number(one)));
  if (typeof before === "number") return Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
  return trimmed;
}
