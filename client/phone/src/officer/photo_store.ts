// Photos that wait for the network: kept on the device until the server has them.

import type { Waiting } from "@core/queue";
import { people } from "../app/people";

export interface PhotoStore {
  /** Keeps the photo behind a temporary path; the name under which it is found again. */
  keep(path: string, name: string): Promise<string>;
  forget(name: string): Promise<void>;
  /** Sends the write with its photo; rejects with a Problem. */
  send(write: Waiting): Promise<unknown>;
}

export function headersOf(write: Waiting): Record<string, string> {
  return { ...write.headers, "Idempotency-Key": write.key, Authorization: `Bearer ${people.staff?.token ?? ""}` };
}
