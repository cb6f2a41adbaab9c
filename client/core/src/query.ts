// Query strings without URLSearchParams, which mini programs have not.

export type Query = Record<string, string>;

/** Commas, colons and slashes stay readable: the server takes them as they are. */
export function encode(value: string): string {
  return encodeURIComponent(value).replace(/%2C/gi, ",").replace(/%3A/gi, ":").replace(/%2F/gi, "/");
}

export function toQuery(values: Record<string, string | number | undefined | null>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${encode(name)}=${encode(String(value))}`)
    .join("&");
}

export function fromQuery(text: string): Query {
  const found: Query = {};
  for (const part of text.replace(/^[?#]/, "").split("&")) {
    if (!part) continue;
    const at = part.indexOf("=");
    const name = decode(at < 0 ? part : part.slice(0, at));
    if (name) found[name] = at < 0 ? "" : decode(part.slice(at + 1));
  }
  return found;
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return text;
  }
}

export function withQuery(path: string, values: Record<string, string | number | undefined | null>): string {
  const query = toQuery(values);
  return query ? `${path}?${query}` : path;
}
