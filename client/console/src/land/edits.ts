// Editing one site: what was changed in the form, and what to do when somebody was faster.

import type { Column, Interval } from "@core/types";

export type Values = Record<string, unknown>;

const empty = (value: unknown): boolean => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

export function same(a: unknown, b: unknown): boolean {
  if (empty(a) && empty(b)) return true;
  if (typeof a === "object" || typeof b === "object") return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  return String(a) === String(b);
}

/** Only what differs, with null for what was emptied. */
export function changesOf(before: Values, after: Values, columns: readonly Column[]): Values {
  const found: Values = {};
  for (const { name } of columns) {
    if (name in after && !same(before[name], after[name])) found[name] = empty(after[name]) ? null : after[name];
  }
  return found;
}

export interface Clash {
  column: string;
  before: unknown;
  mine: unknown;
  theirs: unknown;
  /** Both changed it, and not to the same. */
  both: boolean;
}

/** Field by field what I changed and what the other one changed since I opened the form. */
export function clashes(before: Values, mine: Values, current: Values, columns: readonly Column[]): Clash[] {
  return columns.flatMap(({ name }) => {
    const changedByMe = name in mine;
    const changedByThem = !same(before[name], current[name]);
    if (!changedByMe && !changedByThem) return [];
    return [{
      column: name, before: before[name] ?? null, mine: changedByMe ? mine[name] : before[name] ?? null, theirs: current[name] ?? null,
      both: changedByMe && changedByThem && !same(mine[name], current[name]),
    }];
  });
}

/** My changes on top of theirs: where both changed a field, only if I chose mine. */
export function merged(mine: Values, found: readonly Clash[], keepMine: ReadonlySet<string>, current: Values): Values {
  const result: Values = {};
  for (const [name, value] of Object.entries(mine)) {
    const both = found.find(({ column }) => column === name)?.both ?? false;
    if ((!both || keepMine.has(name)) && !same(value, current[name])) result[name] = value;
  }
  return result;
}

export function intervalOf(min: number | null, max: number | null, old: Interval | null): Interval | null {
  if (min === null && max === null) return null;
  return { min, min_inclusive: min !== null && (old?.min_inclusive ?? true), max, max_inclusive: max !== null && (old?.max_inclusive ?? true) };
}
