// What a scan saw, and how two scans differ.

export interface Found {
  parcel: { id: number; code: string; name: string; region_name: string };
  class: string;
  class_text: string;
  sub_kind_text: string;
  suspect: boolean;
  standing: string | null;
  standing_text: string | null;
  area_in_class_m2: number;
  idle_since: string | null;
  explanation: string | string[] | Record<string, unknown> | null;
  rule: { title: string; source: string; article: string | null };
}

export interface Scan {
  as_of: string;
  suspects: number;
  area_m2: number;
  warnings: number;
  unjudged: number;
  by_class: { class: string; class_text: string; cases: number; area_m2: number }[];
  by_standing: { standing: string; title: string; cases: number }[];
  truncated: boolean;
  findings: Found[];
}

const key = (one: Found): string => `${one.parcel.id}/${one.class}`;
export const suspects = (scan: Scan): Found[] => scan.findings.filter(({ suspect }) => suspect);

export function differs(before: Scan, after: Scan): { more: Found[]; less: Found[] } {
  const had = new Set(suspects(before).map(key));
  const has = new Set(suspects(after).map(key));
  return { more: suspects(after).filter((one) => !had.has(key(one))), less: suspects(before).filter((one) => !has.has(key(one))) };
}

export function explained(one: Found): string {
  const { explanation } = one;
  if (Array.isArray(explanation)) return explanation.join("；");
  if (explanation && typeof explanation === "object") return String(explanation.text ?? explanation.summary ?? one.rule.title);
  return explanation || one.rule.title;
}

export const ofClass = (scan: Scan, code: string): { cases: number; area_m2: number } =>
  scan.by_class.find((one) => one.class === code) ?? { cases: 0, area_m2: 0 };
