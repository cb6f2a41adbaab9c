// The numbers of the wall screen as the server gives them, and how they are written large.

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

const WHOLE = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 0 });
const ONE = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 1 });

/** Large numbers without decimals, small ones with one; nothing to say is a dash. */
export function large(value: number | null): string {
  if (value === null) return "—";
  return Math.abs(value) >= 1000 || Number.isInteger(value) ? WHOLE.format(value) : ONE.format(value);
}

export const ofGroup = (found: Numbers, group: Metric["group"]): Metric[] => found.metrics.filter((one) => one.group === group);
