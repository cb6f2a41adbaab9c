// Asking the server: one way out for every client, with retry, problems as errors, and tokens.

export interface Asked {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
}

export interface Answered {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  text: string;
}

/** Sends one request; rejects only when no answer came. */
export type Transport = (asked: Asked) => Promise<Answered>;

/** RFC 9457 problem of the server, or what stood in the way of an answer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly members: Record<string, unknown> = {},
  ) {
    super(detail || title);
    this.name = "Problem";
  }

  /** Whether no answer came at all. */
  get offline(): boolean {
    return this.status === 0;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 502 || this.status === 504;
  }
}

export const OFFLINE = "网络不通，请检查网络后重试";

export function problemOf(answer: Answered): Problem {
  let told: Record<string, unknown> = {};
  try {
    told = JSON.parse(answer.text) as Record<string, unknown>;
  } catch {
    // A proxy's own page, not a problem of ours.
  }
  const code = String(told.type ?? "").replace("urn:kandi:problem:", "") || `http-${answer.status}`;
  const title = String(told.title ?? "请求未能完成");
  return new Problem(answer.status, code, title, String(told.detail ?? (answer.status >= 500 ? `服务器暂时出错（${answer.status}），请稍后再试` : `服务器回答 ${answer.status}`)), told);
}

/** Browsers, Node and the console. */
export function fetchTransport(fetcher: typeof fetch): Transport {
  return async ({ method, url, headers, body, timeoutMs }) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeoutMs);
    try {
      const response = await fetcher(url, { method, headers, body, signal: stop.signal, credentials: "same-origin" });
      const found: Record<string, string> = {};
      response.headers.forEach((value, name) => { found[name.toLowerCase()] = value; });
      return { status: response.status, headers: found, text: await response.text() };
    } finally {
      clearTimeout(timer);
    }
  };
}

interface UniRequest {
  request(options: {
    url: string;
    method: string;
    header: Record<string, string>;
    data?: string;
    dataType: string;
    responseType: string;
    timeout: number;
    success(answer: { statusCode: number; header: Record<string, string>; data: unknown }): void;
    fail(error: unknown): void;
  }): unknown;
}

/** Mini programs, whose network is `uni.request`. */
export function uniTransport(uni: UniRequest): Transport {
  return ({ method, url, headers, body, timeoutMs }) => new Promise((resolve, reject) => {
    uni.request({
      url,
      // `wx.request` knows no PATCH: the server takes it from this header of a POST.
      method: method === "PATCH" ? "POST" : method,
      header: method === "PATCH" ? { ...headers, "X-HTTP-Method-Override": "PATCH" } : headers,
      data: body,
      dataType: "text",
      responseType: "text",
      timeout: timeoutMs,
      success: ({ statusCode, header, data }) => {
        const found: Record<string, string> = {};
        for (const [name, value] of Object.entries(header ?? {})) found[name.toLowerCase()] = String(value);
        resolve({ status: statusCode, headers: found, text: typeof data === "string" ? data : JSON.stringify(data) });
      },
      fail: reject,
    });
  });
}

export interface HttpOptions {
  base: string;
  transport: Transport;
  /** Headers that say who asks; asked for at every request. */
  identity?: () => Record<string, string>;
  wait?: (ms: number) => Promise<void>;
  /** Whether the device says that it has a network; without one nothing is tried again. */
  connected?: () => boolean;
}

export interface Sent {
  headers?: Record<string, string>;
  timeoutMs?: number;
}

const RETRIES = 2;
const PAUSE_MS = 700;

/** The API below one base address. Reads are tried three times, writes once: a queue repeats those. */
export class Http {
  constructor(private readonly options: HttpOptions) {}

  get base(): string {
    return this.options.base;
  }

  async get<T>(path: string, sent: Sent = {}): Promise<T> {
    const wait = this.options.wait ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
    for (let left = RETRIES; ; left -= 1) {
      try {
        return (await this.send<T>("GET", path, undefined, sent)) as T;
      } catch (error) {
        if (!left || !(error instanceof Problem) || !error.passing || this.options.connected?.() === false) throw error;
        await wait(PAUSE_MS * (RETRIES - left + 1));
      }
    }
  }

  async send<T>(method: string, path: string, body?: unknown, sent: Sent = {}): Promise<T> {
    const headers: Record<string, string> = {
      Accept: "application/json, application/geo+json, application/problem+json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...this.options.identity?.(),
      ...sent.headers,
    };
    const answer = await this.answered({
      method,
      url: this.options.base + path,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: sent.timeoutMs ?? 12_000,
    });
    return (answer.text ? JSON.parse(answer.text) : null) as T;
  }

  private async answered(asked: Asked): Promise<Answered> {
    let answer: Answered;
    try {
      answer = await this.options.transport(asked);
    } catch {
      throw new Problem(0, "offline", "网络不通", OFFLINE);
    }
    if (answer.status === 0) throw new Problem(0, "offline", "网络不通", OFFLINE);
    if (answer.status >= 400) throw problemOf(answer);
    return answer;
  }
}

/** Text no two devices choose alike: the key under which a write is done at most once. */
export function freshKey(random: () => number = Math.random): string {
  const part = () => Math.floor(random() * 0x100000000).toString(16).padStart(8, "0");
  return `${Date.now().toString(36)}-${part()}${part()}${part()}`;
}
