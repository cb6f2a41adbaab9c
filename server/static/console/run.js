// One run: what was read, what is wrong, what would change, and what can be done now.

import * as api from "./api.js";
import * as map from "./map.js";
import { $, element, layerNamed, list, moment, notice, number, row, sure } from "./page.js";

const SEVERITIES = { error: "错误", warning: "警告", note: "提示" };
const WAITING = new Set(["received", "applying", "rolling_back"]);
const ACTIONS = {
  apply: ["应用到正式数据", "primary"], rollback: ["撤回", "danger"], cancel: ["取消", "danger"],
};
let current = null;
let timer = 0;
let whenDone = () => {};
let findingsCursor = null;
let differencesCursor = null;

export const onDone = (callback) => { whenDone = callback; };

export async function open(id, focus = true) {
  clearTimeout(timer);
  current = await api.get(`/imports/${id}`);
  location.hash = `run-${id}`;
  $("run").hidden = false;
  $("original").hidden = true;
  head();
  if (focus) $("run-title").focus();
  if (WAITING.has(current.state)) {
    timer = setTimeout(() => open(id, false).catch((error) => notice(error.message)), 700);
    return;
  }
  whenDone();
  await body();
}

function head() {
  const { id, fileName, layerTitle, stateTitle, progress, problem, state } = current;
  $("run-title").textContent = `3. 批次 ${id}：${fileName} → ${layerTitle}`;
  const waiting = WAITING.has(state);
  const step = waiting && progress ? `，${progress.step} ${progress.total ? `${progress.done}/${progress.total}` : ""}` : "";
  $("run-state").textContent = `状态：${stateTitle}${step}`;
  $("run-progress").hidden = !waiting;
  if (progress?.total > 1) Object.assign($("run-progress"), { max: progress.total, value: progress.done });
  else $("run-progress").removeAttribute("value");
  $("run-problem").hidden = !problem;
  $("run-problem").textContent = problem ? `${problem.message}` : "";
  $("run-actions").replaceChildren(...actions());
  $("run-body").hidden = waiting || !current.evidence.table;
}

function actions() {
  const buttons = current.actions.filter((name) => ACTIONS[name]).map((name) => {
    const [title, className] = ACTIONS[name];
    return element("button", { type: "button", className, onclick: () => wish(name, title) }, title);
  });
  if (current.evidence.table && !WAITING.has(current.state)) {
    const base = `import_${current.id}_report`;
    buttons.push(
      report("下载报告（Excel）", "report.xlsx", `${base}.xlsx`),
      report("下载问题图形（GeoJSON）", "report.geojson?crs=cgcs2000", `${base}.geojson`),
    );
  }
  return buttons;
}

const report = (title, path, name) => element("button", {
  type: "button",
  onclick: () => api.download(`/imports/${current.id}/${path}`, name).catch((error) => notice(error.message)),
}, title);

async function wish(name, title) {
  const { counts } = current;
  const effect = {
    apply: `新增 ${counts.new} 条、更新 ${counts.changed} 条，${counts.rejected} 行不导入。\n应用后公众立即可见，可以撤回。`,
    rollback: "所有记录恢复为这次导入之前的样子。",
    cancel: "放弃这次操作。",
  }[name];
  if (!(await sure(`${title}？\n${effect}`))) return;
  try {
    await api.send("POST", `/imports/${current.id}/${name}`);
    notice("");
  } catch (error) {
    notice(error.message);
  }
  await open(current.id);
}

async function body() {
  if (!current.evidence.table) return;
  evidence();
  mapping();
  const codes = current.findings.map(({ code, count, severity }) =>
    element("option", { value: code }, `${SEVERITIES[severity]} ${code}（${count}）`));
  $("code").replaceChildren(element("option", { value: "" }, "全部"), ...codes);
  const looks = [findings(true)];
  if (!["failed", "cancelled"].includes(current.state)) {
    looks.push(differences(true), api.get(`/imports/${current.id}/preview?limit=2000`).then(map.show));
  }
  await Promise.all(looks);
}

function evidence() {
  const { crs, encoding, table, unmapped, remarks } = current.evidence;
  const ways = {
    prj: ".prj 文件", declared: "人工指定", default: "本县默认", ranges: "坐标范围", header: "文件头", format: "格式规定",
    cpg: ".cpg 文件", ldid: "DBF 标记", bom: "字节序标记", "utf-8-trial": "试读", "gb18030-trial": "试读", none: "无坐标",
  };
  const system = crs.gcj02 ? "GCJ-02" : crs.epsg ? `EPSG:${crs.epsg}` : "无";
  list($("evidence"), [
    ["图层（表）", table],
    ["坐标系", `${system}（${ways[crs.how] ?? crs.how}）${crs.detail ? ` ${crs.detail}` : ""}`],
    ["编码", `${encoding.encoding ?? "—"}（${ways[encoding.how] ?? encoding.how}）`],
    ["文字样例", encoding.sample.join("　") || "（没有中文）"],
    ["未用字段", unmapped.join("、") || "无"],
    ...remarks.map((one) => [SEVERITIES[one.severity], one.message]),
  ]);
  const { counts } = current;
  list($("counts"), [
    ["总行数", counts.rows], ["新增", counts.new], ["更新", counts.changed], ["未变", counts.unchanged],
    ["拒绝", counts.rejected], ["错误", counts.errors], ["警告", counts.warnings], ["提示", counts.notes],
    ["上传", moment(current.createdAt)], ["应用", moment(current.appliedAt)], ["撤回", moment(current.rolledBackAt)],
  ]);
}

function mapping() {
  const { mapped, unmapped } = current.evidence;
  const columns = layerNamed(current.layer).columns;
  const choices = (chosen) => [
    element("option", { value: "", selected: !chosen }, "（不导入）"),
    ...columns.map(({ name, title }) =>
      element("option", { value: name, selected: chosen === name }, `${title} ${name}`)),
  ];
  const line = (field, target) => {
    const [column, unit] = (target ?? "").split(":");
    const select = element("select", { ariaLabel: `${field} 对应到` }, ...choices(column));
    Object.assign(select.dataset, { field, column: column ?? "", unit: unit ?? "" });
    return row(field, element("td", {}, select, unit ? ` 单位/部分：${unit}` : ""));
  };
  $("mapping").tBodies[0].replaceChildren(
    ...Object.entries(mapped).map(([field, target]) => line(field, target)),
    ...unmapped.map((field) => line(field, "")),
  );
  $("restage").disabled = !current.actions.includes("restage");
}

function chosenMapping() {
  const pairs = [...$("mapping").querySelectorAll("select")].map(({ value, dataset }) => {
    const unit = value === dataset.column && dataset.unit ? `:${dataset.unit}` : "";
    return [dataset.field, value ? value + unit : null];
  });
  return Object.fromEntries(pairs);
}

async function findings(fresh) {
  if (fresh) findingsCursor = null;
  const query = new URLSearchParams({ limit: 100 });
  if ($("severity").value) query.set("severity", $("severity").value);
  if ($("code").value) query.set("code", $("code").value);
  if (findingsCursor) query.set("cursor", findingsCursor);
  const found = await api.get(`/imports/${current.id}/findings?${query}`);
  const lines = found.findings.map((one) => row(
    number(one.row),
    element("td", { className: `severity-${one.severity}` }, SEVERITIES[one.severity]),
    one.message, one.field, one.value,
    element("td", {},
      one.place && element("button", { type: "button", onclick: () => map.point(one.place, `第 ${one.row} 行：${one.message}`) }, "在地图上看"),
      one.row > 0 ? element("button", { type: "button", onclick: () => original(one.row) }, "原始行") : null),
  ));
  const target = $("findings").tBodies[0];
  if (fresh) target.replaceChildren();
  target.append(...lines);
  if (!target.rows.length) target.append(row(element("td", { colSpan: 6 }, "没有问题")));
  findingsCursor = found.next;
  $("more-findings").hidden = !found.next;
}

async function original(number) {
  const found = await api.get(`/imports/${current.id}/rows/${number}`);
  const lines = Object.entries(found.fields).map(([name, value]) => `${name}：${value ?? ""}`);
  $("original").textContent = [`第 ${found.row} 行，文件中的原样（${found.table}）`, ...lines, found.wkt ?? ""].join("\n");
  $("original").hidden = false;
  $("original").focus();
}

async function differences(fresh) {
  if (fresh) differencesCursor = null;
  const query = new URLSearchParams({ limit: 50, ...(differencesCursor && { cursor: differencesCursor }) });
  const found = await api.get(`/imports/${current.id}/differences?${query}`);
  const target = $("differences").tBodies[0];
  if (fresh) target.replaceChildren();
  target.append(...found.differences.map((one) => row(
    number(one.row), one.code, one.title,
    element("td", { className: "before" }, one.before ?? "（空）"), one.after,
  )));
  if (!target.rows.length) target.append(row(element("td", { colSpan: 5 }, "没有更新已有记录")));
  differencesCursor = found.next;
  $("more-differences").hidden = !found.next;
}

const safely = (work) => () => work().catch((error) => notice(error.message));

export function start(profilesChanged) {
  $("severity").addEventListener("change", safely(() => findings(true)));
  $("code").addEventListener("change", safely(() => findings(true)));
  $("more-findings").addEventListener("click", safely(() => findings(false)));
  $("more-differences").addEventListener("click", safely(() => differences(false)));
  $("restage").addEventListener("click", safely(async () => {
    await api.send("POST", `/imports/${current.id}/restage`, { mapping: chosenMapping() });
    await open(current.id);
  }));
  $("save-profile").addEventListener("click", safely(async () => {
    const name = $("profile-name").value.trim();
    if (!name) throw new Error("请填写方案名称");
    const path = `/import-profiles/${encodeURIComponent(name)}`;
    await api.send("PUT", path, { layer: current.layer, mapping: chosenMapping() });
    notice(`已保存字段方案“${name}”`, true);
    profilesChanged();
  }));
}
