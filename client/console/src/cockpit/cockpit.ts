// The numbers of the wall screen as the server gives them, and how they are written large.

import { figure } from "@core/format";

export interface Metric { id: string; group: "land" | "disposal" | "service" | "freshness"; title: string; value: number | null; unit: string; href: string; definition: string }
export interface Part { code: string; title: string; count: number; mu: number; href: string }
export interface Month { month: string; found: number; closed: number }
export interface Numbers {
  as_of: string;
  region: { code: string; name: string };
  metrics: Metric[];
  series: {
    parcels_by_status: Part[]; cases_by_class: Part[]; cases_by_state: Part[]; cases_by_county: Part[]; cases_by_month: Month[];
    enquiries_by_day?: { day: string; asked: number; answered: number }[];
  };
}

/** Large numbers without decimals, small ones with one; nothing to say is a dash. */
export function large(value: number | null): string {
  if (value === null) return "—";
  return figure(value, Math.abs(value) >= 1000 ? 0 : 1);
}

export const ofGroup = (found: Numbers, group: Metric["group"]): Metric[] => found.metrics.filter((one) => one.group === group);
