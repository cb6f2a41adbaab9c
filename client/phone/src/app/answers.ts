// Answers on their way to a page: loading, there, kept from before, or failed.

import { reactive } from "vue";
import type { Api } from "@core/api";
import { Problem } from "@core/http";
import { investorApi } from "./people";
import { kept } from "./platform";

export interface Answer<T> {
  data: T | null;
  loading: boolean;
  /** When the shown data was given, if it is not new; milliseconds. */
  staleAt: number | null;
  problem: string;
  /** Whether asking again may help. */
  again: boolean;
}

export function noAnswer<T>(): Answer<T> {
  return reactive({ data: null, loading: true, staleAt: null, problem: "", again: true }) as Answer<T>;
}

/** Asks a path into the answer. Without a network the last answer to the same path is shown. */
export async function ask<T>(into: Answer<T>, path: string, fallbackPrefix?: string): Promise<void> {
  await settle(into, () => investorApi.at<T>(path).then((data) => { kept.put(path, data); return data; }), () =>
    kept.get<T>(path) ?? (fallbackPrefix ? kept.newest<T>(fallbackPrefix) : null));
}

/** The newest question of each answer, so that a slow old one never overwrites it. */
const newest = new WeakMap<object, number>();
let asked = 0;

export async function settle<T>(
  into: Answer<T>, work: () => Promise<T>, before: () => { answer: T; at: number } | null = () => null,
): Promise<void> {
  const mine = ++asked;
  newest.set(into, mine);
  into.loading = true;
  into.problem = "";
  try {
    const data = await work();
    if (newest.get(into) !== mine) return;
    into.data = data;
    into.staleAt = null;
  } catch (error) {
    if (newest.get(into) !== mine) return;
    into.problem = said(error);
    // Nobody there, or a server in trouble; anything else is an answer to this very question.
    into.again = !(error instanceof Problem) || error.status === 0 || error.status === 429 || error.status >= 500;
    const old = into.again ? before() : null;
    if (old) {
      into.data = old.answer;
      into.staleAt = old.at;
    } else if (!into.again) {
      into.data = null;
    }
  } finally {
    if (newest.get(into) === mine) into.loading = false;
  }
}

/** What went wrong in words for people. */
export function said(error: unknown): string {
  if (error instanceof Problem) return error.message;
  return "出现意外错误，请重试";
}

export type Work = (api: Api) => Promise<unknown>;
