// The facts that a rule worked with, in words: the names of its inputs are no columns of a layer.

import { decimal, mu, shown } from "@core/format";
import type { Column } from "@core/types";

const TITLES: Record<string, string> = {
  line_on: "达到认定标准", recover_on: "满收回期限", remaining_m2: "剩余未供面积", start_due_basis: "动工期限依据", built_before_supply: "未供先建",
  developed_share: "已开发面积占比", invested_share: "已投资额占比", vacant_share: "空置面积占比", plot_ratio: "建成容积率", plot_ratio_agreed: "应有容积率",
  tax_wan_per_mu: "实际亩均税收（万元）", tax_committed: "承诺亩均税收（万元）", tax_share: "亩均税收达成率",
  output_wan_per_mu: "实际亩均产出（万元）", output_committed: "承诺亩均产出（万元）", output_share: "亩均产出达成率",
};
const BASES: Record<string, string> = { restarted: "第十二条措施后重新约定", supplement: "补充协议约定", agreed: "合同约定", delivery: "未约定，按实际交地日期推算" };
const HIDDEN = new Set(["kind", "rule_version", "area_m2"]);

export interface Fact { title: string; text: string }

/** What is stored beside a case as the inputs of its rule, as rows of title and text. */
export function factsOf(inputs: Record<string, unknown>, columns: readonly Column[]): Fact[] {
  return Object.entries(inputs).filter(([name]) => !HIDDEN.has(name)).map(([name, value]) => {
    const column = columns.find((one) => one.name === name);
    return TITLES[name] || !column ? { title: TITLES[name] ?? name, text: told(name, value) } : { title: column.title, text: shown(column, value) };
  });
}

function told(name: string, value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (name === "start_due_basis") return BASES[String(value)] ?? String(value);
  if (typeof value === "boolean") return value ? "是" : "否";
  if (typeof value !== "number") return Array.isArray(value) ? value.join("、") : String(value);
  if (name.endsWith("_share")) return `${decimal(value * 100)}%`;
  return name.endsWith("_m2") ? `${mu(value)} 亩` : decimal(value);
}
