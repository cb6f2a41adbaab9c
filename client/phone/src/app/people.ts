// Who uses this device: an investor without a name, or staff who logged in.

import { reactive } from "vue";
import { Api } from "@core/api";
import { Problem } from "@core/http";
import type { InvestorSession, StaffSession, StaffUser } from "@core/types";
import { kept, makeHttp, store } from "./platform";

const INVESTOR = "kandi.investor";
const STAFF = "kandi.staff";

interface People {
  investor: InvestorSession | null;
  staff: { token: string; user: StaffUser; expires_at: string } | null;
}

export const people = reactive<People>({ investor: read(INVESTOR), staff: read(STAFF) });

/** Asks as an investor. */
export const investorApi = new Api(makeHttp(() => bearer(people.investor?.token)));
export const staffHttp = makeHttp(() => bearer(people.staff?.token));
/** Asks as staff. */
export const staffApi = new Api(staffHttp);
/** Asks as whoever has this token and is not let in yet. */
export const apiOf = (token: string) => new Api(makeHttp(() => bearer(token)));

function bearer(token: string | undefined): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function read<T extends { expires_at: string }>(key: string): T | null {
  try {
    const held = JSON.parse(store.get(key) ?? "null") as T | null;
    return held && Date.parse(held.expires_at) > Date.now() ? held : null;
  } catch {
    return null;
  }
}

let opening: Promise<unknown> | null = null;

/** Runs what needs an investor; opens a session first, and once again if the server forgot it. */
export async function asInvestor<T>(work: (api: Api) => Promise<T>): Promise<T> {
  await open();
  try {
    return await work(investorApi);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    keepInvestor(null);
    await open();
    return work(investorApi);
  }
}

function open(): Promise<unknown> {
  if (people.investor) return Promise.resolve();
  opening ??= enter().then(keepInvestor).finally(() => { opening = null; });
  return opening;
}

async function enter(): Promise<InvestorSession> {
  // #ifdef MP-WEIXIN
  const { code } = await new Promise<{ code: string }>((success, fail) => { uni.login({ success, fail }); });
  return investorApi.wechat(code);
  // #endif
  // #ifndef MP-WEIXIN
  return investorApi.guest();
  // #endif
}

export function keepInvestor(session: InvestorSession | null): void {
  people.investor = session;
  if (session) store.set(INVESTOR, JSON.stringify(session));
  else store.remove(INVESTOR);
}

export function consented(): void {
  if (people.investor) keepInvestor({ ...people.investor, investor: { ...people.investor.investor, consented: true } });
}

export function keepStaff(session: StaffSession | null): void {
  people.staff = session && { token: session.token, user: session.user, expires_at: session.expires_at };
  if (people.staff) store.set(STAFF, JSON.stringify(people.staff));
  else forgetStaff();
}

/** What the server said to staff alone is not for the next person at this device. */
function forgetStaff(): void {
  store.remove(STAFF);
  kept.dropAll((path) => path === "tasks" || path === "stale" || path.startsWith("case/") || path.includes("crs=cgcs2000") || path.endsWith("/transitions"));
}
if (!people.staff) forgetStaff();

/** Ends the session here when the server no longer knows it; whether it was so. */
export function ended(error: unknown): boolean {
  if (!(error instanceof Problem) || error.status !== 401) return false;
  keepStaff(null);
  return true;
}
