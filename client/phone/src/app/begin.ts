// What happens once when the app starts: text size, what waits is sent, and in browsers a few
// repairs that let keyboards and screen readers use what uni-app draws.

import { decode } from "@core/query";
import { openShared } from "./share";
import { outbox } from "../officer/outbox";
import { readTextSize } from "./reading";

export function begin(options?: { query?: Record<string, string> }): void {
  readTextSize();
  outbox.start();
  let scene = decode(options?.query?.scene ?? "");
  // #ifdef H5
  scene = location.search.slice(1);
  // #endif
  void openShared(scene);
  // #ifdef H5
  typed();
  keyboard();
  labels();
  worker();
  // #endif
}

// #ifdef H5
/** Another address of the same page, pasted or tapped in a message: uni-app would go on showing the old one. */
function typed(): void {
  addEventListener("popstate", ({ state }) => {
    // Ways of the app itself carry a state; what a person types has none. The map is also "#/?…".
    const [path, query] = location.hash.slice(2).split("?");
    if (!state && query && (path || "pages/map/index") === getCurrentPages().at(-1)?.route) location.reload();
  });
}

/** From the next visit on the app opens without a network; what is on the screen now goes first. */
function worker(): void {
  if (import.meta.env.DEV) return;
  const register = () => { void navigator.serviceWorker?.register("/m/sw.js").catch(() => undefined); };
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
}

/** Enter and space press what says it is a button. */
function keyboard(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if ((event.key === "Enter" || event.key === " ") && target.matches("[role=button],[role=switch],[role=link],[role=tab],[role=checkbox],[role=radio]")) {
      event.preventDefault();
      target.click();
    }
  });
}

/** uni-app's fields hide the real input inside: it gets the label, and pictures without words are decoration. */
function labels(): void {
  const repair = () => {
    for (const field of document.querySelectorAll("uni-input[aria-label], uni-textarea[aria-label]")) {
      const inner = field.querySelector("input, textarea");
      const label = field.getAttribute("aria-label");
      if (inner && label && inner.getAttribute("aria-label") !== label) inner.setAttribute("aria-label", label);
    }
    for (const image of document.querySelectorAll("uni-tabbar img:not([alt])")) image.setAttribute("alt", "");
  };
  new MutationObserver(repair).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] });
  repair();
}
// #endif
