// Words and rules of imports that pages share.

import { figure } from "@core/format";
import type { ImportRun, Severity } from "@core/types";

export const SEVERITIES: Record<Severity, string> = { error: "错误", warning: "警告", note: "提示" };
export const TONES: Record<Severity, "danger" | "warning" | "calm"> = { error: "danger", warning: "warning", note: "calm" };
const WORKING = new Set(["received", "applying", "rolling_back"]);
export const working = (run: ImportRun): boolean => WORKING.has(run.state);
export const ACTIONS: Record<string, { colour: string; title: string }> = {
  new: { colour: "#15803d", title: "新增" }, changed: { colour: "#1d5fc4", title: "更新" },
  unchanged: { colour: "#8a97a5", title: "未变" }, rejected: { colour: "#c5221f", title: "不导入" },
};
const WAYS: Record<string, string> = {
  prj: ".prj 文件", declared: "人工指定", default: "本县默认", ranges: "坐标范围", header: "文件头", format: "格式规定", cpg: ".cpg 文件",
  ldid: "DBF 标记", bom: "字节序标记", "utf-8-trial": "试读", "gb18030-trial": "试读", none: "无坐标",
};
export const way = (how: string): string => WAYS[how] ?? how;

export function tone(run: ImportRun): "danger" | "warning" | "calm" | "good" | "none" {
  if (run.problem || run.state === "failed") return "danger";
  if (working(run)) return "calm";
  if (run.state === "applied") return "good";
  if (run.state === "staged") return "warning";
  return "none";
}

/** Whether applying would write anything. */
export const useful = ({ counts }: ImportRun): boolean => (counts.new ?? 0) + (counts.changed ?? 0) > 0;

/** What each action will do, said before it is done. */
export function effect(action: string, run: ImportRun): { title: string; text: string } {
  const { counts } = run;
  switch (action) {
    case "apply": return {
      title: "应用到正式数据",
      text: `新增 ${figure(counts.new ?? 0)} 条、更新 ${figure(counts.changed ?? 0)} 条；${figure(counts.rejected ?? 0)} 行有错误，不导入。应用后公众立即可见，之后可以整批撤回。`,
    };
    case "rollback": return { title: "撤回这次导入", text: "所有记录恢复为这次导入之前的样子；撤回后可以重新应用。" };
    default: return { title: "取消这次导入", text: "放弃这个文件，正式数据不受影响。" };
  }
}

/** Mapping as the API takes it: an unchanged target keeps its unit, "" is not imported. */
export function mappingOf(chosen: Record<string, string>, before: Record<string, string>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(chosen).map(([field, column]) => {
    if (!column) return [field, null];
    const old = before[field] ?? "";
    return [field, old.split(":")[0] === column ? old : column];
  }));
}
