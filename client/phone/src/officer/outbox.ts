// The officer's outbox: every change goes through it, so that a dead network loses nothing.

import { reactive, watch } from "vue";
import { freshKey } from "@core/http";
import { Queue, type Waiting } from "@core/queue";
import { people, staffHttp } from "../app/people";
import { store } from "../app/platform";
import { photos } from "./files";
import { ownerNow } from "./photo_store";

function send(write: Waiting): Promise<unknown> {
  if (write.file) return photos.send(write);
  return staffHttp.send(write.method, write.path, write.body, { headers: { ...write.headers, "Idempotency-Key": write.key } });
}

const queue = new Queue(store, send, photos.forget, ownerNow);

class Outbox {
  readonly state = reactive<{ waiting: Waiting[]; others: number; sending: boolean }>({ waiting: [], others: 0, sending: false });

  start(): void {
    const look = () => Object.assign(this.state, { waiting: queue.list(), others: queue.others });
    queue.onChange(look);
    watch(ownerNow, look, { immediate: true, flush: "sync" });
    uni.onNetworkStatusChange(({ isConnected }) => { if (isConnected) void this.flush(); });
    void this.flush();
  }

  /** Keeps the write and tries to send it; whether it has arrived. */
  async put(write: Pick<Waiting, "title" | "method" | "path"> & Partial<Waiting>): Promise<boolean> {
    const key = write.key ?? freshKey();
    queue.add({ headers: {}, ...write, key }, Date.now());
    await this.flush();
    return !queue.list().some((one) => one.key === key);
  }

  async flush(): Promise<void> {
    if (!people.staff || this.state.sending) return;
    this.state.sending = true;
    try {
      await queue.flush();
    } finally {
      this.state.sending = false;
    }
  }

  /** The write with this key as it waits now. */
  find = (key: string): Waiting | undefined => queue.list().find((one) => one.key === key);

  async again(key: string, change: Partial<Pick<Waiting, "headers" | "body">> = {}): Promise<void> {
    // What is sent is another request now: under the old key the server would refuse it.
    const renewed = Object.keys(change).length ? { key: freshKey() } : {};
    queue.retry(key, { ...renewed, ...change });
    await this.flush();
  }

  discard = (key: string): Promise<void> => queue.discard(key);

  /** Leaves nothing of who is there on this device. */
  async discardAll(): Promise<void> {
    for (const { key } of queue.list()) await queue.discard(key);
  }
}

export const outbox = new Outbox();
