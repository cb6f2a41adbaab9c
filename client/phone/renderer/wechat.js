// `wx`, as far as the app uses it: the network over fetch with WeChat's limits, storage, messages.

import { mapOf, pictureIn } from "./map.js";

const METHODS = ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT"];
const MOST_REQUESTS = 10;
const SERVER = /^https?:\/\/127\.0\.0\.1:8000/;
const TOAST_MS = 1500;

/** The address that the app was built for, as the server at hand. */
const hosted = (url) => url.replace(SERVER, window.location.origin);
const later = (work) => setTimeout(work, 0);
const told = (options, result) => later(() => { options?.success?.(result); options?.complete?.(result); });
const failed = (options, errMsg) => later(() => { options?.fail?.({ errMsg }); options?.complete?.({ errMsg }); });

/** The object; `ways` lead to other pages, `top` is the page in sight. */
export function wechat({ ways, top, launched }) {
  const seen = { requests: 0, most: 0, logins: 0 };
  const windowInfo = () => {
    const tabs = document.querySelector(".wechat-tabs");
    const { innerWidth: windowWidth, innerHeight: screenHeight } = window;
    const windowHeight = screenHeight - (tabs && !tabs.hidden ? tabs.offsetHeight : 0);
    return { windowWidth, windowHeight, screenWidth: windowWidth, screenHeight, statusBarHeight: 47, pixelRatio: 1, safeArea: { top: 47, bottom: screenHeight } };
  };
  const base = { SDKVersion: "3.8.0", version: "8.0.50", language: "zh_CN", theme: "light", platform: "ios", brand: "iPhone", model: "iPhone 13", system: "iOS 17", fontSizeSetting: 16 };
  const named = (way) => (options) => {
    try {
      ways[way](options.url ?? options.delta);
      told(options, { errMsg: `${way}:ok` });
    } catch (error) {
      console.error(String(error));
      failed(options, `${way}:fail ${error.message}`);
    }
  };
  return {
    hosted,
    mapNow: () => pictureIn(document.querySelector("canvas")),
    seen: () => seen,
    canIUse: () => true,
    getSystemInfoSync: () => ({ ...windowInfo(), ...base }),
    getWindowInfo: windowInfo,
    getMenuButtonBoundingClientRect: () => document.querySelector(".wechat-capsule").getBoundingClientRect(),
    getDeviceInfo: () => base,
    getAppBaseInfo: () => base,
    getLaunchOptionsSync: launched,
    getEnterOptionsSync: launched,
    onAppShow() {}, onAppHide() {}, onWindowResize() {}, offWindowResize() {}, onNetworkStatusChange() {},
    stopPullDownRefresh() {}, preloadAssets() {},
    navigateTo: named("navigateTo"), redirectTo: named("redirectTo"), navigateBack: named("navigateBack"), switchTab: named("switchTab"),
    request: (options) => request(options, seen),
    ...storage(),
    ...messages(),
    login(options) {
      seen.logins += 1;
      told(options, { code: `renderer-${Date.now()}-${seen.logins}`, errMsg: "login:ok" });
    },
    getLocation: (options) => failed(options, "getLocation:fail auth deny"),
    setClipboardData(options) {
      window.clipboard = options.data;
      told(options, {});
    },
    createMapContext(id, holder) {
      const asked = (options, of) => {
        const picture = mapOf(holder ?? top().instance, id);
        if (picture) told(options, of(picture));
        else failed(options, "map:fail no such map here");
      };
      return {
        getRegion: (options) => asked(options, (picture) => picture.region()),
        getScale: (options) => asked(options, (picture) => ({ scale: picture.at.scale })),
      };
    },
  };
}

function request(options, seen) {
  const method = options.method ?? "GET";
  if (!METHODS.includes(method)) return failed(options, `request:fail invalid method ${method}`);
  if (seen.requests >= MOST_REQUESTS) return failed(options, "request:fail too many requests at once");
  seen.requests += 1;
  seen.most = Math.max(seen.most, seen.requests);
  const { url, header: headers, data: body } = options;
  window.fetch(hosted(url), { method, headers, body })
    .then(async (answer) => ({ statusCode: answer.status, header: Object.fromEntries(answer.headers), data: await answer.text() }))
    .then((answer) => { options.success?.(answer); options.complete?.(answer); }, () => failed(options, "request:fail"))
    .finally(() => { seen.requests -= 1; });
  return { abort() {} };
}

function storage() {
  const key = (name) => `wechat:${name}`;
  const get = (name) => JSON.parse(window.localStorage.getItem(key(name)) ?? '""');
  const set = (name, value) => window.localStorage.setItem(key(name), JSON.stringify(value));
  return {
    getStorageSync: get, setStorageSync: set, removeStorageSync: (name) => window.localStorage.removeItem(key(name)),
    setStorage: (options) => { set(options.key, options.data); told(options, {}); },
    getStorage: (options) => told(options, { data: get(options.key) }),
  };
}

function messages() {
  const said = (text) => {
    const box = document.createElement("div");
    box.className = "wechat-told";
    box.setAttribute("role", "status");
    box.textContent = text;
    document.body.append(box);
    return box;
  };
  return {
    showToast(options) {
      const box = said(options.title);
      setTimeout(() => box.remove(), options.duration ?? TOAST_MS);
      told(options, {});
    },
    showModal(options) {
      const box = document.createElement("dialog");
      box.className = "wechat-question";
      const words = document.createElement("p");
      words.textContent = `${options.title} ${options.content ?? ""}`;
      const button = (text, result) => {
        const one = document.createElement("button");
        one.textContent = text;
        one.addEventListener("click", () => { box.remove(); told(options, result); });
        return one;
      };
      box.append(words, button(options.cancelText ?? "取消", { confirm: false, cancel: true }), button(options.confirmText ?? "确定", { confirm: true, cancel: false }));
      document.body.append(box);
      box.showModal();
    },
  };
}
