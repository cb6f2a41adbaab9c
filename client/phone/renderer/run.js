// Runs the compiled mini program: its scripts, its pages on a stack, its tabs, as WeChat's frame does.

import * as glassEasel from "glass-easel";
import { MiniProgramEnv } from "glass-easel-miniprogram-adapter";
import { builtIns } from "./built_ins.js";
import { wechat } from "./wechat.js";

const { settings, scopes, styles, templates, scripts } = window.miniProgram;
const { app } = settings;
const subpages = (app.subPackages ?? []).flatMap(({ root, pages }) => pages.map((page) => `${root}/${page}`));
const tabs = app.tabBar.list.map(({ pagePath }) => pagePath);

// uni-app puts the handlers of a page on the object it works with, under names it makes up.
glassEasel.globalOptions.useMethodCallerListeners = true;
glassEasel.globalOptions.throwGlobalError = true;

// Events of WeChat are plain objects; uni-app asks whether `detail` is their own.
const { wrapShadowedEvent } = glassEasel.Event.prototype;
glassEasel.Event.prototype.wrapShadowedEvent = function wrapped(...targets) {
  const { type, timeStamp, detail } = this;
  const plain = ({ id, dataset }) => ({ id, dataset: dataset ?? {} });
  const made = wrapShadowedEvent.apply(this, targets);
  return Object.assign(made, { type, timeStamp, detail, target: plain(made.target), currentTarget: plain(made.currentTarget) });
};

const env = new MiniProgramEnv();
const space = env.createCodeSpace("app", true);
const backend = new glassEasel.CurrentWindowBackendContext();
const frame = env.associateBackend(backend);
for (const [tag, definition] of builtIns(space.getComponentSpace())) space.getComponentSpace().setGlobalUsingComponent(tag, definition);
// WeChat says `ready` once what was attached is laid out; to components before those around them.
let laidOut = [];
space.setOverallBehavior(space.getComponentSpace().define().lifetime("attached", function attached() {
  if (!laidOut.length) setTimeout(() => {
    const ready = laidOut.reverse();
    laidOut = [];
    for (const one of ready) one.triggerLifetime("ready", []);
  });
  laidOut.push(this._$ ?? this);
}).registerBehavior());
backend.onEvent((target, type, detail, options) => {
  // The map tells of taps by itself: where on the earth, or on which marker.
  if (target.is !== "wx-map") glassEasel.triggerEvent(target, type, detail, options);
  return undefined;
});

for (const [path, css] of Object.entries(styles)) {
  frame.registerStyleSheetContent(path, css);
  space.addStyleSheet(path, path, settings[path]?.component ? scopes[path] : undefined);
}
for (const [path, config] of Object.entries(settings)) {
  space.addComponentStaticConfig(path, config);
  if (templates[path]) space.addCompiledTemplate(path, { groupList: templates, content: templates[path] });
}

const stack = [];
let theApp;
let launched = {};
const getApp = () => theApp;
const getCurrentPages = () => stack.map(({ instance }) => instance);
const App = (options) => { theApp = options; launched = { path: app.pages[0], query: {}, scene: 1001 }; };

const global = {};
const loaded = {};
function load(name) {
  if (!(name in scripts)) throw new Error(`no script ${name}`);
  if (!loaded[name]) {
    const module = { exports: {} };
    loaded[name] = module;
    const base = name.split("/").slice(0, -1);
    const require = (path) => load(joined(base, path));
    scripts[name](require, module, module.exports, wx, App, getApp, getCurrentPages,
      (options) => window.Component(withoutNames(options)), (options) => window.Page(options), (options) => window.Behavior(options), global);
  }
  return loaded[name].exports;
}
function joined(base, path) {
  const parts = [...base];
  for (const part of path.split("/")) if (part === "..") parts.pop(); else if (part !== ".") parts.push(part);
  return parts.join("/");
}
/** Behaviours of WeChat's own go by name (`wx://form-field`); the renderer has none of them. */
const withoutNames = (options) => ({ ...options, behaviors: (options.behaviors ?? []).filter((one) => typeof one !== "string") });

const defined = new Set();
/** Defines a page or component after those that it uses. */
function define(path) {
  if (defined.has(path)) return;
  defined.add(path);
  for (const used of Object.values(settings[path].usingComponents ?? {})) define(joined(path.split("/").slice(0, -1), used).replace(/^\//, ""));
  space.globalComponentEnv(window, path, () => load(`${path}.js`));
}

function open(url) {
  const [path, text = ""] = url.replace(/^\//, "").split("?");
  if (![...app.pages, ...subpages].includes(path)) throw new Error(`no page ${path}`);
  const query = Object.fromEntries(text.split("&").filter(Boolean).map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
  define(path);
  const root = frame.createRoot("wx-page", space, path);
  const instance = root.get();
  const box = document.createElement("div");
  box.className = "wechat-page";
  box.dataset.path = path;
  const place = document.createElement("div");
  box.append(place);
  document.body.append(box);
  // WeChat's own members of a page, which uni-app reads while it is made.
  Object.assign(instance, { route: path, __route__: path, options: query });
  const page = { path, query, root, instance, box };
  stack.push(page);
  root.attach(box, place);
  instance.onLoad?.(query);
  show(page);
  return page;
}
function hide(page) {
  page.box.hidden = true;
  page.instance.onHide?.();
  page.root.getComponent().triggerPageLifetime("hide", []);
}
function show(page) {
  page.box.hidden = false;
  const tab = tabs.indexOf(page.path);
  document.querySelector(".wechat-tabs").hidden = tab < 0;
  document.body.style.setProperty("--window-bottom", tab < 0 ? "0px" : "50px");
  document.querySelectorAll(".wechat-tab").forEach((one, index) => {
    one.setAttribute("aria-selected", String(index === tab));
    one.querySelector("img").src = app.tabBar.list[index][index === tab ? "selectedIconPath" : "iconPath"];
  });
  page.instance.onShow?.();
  page.root.getComponent().triggerPageLifetime("show", []);
}
function close(page) {
  stack.splice(stack.indexOf(page), 1);
  page.instance.onUnload?.();
  page.root.release();
  page.box.remove();
}

const kept = {};
/** Ways to other pages. Tabs stay alive below; a tab closes what lies above it. */
const ways = {
  navigateTo(url) {
    if (tabs.includes(url.replace(/^\//, "").split("?")[0])) throw new Error(`navigateTo cannot reach a tab: ${url}`);
    if (stack.length >= 10) throw new Error("more than ten pages");
    hide(stack.at(-1));
    open(url);
  },
  redirectTo(url) {
    const old = stack.at(-1);
    close(old);
    open(url);
  },
  navigateBack(delta = 1) {
    for (let left = Math.min(delta, stack.length - 1); left > 0; left -= 1) close(stack.at(-1));
    show(stack.at(-1));
  },
  switchTab(url) {
    const path = url.replace(/^\//, "");
    if (path.includes("?")) throw new Error("switchTab takes no query");
    if (!tabs.includes(path)) throw new Error(`no tab ${path}`);
    const before = stack.at(-1);
    while (stack.length > 1) close(stack.at(-1));
    const below = stack[0];
    if (below?.path === path) { if (before !== below) show(below); return; }
    if (below) { kept[below.path] = below; hide(below); stack.pop(); }
    if (!kept[path]) { open(path); return; }
    stack.push(kept[path]);
    show(kept[path]);
  },
};

const wx = wechat({ ways, app, top: () => stack.at(-1), launched: () => launched });
window.wx = wx;

const bar = document.createElement("div");
bar.className = "wechat-tabs";
bar.setAttribute("role", "tablist");
for (const { pagePath, text } of app.tabBar.list) {
  const tab = document.createElement("button");
  tab.className = "wechat-tab";
  tab.setAttribute("role", "tab");
  tab.append(document.createElement("img"), text);
  tab.addEventListener("click", () => ways.switchTab(`/${pagePath}`));
  bar.append(tab);
}
const capsule = document.createElement("div");
capsule.className = "wechat-capsule";
document.body.append(bar, capsule);

load("app.js");
theApp.onLaunch?.(launched);
theApp.onShow?.(launched);
open(location.hash.slice(1) || app.pages[0]);
