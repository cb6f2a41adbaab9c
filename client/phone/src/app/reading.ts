// The size of text: what the device is set to, and what the reader chose here.

import { reactive } from "vue";
import { store } from "./platform";

const KEY = "kandi.text";
export const SIZES = [1, 1.25, 1.5, 2] as const;

export const reading = reactive({ scale: 1, own: 0 });

export function readTextSize(): void {
  reading.own = Number(store.get(KEY) ?? 0);
  reading.scale = reading.own || ofDevice();
}

export function chooseTextSize(scale: number): void {
  reading.own = reading.scale = scale;
  store.set(KEY, String(scale));
}

function ofDevice(): number {
  let px = 16;
  // #ifdef H5
  const probe = document.createElement("div");
  probe.style.cssText = "position:absolute;visibility:hidden;font-size:medium";
  document.documentElement.append(probe);
  px = parseFloat(getComputedStyle(probe).fontSize) || 16;
  probe.remove();
  // #endif
  // #ifdef MP-WEIXIN
  px = ((uni.getSystemInfoSync() as { fontSizeSetting?: number }).fontSizeSetting ?? 16) >= 19 ? 20 : 16;
  // #endif
  return Math.min(2, Math.max(1, px / 16));
}
