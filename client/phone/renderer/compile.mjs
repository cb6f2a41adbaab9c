// Makes the build for WeChat into a page that WeChat's own renderer, glass-easel, runs in a browser:
// templates compiled, tags of WeChat renamed, styles scoped as `addGlobalClass` scopes them.

import { readFileSync, readdirSync, rmSync, mkdirSync, writeFileSync, cpSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const { TmplGroup } = createRequire(import.meta.url)("glass-easel-template-compiler");
const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "../dist/build/mp-weixin");
const target = join(here, "../dist/renderer");

/** Tags of WeChat. A component of ours with such a name would hide WeChat's, or be hidden by it. */
const BUILT_IN = ["audio", "button", "camera", "canvas", "checkbox", "checkbox-group", "cover-image", "cover-view", "editor", "form", "icon",
  "image", "input", "label", "map", "match-media", "movable-area", "movable-view", "navigator", "open-data", "page-container", "picker",
  "picker-view", "progress", "radio", "radio-group", "rich-text", "root-portal", "scroll-view", "share-element", "slider", "swiper",
  "swiper-item", "switch", "text", "textarea", "video", "view", "web-view"];
const tags = new RegExp(`(</?)(${BUILT_IN.join("|")})(?=[\\s/>])`, "g");
const selectors = new RegExp(`(^|[\\s,>+~}])(${BUILT_IN.join("|")})(?=[\\s.:,>+~{\\[])`, "g");

/** `bindtap` is `bind:tap`; the compiler takes the short form for an attribute. */
const events = /(?<=\s)(bind|catch)(?=[a-zA-Z]+=")/g;

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((one) => one.isFile())
  .map((one) => relative(source, join(one.parentPath ?? one.path, one.name)));
const text = (name) => readFileSync(join(source, name), "utf-8");
const bare = (name) => name.replace(/\.\w+$/, "");
const ending = (suffix) => files.filter((name) => name.endsWith(suffix)).sort();

function configs() {
  const found = {};
  for (const name of ending(".json").filter((one) => one !== "project.config.json")) {
    const config = JSON.parse(text(name));
    const clash = Object.keys(config.usingComponents ?? {}).filter((tag) => BUILT_IN.includes(tag));
    if (clash.length) throw new Error(`${name}: WeChat has a <${clash[0]}> of its own`);
    // What uni-app says to `Component()`, WeChat's renderer reads from here.
    if (config.component) config.addGlobalClass = true;
    found[bare(name)] = config;
  }
  return found;
}

function templates() {
  const group = new TmplGroup();
  for (const name of ending(".wxml")) {
    const told = group.addTmpl(bare(name), text(name).replace(tags, "$1wx-$2").replace(events, "$1:"));
    const wrong = [...(told ?? [])].filter((one) => String(one.level ?? one).match(/error|fatal/i));
    if (wrong.length) throw new Error(`${name}: ${JSON.stringify(wrong)}`);
  }
  const script = group.getTmplGenObjectGroups();
  group.free();
  return script;
}

/** Styles of a component hold in it alone; those of the app and of pages hold everywhere. */
function styles(settings) {
  const found = {};
  for (const name of ending(".wxss")) {
    const path = bare(name);
    let css = text(name).replace(/(^|[\s,}])page(?=[\s.:,{])/g, "$1body").replace(selectors, "$1wx-$2");
    if (settings[path]?.component) css = css.replace(/\.(?=[A-Za-z_])/g, `.${scope(path)}--`);
    found[path] = css;
  }
  return found;
}
const scope = (path) => path.replace(/\W/g, "_");

/** Every script as a function of what WeChat gives it: there is no window and no document. */
function scripts() {
  const given = "require, module, exports, wx, App, getApp, getCurrentPages, Component, Page, Behavior, global";
  const absent = "window, document, location, navigator, localStorage, fetch, XMLHttpRequest, history";
  return ending(".js").map((name) => (
    `${JSON.stringify(name)}: function (${given}, ${absent}) {\n${text(name)}\n}`)).join(",\n");
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
cpSync(join(source, "static"), join(target, "static"), { recursive: true });
const settings = configs();
const scopes = Object.fromEntries(Object.keys(settings).map((path) => [path, scope(path)]));
writeFileSync(join(target, "app.js"), `window.miniProgram = {
settings: ${JSON.stringify(settings)},
scopes: ${JSON.stringify(scopes)},
styles: ${JSON.stringify(styles(settings))},
templates: ${templates()},
scripts: {
${scripts()}
} };\n`);
await build({ entryPoints: [join(here, "run.js")], bundle: true, outfile: join(target, "run.js"), format: "iife", logLevel: "warning" });
for (const name of ["index.html", "wechat.css"]) cpSync(join(here, name), join(target, name));
