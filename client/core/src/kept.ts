// Last answers kept on the device, so that a bad network shows yesterday's map instead of nothing.

import type { Store } from "./queue.ts";

interface Entry {
  path: string;
  at: number;
}

const INDEX = "kandi.kept";
const MOST = 40;
const LONGEST = 200_000;

export class Kept {
  constructor(private readonly store: Store & { remove(key: string): void }, private readonly now: () => number) {}

  put(path: string, answer: unknown): void {
    const text = JSON.stringify(answer);
    if (text.length > LONGEST) return;
    const entries = [{ path, at: this.now() }, ...this.index().filter((one) => one.path !== path)];
    for (const old of entries.splice(MOST)) this.store.remove(INDEX + old.path);
    try {
      this.store.set(INDEX + path, text);
      this.store.set(INDEX, JSON.stringify(entries));
    } catch {
      // A full store keeps nothing new; what is shown does not depend on it.
    }
  }

  /** Forgets the answers to these questions. */
  drop(...paths: string[]): void {
    for (const path of paths) this.store.remove(INDEX + path);
    this.store.set(INDEX, JSON.stringify(this.index().filter((one) => !paths.includes(one.path))));
  }

  /** Forgets the answers to all questions of a kind. */
  dropAll(kind: (path: string) => boolean): void {
    this.drop(...this.index().map(({ path }) => path).filter(kind));
  }

  /** The last answer to that question and when it was given, in milliseconds. */
  get<T>(path: string): { answer: T; at: number } | null {
    const entry = this.index().find((one) => one.path === path);
    const text = entry && this.store.get(INDEX + path);
    if (!entry || !text) return null;
    try {
      return { answer: JSON.parse(text) as T, at: entry.at };
    } catch {
      return null;
    }
  }

  /** The newest kept answer whose path begins so. */
  newest<T>(prefix: string): { answer: T; at: number } | null {
    const entry = this.index().find((one) => one.path.startsWith(prefix));
    return entry ? this.get<T>(entry.path) : null;
  }

  private index(): Entry[] {
    try {
      return JSON.parse(this.store.get(INDEX) ?? "[]") as Entry[];
    } catch {
      return [];
    }
  }
}
