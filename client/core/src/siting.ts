// What a site selector needs, and its spelling for the siting API and for share links.
// `must` are filters of lists, distances and constraints; `want` are figures with weights.

import { fromQuery, toQuery, type Query } from "./query.ts";
import type { SitingAnswer } from "./types.ts";

export type SitedLayer = "parcels" | "plants";

export interface Needs {
  layer: SitedLayer;
  must: Record<string, string>;
  /** Figure -> `around(50,20)*3`; empty text takes the profile's own function and weight. */
  want: Record<string, string>;
}

export interface Body {
  layers: SitedLayer[];
  must?: Record<string, string>;
  want?: Record<string, string>;
  limit?: number;
}

const WANT = "want.";
const OPTIONS = new Set(["layers", "profile", "limit", "crs"]);

export function noNeeds(layer: SitedLayer = "parcels"): Needs {
  return { layer, must: {}, want: {} };
}

export function toBody(needs: Needs, limit = 20): Body {
  const body: Body = { layers: [needs.layer], limit };
  if (Object.keys(needs.must).length) body.must = { ...needs.must };
  if (Object.keys(needs.want).length) body.want = { ...needs.want };
  return body;
}

/** The criteria of a share link: the same text that GET /siting takes. */
export function toText(needs: Needs): string {
  const want = Object.fromEntries(Object.entries(needs.want).map(([name, text]) => [`${WANT}${name}`, text]));
  // A want without words stands there with nothing behind its name, so it is not left out.
  const bare = Object.keys(want).filter((name) => !want[name]);
  const query = toQuery({ layers: needs.layer, ...needs.must, ...want });
  return [query, ...bare.map((name) => `${name}=`)].join("&");
}

export function fromText(text: string): Needs {
  return fromValues(fromQuery(text));
}

export function fromValues(query: Query): Needs {
  const needs = noNeeds(query.layers === "plants" ? "plants" : "parcels");
  for (const [name, value] of Object.entries(query)) {
    if (name.startsWith(WANT)) needs.want[name.slice(WANT.length)] = value;
    else if (!OPTIONS.has(name) && value) needs.must[name] = value;
  }
  return needs;
}

/** A target with a tolerance of so many percent, three times as heavy as what is merely wished. */
export function around(target: number, percent = 40): string {
  return `around(${target},${Math.max(1, Math.round((target * percent) / 100))})*3`;
}

export function targetOf(text: string | undefined): number | null {
  const found = /^around\(([\d.]+),/.exec(text ?? "");
  return found ? Number(found[1]) : null;
}

/** What was asked, in the words of the answer: what must be, and what is weighed; the kind of site alone without one. */
export function asked(needs: Needs, answer: SitingAnswer | null): { must: string; want: string } {
  const kind = needs.layer === "parcels" ? "地块" : "厂房";
  // An answer that was kept by an older app has no words.
  return { must: [kind, ...(answer?.understood?.[needs.layer] ?? [])].join(" · "), want: (answer?.weighed ?? []).join("、") };
}
