/** What the API says of sites: calls, status colours, and how values read in Chinese. */

/** @typedef {"parks" | "parcels" | "plants"} LayerName */
/** @typedef {{type: "Feature", id: number, geometry: object, properties: Record<string, any>}} Site */
/** @typedef {{name: string, title: string, kind: string, unit: string | null}} Column */

const API = "/api/v1";

/** Layers as the page knows them; lists begin with the first. Below `minZoom` none is loaded. */
export const LAYERS = {
  parcels: { title: "地块", minZoom: 7, minimum: "area_mu_min", unit: "亩", label: "面积不小于" },
  plants: { title: "厂房", minZoom: 11, minimum: "vacant_m2_min", unit: "m²", label: "可租售不小于" },
  parks: { title: "园区", minZoom: 0, minimum: "area_mu_min", unit: "亩", label: "面积不小于" },
};

/** Colour and title of every public status, in the order in which lists are sorted. */
export const STATUS = {
  parcels: {
    available: ["#16a34a", "可供"],
    announced: ["#ea580c", "公告中"],
    planned: ["#2563eb", "拟出让"],
    secondary_transfer: ["#0891b2", "二级市场转让"],
    reserved: ["#7c3aed", "储备"],
    awaiting_clearance: ["#a16207", "已征待拆"],
    sold: ["#8592a3", "已成交"],
  },
  plants: {
    available: ["#15803d", "可租售"],
    partly_available: ["#65a30d", "部分可租售"],
    under_construction: ["#d97706", "在建"],
    reserved: ["#7c3aed", "已预订"],
    occupied: ["#64748b", "已满"],
  },
  parks: { open: ["#0f766e", "招商中"], planned: ["#2563eb", "规划中"], full: ["#64748b", "已满"] },
};

/** @param {LayerName} layer @param {string} status @returns {string} */
export const colour = (layer, status) => STATUS[layer][status]?.[0] ?? "#334155";

/**
 * JSON of the API; rejects with an Error whose message a person can act on.
 * @param {string} path below /api/v1 @param {AbortSignal} [signal]
 */
export async function read(path, signal) {
  const response = await fetch(API + path, { signal }).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("网络不通，请检查网络后重试");
  });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Error(problem.detail ?? `服务器没有给出数据（${response.status}），请稍后重试`);
}

/** Middle of the largest part of a MultiPolygon, by area. @returns {[number, number]} */
export function middle(geometry) {
  let best = [0, 0, 0];
  for (const [ring] of geometry.coordinates) {
    const [x0, y0] = ring[0];
    let area = 0,
      x = 0,
      y = 0;
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay, bx, by] = [ring[i - 1][0] - x0, ring[i - 1][1] - y0, ring[i][0] - x0, ring[i][1] - y0];
      const cross = ax * by - bx * ay;
      area += cross;
      x += (ax + bx) * cross;
      y += (ay + by) * cross;
    }
    if (area && Math.abs(area) > Math.abs(best[2])) best = [x0 + x / (3 * area), y0 + y / (3 * area), area];
  }
  return [best[0], best[1]];
}

/** West, south, east, north of a MultiPolygon. @returns {[number, number, number, number]} */
export function box(geometry) {
  const points = geometry.coordinates.flat(2);
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Short text for the map. @param {LayerName} layer @param {Record<string, any>} p @returns {string} */
export function label(layer, p) {
  if (layer === "parks") return p.short_name ?? p.name;
  const name = p.name.includes(p.code) ? p.code : p.name;
  return layer === "parcels" ? `${name}\n${number(p.area_mu, 1)}亩` : name;
}

/** @param {number} value @param {number} [digits] most decimals @returns {string} */
export const number = (value, digits = 2) => value.toLocaleString("zh-CN", { maximumFractionDigits: digits });

/** Date, or date and time, in China. @param {string} instant @returns {string} */
export function when(instant, time = false) {
  const clock = time ? { hour: "2-digit", minute: "2-digit" } : {};
  return new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    ...clock,
  })
    .format(new Date(instant))
    .replaceAll("/", "-");
}

/** A value of a column as people read it; null when there is nothing to say. @param {Column} column */
export function text(column, p) {
  const value = p[column.name];
  if (value === null || value === undefined || value === "") return null;
  const unit = column.unit ? ` ${column.unit}` : "";
  switch (column.kind) {
    case "code":
      return p[`${column.name}_text`];
    case "area":
      return `${number(p[column.name.replace(/_m2$/, "_mu")], 2)} 亩（${number(value)} m²）`;
    case "interval":
      return interval(value) + unit;
    case "boolean":
      return value ? "是" : "否";
    case "texts":
      return value.join("、");
    case "instant":
      return when(value, true);
    case "number":
    case "integer":
      return number(value, 4) + unit;
    default:
      return String(value) + unit;
  }
}

/** 「1.5–2.5」, 「≥ 1.2」: an interval that may be open. @returns {string} */
export function interval({ min, max, min_inclusive, max_inclusive }) {
  if (min !== null && max !== null) return min === max ? `${min}` : `${min}–${max}`;
  return min !== null ? `${min_inclusive ? "≥" : ">"} ${min}` : `${max_inclusive ? "≤" : "<"} ${max}`;
}
