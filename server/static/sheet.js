/** The sheet: its three stops, the list of what is in view, and the details of one site. */

import { LAYERS, STATUS, colour, interval, number, text, when } from "./sites.js";

/** @typedef {import("./sites.js").LayerName} LayerName */
/** @typedef {import("./sites.js").Site} Site */
/** @typedef {import("./sites.js").Column} Column */

/** Most cards of the list; the map may draw more. */
export const MOST_CARDS = 200;
const STALE_MS = 90 * 86_400_000;
const STOPS = ["peek", "half", "full"];

/** @param {string} id @returns {any} the element of that id */
export const $ = (id) => document.getElementById(id);

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
class Html {
  constructor(value) {
    this.value = value;
  }
}
const written = (value) => {
  if (Array.isArray(value)) return value.map(written).join("");
  if (value instanceof Html) return value.value;
  return value === null || value === undefined || value === false
    ? ""
    : String(value).replace(/[&<>"']/g, (c) => ESCAPES[c]);
};
/** HTML in which every value is escaped, unless it is such HTML itself. */
const html = (parts, ...values) => new Html(String.raw({ raw: parts }, ...values.map(written)));
const drawn = new WeakMap();
/** Write an element's content unless it stands there already: a finger or focus may be on it. */
function fill(element, content) {
  const now = written(content);
  if (drawn.get(element) === now) return;
  drawn.set(element, now);
  element.innerHTML = now;
}

/** Let the sheet stand at one of its stops. @param {"peek" | "half" | "full"} stop */
export function setStop(stop) {
  document.body.dataset.stop = stop;
  $("handle").setAttribute("aria-label", stop === "full" ? "收起列表" : "展开列表");
}

/** Make the handle drag the sheet, or step it when tapped. @param {() => void} onStop */
export function makeDraggable(onStop) {
  const sheet = $("sheet");
  const handle = $("handle");
  let start = null;
  let dragged = false;
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    start = { y: event.clientY, height: sheet.offsetHeight };
    dragged = false;
  });
  handle.addEventListener("pointermove", (event) => {
    if (!start || (!dragged && Math.abs(event.clientY - start.y) < 6)) return;
    dragged = true;
    sheet.style.transition = "none";
    sheet.style.height = `${Math.max(60, start.height + start.y - event.clientY)}px`;
  });
  const released = () => {
    if (!start) return;
    start = null;
    const share = sheet.offsetHeight / innerHeight;
    sheet.style.height = sheet.style.transition = "";
    if (!dragged) return;
    setStop(share < 0.32 ? "peek" : share < 0.7 ? "half" : "full");
    onStop();
  };
  handle.addEventListener("pointerup", released);
  handle.addEventListener("pointercancel", released);
  // Not at pointerup: the click of the same tap would then fall on a card that has moved there.
  handle.addEventListener("click", (event) => {
    if (dragged && event.detail > 0) return;
    setStop(STOPS[(STOPS.indexOf(document.body.dataset.stop) + 1) % 3]);
    onStop();
  });
}

const dot = (layer, status) => html`<i class="dot" style="background:${colour(layer, status)}"></i>`;
const pill = (layer, p) => html`<span class="pill">${dot(layer, p.status)}${p.status_text}</span>`;

/** Chips of layers, tabs of lists, legend: what is chosen and how much of it is in view. */
export function drawChoices({ shown, list, filters, pages, zoom }) {
  const count = (layer) => {
    if (!shown.has(layer)) return "已关";
    return zoom < LAYERS[layer].minZoom ? "放大可见" : (pages[layer]?.numberMatched ?? "…");
  };
  fill(
    $("layers"),
    Object.entries(LAYERS).map(
      ([name, { title }]) => html`
    <button type="button" class="chip" data-layer="${name}" aria-pressed="${shown.has(name)}"
      ><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5z"/><circle cx="10" cy="10" r="2"/></svg>${title}</button>`,
    ),
  );
  fill(
    $("tabs"),
    Object.entries(LAYERS).map(
      ([name, { title }]) => html`
    <button type="button" data-list="${name}" aria-pressed="${name === list}"
      >${title} <span>${count(name)}</span></button>`,
    ),
  );
  const counts = {};
  for (const { properties } of pages[list]?.features ?? [])
    counts[properties.status] = (counts[properties.status] ?? 0) + 1;
  fill(
    $("legend"),
    Object.entries(STATUS[list]).map(
      ([status, [, title]]) => html`
    <button type="button" class="chip" data-status="${status}" aria-pressed="${filters[list].status.has(status)}"
      >${dot(list, status)}${title}${counts[status] && html` <span>${counts[status]}</span>`}</button>`,
    ),
  );
}

/** Cards of the sites in view. @param {LayerName} layer @param {any} page @param {string} [instead] why there is none */
export function drawList(layer, page, instead) {
  const order = Object.keys(STATUS[layer]);
  const sites = [...(page?.features ?? [])].sort(
    (a, b) =>
      order.indexOf(a.properties.status) - order.indexOf(b.properties.status) ||
      b.properties.area_m2 - a.properties.area_m2,
  );
  const cards = sites.slice(0, MOST_CARDS);
  const matched = page?.numberMatched ?? 0;
  $("summary").textContent =
    instead ??
    (matched > cards.length
      ? `共 ${matched} 条，显示 ${cards.length} 条，放大地图看其余`
      : matched
        ? `视野内共 ${matched} 条`
        : "视野内没有符合条件的，请移动地图或放宽筛选");
  fill(
    $("list"),
    cards.map((site) => card(layer, site)),
  );
}

function card(layer, { id, properties: p }) {
  return html`<li><button type="button" class="card" data-id="${id}" style="--status:${colour(layer, p.status)}">
    <span class="card-name">${p.name}</span>
    <span class="card-row"><b class="card-size">${size(layer, p)}</b>${pill(layer, p)}</span>
    <span class="card-row card-small"><span>${offer(layer, p)}</span>${verified(p)}</span>
  </button></li>`;
}

function size(layer, p) {
  if (layer !== "plants") return html`${number(p.area_mu, 1)}<small> 亩</small>`;
  return p.vacant_m2
    ? html`<small>可租售 </small>${number(p.vacant_m2, 0)}<small> m²</small>`
    : html`<small>建筑面积 </small>${number(p.floor_area_m2 ?? 0, 0)}<small> m²</small>`;
}

function offer(layer, p) {
  const said = {
    parcels: () => [
      p.price_start_wan && `起始价 ${number(p.price_start_wan, 0)} 万元`,
      p.plot_ratio && `容积率 ${interval(p.plot_ratio)}`,
    ],
    plants: () => [
      p.rent_yuan_per_m2_month && `租金 ${number(p.rent_yuan_per_m2_month)} 元/m²·月`,
      p.ground_height_m && `首层 ${p.ground_height_m} m`,
    ],
    parks: () => [p.level_text, (p.leading_industries ?? []).join("、")],
  }[layer]();
  return said.filter(Boolean).join(" · ");
}

function verified(p) {
  if (!p.verified_at) return html`<span class="stale">未核实</span>`;
  const stale = Date.now() - Date.parse(p.verified_at) > STALE_MS;
  return html`<span class="${stale ? "stale" : "fresh"}" title="${stale ? "超过 90 天未核实" : ""}">核实 ${when(p.verified_at)}</span>`;
}

const IN_HEAD = new Set(["name", "status", "area_m2", "verified_at"]);

/** Details of one site. @param {LayerName} layer @param {Site} site @param {Column[]} columns */
export function drawDetails(layer, { properties: p }, columns) {
  const told = columns
    .filter((c) => !IN_HEAD.has(c.name))
    .map((c) => ({ ...c, said: layer === "plants" && c.kind === "area" ? squareMetres(c, p) : text(c, p) }))
    .filter((c) => c.said !== null);
  const facts = told.filter((c) => c.kind !== "boolean");
  fill(
    $("details"),
    html`
    <header class="details-head">
      <button type="button" class="icon" data-close aria-label="返回列表"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M12.5 4 6.5 10l6 6"/></svg></button>
      <div><h2>${p.name}</h2><p class="details-line">${pill(layer, p)} ${verified(p)}</p></div>
    </header>
    <p class="details-size">${
      layer === "plants"
        ? html`<b>${size(layer, p)}</b>`
        : html`<b>${number(p.area_mu)}</b> 亩 <span>${number(p.area_m2)} m²</span>`
    }</p>
    <p class="details-offer">${offer(layer, p)}</p>
    <ul class="ticks">${told
      .filter((c) => c.kind === "boolean")
      .map(
        (c) => html`
      <li class="${p[c.name] ? "yes" : "no"}">${p[c.name] ? "✓" : "✗"} ${c.title}</li>`,
      )}</ul>
    <dl>${facts.map((c) => html`<div><dt>${c.title}</dt><dd>${fact(c)}</dd></div>`)}</dl>`,
  );
}

// Buildings are let by the square metre; only land is counted in 亩.
const squareMetres = (c, p) => (p[c.name] === null ? null : `${number(p[c.name])} m²`);

const fact = ({ name, said }) =>
  name === "contact_phone" ? html`<a href="tel:${said.replace(/[^\d+-]/g, "")}">${said}</a>` : said;

/** Show the details in place of the list, or the list again. @param {boolean} open */
export function showDetails(open) {
  $("details").hidden = !open;
  $("results").hidden = open;
  $(open ? "details" : "sheet").scrollTop = 0;
}

/** A plain banner with what went wrong; nothing takes it away. @param {string | null} message */
export function banner(message) {
  $("banner").hidden = message === null;
  $("banner-text").textContent = message ?? "";
}
