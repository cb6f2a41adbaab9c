// Keyboard shortcuts: pages register theirs, the help (?) lists what holds here.

import { onBeforeUnmount, onMounted, shallowReactive } from "vue";

export interface Shortcut {
  keys: string[];
  title: string;
  run: (event: KeyboardEvent) => void;
  /** Also while typing in a field. */
  always?: boolean;
}

export const active = shallowReactive<Shortcut[]>([]);

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** What has the focus takes these keys itself: Enter on a button presses it. */
const pressing = (event: KeyboardEvent): boolean =>
  /^(Enter| |Arrow.*)$/.test(event.key) && event.target instanceof Element
  && event.target.closest("button, a, summary, [role=button], [role=combobox], [role=option], [role=tab], [role=radio], [role=checkbox]") !== null;

/** A dialog or drawer on top owns the keyboard; it is fixed, so it never has an offsetParent. */
const covered = (): boolean =>
  [...document.querySelectorAll<HTMLElement>(".el-overlay")].some((overlay) => overlay.style.display !== "none" && overlay.getClientRects().length > 0);

export function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const busy = typing(event.target) || covered() || pressing(event);
  for (let at = active.length - 1; at >= 0; at -= 1) {
    const shortcut = active[at];
    if (shortcut.keys.includes(event.key) && (!busy || shortcut.always)) {
      event.preventDefault();
      shortcut.run(event);
      return;
    }
  }
}

export function useKeys(shortcuts: Shortcut[]): void {
  onMounted(() => active.push(...shortcuts));
  onBeforeUnmount(() => {
    for (const shortcut of shortcuts) active.splice(active.indexOf(shortcut), 1);
  });
}
