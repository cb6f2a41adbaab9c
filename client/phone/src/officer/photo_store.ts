// Photos that wait for the network: kept on the device until the server has them.

import { Problem } from "@core/http";
import type { Waiting } from "@core/queue";
import { people } from "../app/people";

export interface PhotoStore {
  /** Keeps the photo behind a temporary path; the name under which it is found again. */
  keep(path: string, name: string): Promise<string>;
  forget(name: string): Promise<void>;
  /** Sends the write with its photo; rejects with a Problem. */
  send(write: Waiting): Promise<unknown>;
}

/** Whose writes may be sent now. */
export const ownerNow = () => people.staff?.user.username;

/** Raises a passing problem where another account is there than the one that made the write. */
export function headersOf(write: Waiting): Record<string, string> {
  if (write.owner !== ownerNow()) throw new Problem(401, "unauthenticated", "没有登录", "请用原来的账号登录后再发送");
  return { ...write.headers, "Idempotency-Key": write.key, Authorization: `Bearer ${people.staff?.token ?? ""}` };
}
