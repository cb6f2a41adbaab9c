// Loading what a page shows: waiting, failed, there; the newest question wins.

import { type Ref, ref, shallowRef } from "vue";

export interface Load<T> {
  value: Ref<T | null>;
  error: Ref<Error | null>;
  busy: Ref<boolean>;
  run: () => Promise<void>;
}

export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>): Load<T> {
  const value = shallowRef<T | null>(null) as Ref<T | null>;
  const error = shallowRef<Error | null>(null);
  const busy = ref(false);
  let current: AbortController | null = null;

  async function run(): Promise<void> {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    busy.value = true;
    try {
      const found = await ask(mine.signal);
      if (current !== mine) return;
      value.value = found;
      error.value = null;
    } catch (failure) {
      if (current === mine) error.value = failure as Error;
    } finally {
      if (current === mine) busy.value = false;
    }
  }
  return { value, error, busy, run };
}
