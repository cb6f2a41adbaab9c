/** The map page: what is chosen, what is loaded, and the address that says both. */

import { createCanvas } from "./canvas.js";
import {
  $,
  banner,
  drawChoices,
  drawDetails,
  drawList,
  makeDraggable,
  setStop,
  showDetails,
} from "./sheet.js";
import { LAYERS, STATUS, read, when } from "./sites.js";

/** @typedef {import("./sites.js").LayerName} LayerName */

const NAMES = /** @type {LayerName[]} */ (Object.keys(LAYERS));
const MOST = Math.min(1000, Number(document.body.dataset.pageLimit));
const HOME = { lng: 119.97, lat: 30.77, zoom: 8.6 };
const REGIONS = "/regions?level=county&under=3305";

const state = {
  view: null,
  shown: new Set(NAMES),
  list: NAMES[0],
  q: "",
  open: null,
  pages: {},
  zoom: HOME.zoom,
  filters: Object.fromEntries(NAMES.map((name) => [name, { status: new Set(), min: "" }])),
};
let canvas,
  columns = {},
  running,
  reading,
  failure = null,
  settle = null;

/** From here until the map is drawn and nothing is under way, `window.kandiIdle` is unresolved. */
function busy() {
  if (!settle)
    window.kandiIdle = new Promise((resolve) => {
      settle = resolve;
    });
}

function readHash() {
  const told = new URLSearchParams(location.hash.slice(1));
  const [zoom, lat, lng] = (told.get("map") ?? "").split("/").map(Number);
  if ([zoom, lat, lng].every(Number.isFinite))
    state.view = { zoom, lat: Math.max(-85, Math.min(85, lat)), lng };
  if (told.has("layers"))
    state.shown = new Set(
      told
        .get("layers")
        .split(",")
        .filter((name) => name in LAYERS),
    );
  if (told.get("list") in LAYERS) state.list = told.get("list");
  state.q = told.get("q") ?? "";
  for (const name of NAMES) {
    const status = (told.get(`${name}.status`) ?? "").split(",").filter((code) => code in STATUS[name]);
    state.filters[name] = { status: new Set(status), min: told.get(`${name}.min`) ?? "" };
  }
  const [layer, id] = (told.get("open") ?? "").split("/");
  state.open = layer in LAYERS && /^\d+$/.test(id) ? { layer, id: Number(id) } : null;
}

function writeHash() {
  const { lng, lat } = canvas.map.getCenter();
  const told = new URLSearchParams({
    map: [canvas.map.getZoom().toFixed(2), lat.toFixed(5), lng.toFixed(5)].join("/"),
  });
  if (state.shown.size < NAMES.length) told.set("layers", [...state.shown].join(","));
  if (state.list !== NAMES[0]) told.set("list", state.list);
  if (state.q) told.set("q", state.q);
  for (const [name, { status, min }] of Object.entries(state.filters)) {
    if (status.size) told.set(`${name}.status`, [...status].join(","));
    if (min) told.set(`${name}.min`, min);
  }
  if (state.open) told.set("open", `${state.open.layer}/${state.open.id}`);
  history.replaceState(null, "", `#${told.toString().replaceAll("%2C", ",").replaceAll("%2F", "/")}`);
}

/** The API's query for what is in view of a layer; its parameters are the API's own. */
function itemsPath(name) {
  const [[west, south], [east, north]] = canvas.map.getBounds().toArray();
  const asked = new URLSearchParams({
    bbox: [west, south, east, north].map((x) => x.toFixed(6)).join(","),
    limit: MOST,
  });
  const { status, min } = state.filters[name];
  if (status.size) asked.set("status", [...status].join(","));
  if (min) asked.set(LAYERS[name].minimum, min);
  if (state.q) asked.set("q", state.q);
  return `/${name}?${asked}`;
}

const loads = (name) => state.shown.has(name) && canvas.map.getZoom() >= LAYERS[name].minZoom;

async function load() {
  running?.abort();
  const mine = (running = new AbortController());
  busy();
  document.body.classList.add("busy");
  writeHash();
  state.zoom = canvas.map.getZoom();
  try {
    const pages = await Promise.all(
      NAMES.map((name) => (loads(name) ? read(itemsPath(name), mine.signal) : null)),
    );
    NAMES.forEach((name, i) => {
      state.pages[name] = pages[i];
      canvas.draw(name, pages[i]?.features ?? []);
    });
    drawState();
    worked(load);
  } catch (error) {
    failed(error, load, load);
  } finally {
    if (running === mine) {
      running = undefined;
      document.body.classList.remove("busy");
      canvas.map.triggerRepaint();
    }
  }
}

/** Say what went wrong with `task` until it works; `retry` is how the person tries again. */
function failed(error, task, retry) {
  if (error.name === "AbortError") return;
  failure = { task, retry };
  banner(error.message);
}

function worked(task) {
  if (failure?.task !== task) return;
  failure = null;
  banner(null);
}

function drawState() {
  const { list, pages, shown, filters } = state;
  const { title, minZoom, unit, label } = LAYERS[list];
  drawChoices(state);
  const instead = !shown.has(list)
    ? `${title}图层已关闭`
    : state.zoom < minZoom
      ? `放大地图后显示${title}`
      : undefined;
  drawList(list, pages[list], instead);
  const found = Object.values(pages).filter(Boolean);
  $("demo").hidden = !found.some((page) =>
    page.features.some((f) => f.properties.source?.includes("演示数据")),
  );
  const asOf = found
    .map((page) => page.dataAsOf)
    .filter(Boolean)
    .sort()
    .at(-1);
  $("as-of").hidden = !asOf;
  if (asOf) $("as-of").textContent = `数据截至 ${when(asOf, true)} · GCJ-02`;
  $("minimum-label").textContent = label;
  $("minimum-unit").textContent = unit;
  if (document.activeElement !== $("minimum")) $("minimum").value = filters[list].min;
  $("clear").disabled = !state.q && NAMES.every((name) => !filters[name].status.size && !filters[name].min);
}

async function open(layer, id, closer) {
  reading?.abort();
  const mine = (reading = new AbortController());
  busy();
  try {
    const site = await read(`/${layer}/${id}`, mine.signal);
    state.open = { layer, id };
    drawDetails(layer, site, columns[layer] ?? []);
    showDetails(true);
    if (document.body.dataset.stop === "peek" || closer) setStop("half");
    canvas.select(site);
    canvas.show(site, closer);
    $("details").focus({ preventScroll: true });
    writeHash();
    worked(open);
  } catch (error) {
    failed(error, open, () => open(layer, id, closer));
  } finally {
    if (reading === mine) reading = undefined;
    canvas.map.triggerRepaint();
  }
}

function close() {
  if (!state.open) return;
  const { id } = state.open;
  state.open = null;
  showDetails(false);
  canvas.select(null);
  document.querySelector(`[data-id="${id}"]`)?.focus({ preventScroll: true });
  writeHash();
}

let waiting;
function loadSoon(ms = 150) {
  busy();
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    waiting = undefined;
    load();
  }, ms);
}

const raise = () => {
  if (document.body.dataset.stop === "peek") setStop("half");
};
const toggle = (set, value) => (set.has(value) ? set.delete(value) : set.add(value));

/** Call `act` with the value of a data attribute when a button that has it is tapped. */
function onTap(id, key, act) {
  $(id).addEventListener("click", (event) => {
    const button = event.target.closest(`[data-${key}]`);
    if (!button) return;
    const value = button.dataset[key];
    act(value);
    // Buttons are drawn anew; a keyboard stays where it was.
    document.querySelector(`#${id} [data-${key}="${CSS.escape(value)}"]`)?.focus({ preventScroll: true });
  });
}

function listen() {
  onTap("layers", "layer", (name) => {
    toggle(state.shown, name);
    state.pages[name] = null;
    drawState();
    loadSoon(0);
  });
  onTap("tabs", "list", (name) => {
    state.list = name;
    drawState();
    writeHash();
    $("results").scrollTop = 0;
    raise();
  });
  onTap("legend", "status", (code) => {
    toggle(state.filters[state.list].status, code);
    drawState();
    loadSoon(0);
  });
  onTap("list", "id", (id) => open(state.list, Number(id), true));
  onTap("details", "close", close);
  $("minimum").addEventListener("input", ({ target }) => {
    state.filters[state.list].min = target.validity.valid ? target.value : "";
    loadSoon(400);
  });
  $("q").addEventListener("input", ({ target }) => {
    state.q = target.value.trim();
    close();
    loadSoon(400);
  });
  for (const id of ["search", "filters"]) {
    $(id).addEventListener("submit", (event) => {
      event.preventDefault();
      document.activeElement.blur();
    });
  }
  // What has the keyboard must be seen.
  for (const id of ["filters", "list"]) $(id).addEventListener("focusin", raise);
  $("clear").addEventListener("click", () => {
    state.q = $("q").value = "";
    for (const name of NAMES) state.filters[name] = { status: new Set(), min: "" };
    loadSoon(0);
  });
  $("retry").addEventListener("click", () => failure?.retry());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  addEventListener("hashchange", () => location.reload());
  makeDraggable(() => canvas.map.resize());
  canvas.map.on("movestart", busy);
  canvas.map.on("moveend", () => loadSoon());
  canvas.map.on("idle", () => {
    if (running || reading || waiting || !settle) return;
    settle(canvas.map);
    settle = null;
  });
}

/** Catalogue and base map, then what is in view, then the site that the address names. */
async function prepare() {
  try {
    await loadOnce();
    worked(prepare);
  } catch (error) {
    failed(error, prepare, prepare);
  }
  loadSoon(0);
  if (state.open) await open(state.open.layer, state.open.id, false);
}

async function loadOnce() {
  const [{ layers }, { features }] = await Promise.all([read("/layers"), read(REGIONS)]);
  for (const layer of layers) columns[layer.name] = layer.columns;
  canvas.drawCounties(features);
  const extent = layers.find((layer) => layer.name === "parks")?.extent;
  if (!state.view && extent) canvas.map.fitBounds(extent, { padding: 40, animate: false });
}

async function start() {
  busy();
  readHash();
  $("q").value = state.q;
  drawChoices(state);
  canvas = await createCanvas(state.view ?? HOME, (layer, id) => open(layer, id, false));
  listen();
  await prepare();
}

start();
