// Writes that wait for the network: kept on the device, sent in order, each at most once, and by
// whoever made them alone.

import { Problem } from "./http.ts";

export interface Store {
  get(key: string): string | null;
  set(key: string, value: string): void;
}

export interface Waiting {
  /** The Idempotency-Key: the server does a repeated write once. */
  key: string;
  title: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: unknown;
  /** Name of a kept file that goes as the part `file` of a form; `body` are its fields then. */
  file?: string;
  createdAt: number;
  attempts: number;
  /** Whose it is: nobody else sees or sends it. */
  owner?: string;
  /** Why the server refused it; a person has to decide. */
  refused?: { status: number; code: string; detail: string; members: Record<string, unknown> };
}

export type Send = (write: Waiting) => Promise<unknown>;

const KEY = "kandi.queue";

/** One queue a device. Everything is in the store before it is sent and until the server has it. */
export class Queue {
  private sending: Promise<void> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly store: Store,
    private readonly send: Send,
    private readonly forget: (file: string) => Promise<void> = async () => undefined,
    private readonly owner: () => string | undefined = () => undefined,
  ) {}

  /** What waits of who is there now. */
  list(): Waiting[] {
    return this.all().filter((one) => one.owner === this.owner());
  }

  /** How many wait of somebody else. */
  get others(): number {
    return this.all().length - this.list().length;
  }

  private all(): Waiting[] {
    try {
      return JSON.parse(this.store.get(KEY) ?? "[]") as Waiting[];
    } catch {
      return [];
    }
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(write: Omit<Waiting, "createdAt" | "attempts">, now: number): void {
    this.save([...this.all(), { ...write, owner: this.owner(), createdAt: now, attempts: 0 }]);
  }

  /** Sends what waits, oldest first, until all is sent or the network is away. */
  flush(): Promise<void> {
    this.sending ??= this.drain().finally(() => { this.sending = null; });
    return this.sending;
  }

  /** Puts a refused write back in line, changed if need be. */
  retry(key: string, change: Partial<Pick<Waiting, "key" | "headers" | "body">> = {}): void {
    this.save(this.all().map((one) => (one.key === key ? { ...one, ...change, refused: undefined } : one)));
  }

  async discard(key: string): Promise<void> {
    const gone = this.all().find((one) => one.key === key);
    this.save(this.all().filter((one) => one.key !== key));
    if (gone?.file) await this.forget(gone.file);
  }

  private async drain(): Promise<void> {
    for (;;) {
      const next = this.list().find((one) => !one.refused);
      if (!next) return;
      this.update(next.key, { attempts: next.attempts + 1 });
      try {
        await this.send(next);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // 401: the session has ended; the write waits until somebody logs in again.
        if (error.passing || error.status === 401 || error.status === 429) return;
        const { status, code, detail, members } = error;
        this.update(next.key, { refused: { status, code, detail, members } });
        continue;
      }
      await this.discard(next.key);
    }
  }

  private update(key: string, change: Partial<Waiting>): void {
    this.save(this.all().map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  private save(list: Waiting[]): void {
    this.store.set(KEY, JSON.stringify(list));
    for (const listener of this.listeners) listener();
  }
}
