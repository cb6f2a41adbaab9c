// What differs between a browser and WeChat: storage, network, messages and ways to another page.

import { Http, fetchTransport, uniTransport, type Transport } from "@core/http";
import { Kept } from "@core/kept";

export const store = {
  get(key: string): string | null {
    const held: unknown = uni.getStorageSync(key);
    return typeof held === "string" && held ? held : null;
  },
  set: (key: string, value: string) => uni.setStorageSync(key, value),
  remove: (key: string) => uni.removeStorageSync(key),
};

export const kept = new Kept(store, () => Date.now());

let base = "";
let transport: Transport;
let connected = () => true;
// #ifdef H5
connected = () => navigator.onLine;
transport = fetchTransport((input, init) => fetch(input, init));
// #endif
// #ifndef H5
base = import.meta.env.VITE_KANDI_URL ?? "http://127.0.0.1:8000";
transport = uniTransport(uni as never);
// #endif

export const server = base;

/** An address of the server as this platform can load it. */
export function absolute(path: string): string {
  return /^https?:/.test(path) ? path : server + path;
}

export function makeHttp(identity: () => Record<string, string>): Http {
  return new Http({ base: server, transport, identity, connected });
}

export function toast(text: string): void {
  uni.showToast({ title: text, icon: "none", duration: 2600 });
}

export function sure(title: string, content: string, confirmText = "确定", harmful = false): Promise<boolean> {
  return new Promise((resolve) => {
    uni.showModal({
      title, content, confirmText, confirmColor: harmful ? "#b3261e" : "#1a56db",
      success: ({ confirm }) => resolve(confirm), fail: () => resolve(false),
    });
  });
}

const TABS = ["/pages/map/index", "/pages/siting/index", "/pages/saved/index", "/pages/me/index"];

export function go(url: string): void {
  const path = url.split("?")[0] ?? url;
  // A tab takes no query; what it should show is left for it.
  if (TABS.includes(path)) {
    pending.value = url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
    uni.switchTab({ url: path });
  } else {
    uni.navigateTo({ url });
  }
}

/** The query of the last way to a tab, for that tab to take. */
export const pending = { value: "", take() { const found = this.value; this.value = ""; return found; } };

export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack();
  else uni.switchTab({ url: "/pages/map/index" });
}

export function copy(text: string, done: string): void {
  // #ifdef H5
  const failed = () => toast("复制失败，请长按地址栏复制");
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => toast(done), failed);
  else failed();
  // #endif
  // #ifndef H5
  uni.setClipboardData({ data: text, showToast: false, success: () => toast(done), fail: () => toast("复制失败") });
  // #endif
}

/** The address of one of our pages as another person can open it. */
export function pageUrl(path: string): string {
  // #ifdef H5
  return `${location.origin}/m/#${path}`;
  // #endif
  // #ifndef H5
  return path;
  // #endif
}

export function call(number: string): void {
  // #ifdef H5
  location.href = `tel:${number}`;
  // #endif
  // #ifndef H5
  uni.makePhoneCall({ phoneNumber: number, fail: () => copy(number, "号码已复制") });
  // #endif
}
