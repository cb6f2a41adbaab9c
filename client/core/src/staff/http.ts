// How staff ask the API: a session cookie with its CSRF token, versions by If-Match,
// changes with an Idempotency-Key, refusals as RFC 9457 problems.

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Ask {
  query?: Query;
  body?: unknown;
  form?: FormData;
  version?: number;
  /** The same for every retry of one change. */
  key?: string;
  signal?: AbortSignal;
}

const ROOT = "/api/v1";

/** What the server refused, in its own words. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly members: Record<string, unknown>;

  constructor(status: number, members: Record<string, unknown>) {
    super(String(members.detail || members.title || `请求失败（${status}）`));
    this.status = status;
    this.code = String(members.type ?? "").replace(/^.*:/, "");
    this.members = members;
  }
}

/** Nothing came back: no network, or the server is away. */
export class Offline extends Error {
  constructor() {
    super("网络不通或服务没有响应，请检查网络后重试");
  }
}

export function search(query: Query = {}): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return pairs.length ? `?${pairs.join("&")}` : "";
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class StaffHttp {
  csrf = "";
  onUnauthenticated: () => void = () => undefined;
  /** Asks for the password again; whether it was given. */
  onConfirmation: () => Promise<boolean> = () => Promise.resolve(false);
  private readonly fetcher: typeof fetch;

  constructor(fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.fetcher = fetcher;
  }

  headers(ask: Ask = {}, changing = false): Record<string, string> {
    return {
      Accept: "application/json, application/geo+json",
      ...(changing && this.csrf ? { "X-CSRF-Token": this.csrf } : {}),
      ...(ask.key ? { "Idempotency-Key": ask.key } : {}),
      ...(ask.version === undefined ? {} : { "If-Match": `"${ask.version}"` }),
      ...(ask.body === undefined ? {} : { "Content-Type": "application/json" }),
    };
  }

  async send(method: string, path: string, ask: Ask = {}): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetcher(ROOT + path + search(ask.query), {
        method,
        headers: this.headers(ask, method !== "GET"),
        body: ask.form ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body)),
        signal: ask.signal,
        credentials: "same-origin",
      });
    } catch (error) {
      if (ask.signal?.aborted) throw error;
      throw new Offline();
    }
    if (response.ok) return response;
    throw await this.refusal(response);
  }

  private async refusal(response: Response): Promise<Problem> {
    let members: Record<string, unknown> = {};
    try {
      members = await response.json();
    } catch {
      // A proxy answered, not the application.
    }
    const problem = new Problem(response.status, members);
    if (problem.status === 401 && problem.code === "unauthenticated") this.onUnauthenticated();
    return problem;
  }

  async get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return (await this.send("GET", path, { query, signal })).json();
  }

  async change<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, ask: Ask = {}): Promise<T> {
    const asked = { key: newKey(), ...ask };
    const response = await this.send(method, path, asked).catch(async (error: unknown) => {
      const again = error instanceof Problem && error.code === "confirmation-required" && await this.onConfirmation();
      if (!again) throw error;
      return this.send(method, path, asked);
    });
    const text = await response.text();
    return (text ? JSON.parse(text) : null) as T;
  }

  /** With XMLHttpRequest: fetch does not tell how much of a body is sent. */
  upload<T>(path: string, form: FormData, progress: (sent: number, total: number) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", ROOT + path);
      for (const [name, value] of Object.entries(this.headers({ key: newKey() }, true))) {
        request.setRequestHeader(name, value);
      }
      request.upload.onprogress = (event) => progress(event.loaded, event.total);
      request.onerror = () => reject(new Error("上传中断，请检查网络后重试"));
      request.onload = () => {
        let body: Record<string, unknown> = {};
        try {
          body = JSON.parse(request.responseText);
        } catch {
          // Not an answer of ours.
        }
        if (request.status < 300) resolve(body as T);
        else reject(new Problem(request.status, body));
      };
      request.send(form);
    });
  }
}
