// Shapes of the API's answers that the phone app reads.

import type { LayerName } from "./filters.ts";
import type { Box, Geometry } from "./geometry.ts";

export interface Column {
  name: string;
  title: string;
  kind: "text" | "texts" | "code" | "hierarchy" | "number" | "integer" | "area" | "interval" | "boolean" | "date" | "instant";
  unit: string | null;
  inLists: boolean;
  choices: { code: string; title: string }[] | null;
}

export interface Layer {
  name: LayerName;
  title: string;
  description: string;
  count: number;
  extent: Box | null;
  dataVersion: number;
  dataAsOf: string | null;
  columns: Column[];
}

export interface Look {
  title: string;
  color: string;
  fill: string;
  stroke: string;
  icon: string;
}

export interface Legend {
  layers: Record<LayerName, { title: string; cluster: string; statuses: Record<string, Look> }>;
  cluster: { fill: string; stroke: string; icon: string };
  icon_size: { width: number; height: number };
  /** Members that all marks of a kind share on WeChat's map. */
  drawing: {
    marker: Omit<Marker, "id" | "iconPath" | "label" | keyof Point> & { label: object };
    cluster: Omit<Marker, "id" | "label" | keyof Point> & { label: object };
    polygon: Omit<MapAnswer["polygons"][number], "points" | "strokeColor" | "fillColor">;
    polyline: Omit<MapAnswer["polyline"][number], "points" | "color">;
  };
  /** A map for browsers to draw below our land. */
  base_map: { credit: string; sources: Record<string, unknown> } | null;
}

export interface Point {
  latitude: number;
  longitude: number;
}

export interface Marker extends Point {
  id: number;
  iconPath: string;
  width: number;
  height: number;
  label: { content: string };
}

export interface MapSite {
  id: number;
  layer: LayerName;
  code: string;
  name: string;
  status: string;
  status_text: string;
  area_mu: number | null;
  cover: string | null;
}

export interface MapCluster {
  id: number;
  count: number;
  counts: Partial<Record<LayerName, number>>;
  bbox: Box;
}

export interface MapAnswer {
  crs: string;
  mode: "features" | "clusters";
  total: number;
  truncated: boolean;
  dataAsOf?: string | null;
  version: string;
  markers: Marker[];
  polygons: { points: Point[]; strokeWidth: number; strokeColor: string; fillColor: string }[];
  polygon_ids: number[];
  polyline: { points: Point[]; color: string; width: number; dottedLine: boolean }[];
  items: (MapSite | MapCluster)[];
}

export type Properties = Record<string, unknown> & {
  code: string;
  name: string;
  status: string;
  status_text: string;
  version: number;
  updated_at: string;
};

export interface Feature {
  type: "Feature";
  id: number;
  geometry: Geometry | null;
  properties: Properties;
}

export interface Collection {
  numberMatched: number;
  numberReturned: number;
  dataAsOf: string | null;
  links: { rel: string; href: string }[];
  features: Feature[];
}

export interface Contribution {
  term: string;
  title: string;
  figure: unknown;
  unit: string;
  value: number;
  weight: number;
  points: number;
  text: string;
}

export interface Reasons {
  score: number;
  completeness: number;
  contributions: Contribution[];
  for: string[];
  against: string[];
  constraints: { kind: string; title: string; violated: boolean; text: string }[];
  unchecked: string[];
  nearest?: { kind: string; name: string }[];
  change: { term: string; gain: number; text: string } | null;
}

export interface Ranked extends Feature {
  layer: LayerName;
  siting: Reasons & { rank: number; miss?: { column: string; text: string } };
}

export interface SitingAnswer {
  numberMatched: number;
  numberReturned: number;
  numberNearMissed: number;
  distance: string;
  dataAsOf: string | null;
  profile: { name: string; version: number; source: string };
  /** Hard conditions by layer, and what is weighed, in words. */
  understood: Record<string, string[]>;
  weighed: string[];
  links: { rel: string; href: string }[];
  removals: { layer: string; constraint: string; sites: number; failing: number; without: number; text: string }[];
  combinations: { layer: LayerName; ids: number[]; codes: string[]; area_m2: number; text: string }[];
  features: Ranked[];
  nearMisses: Ranked[];
}

export interface Comparison {
  method: string;
  distance: string;
  order: number[];
  sites: (Reasons & { layer: LayerName; id: number; properties: Properties })[];
  lines: { term: string; title: string; unit: string; figures: (number | boolean | null)[]; best: number[]; worst: number[] }[];
}

export interface Attachment {
  id: number;
  kind: "photo" | "document" | "panorama";
  title: string;
  url: string;
  thumb_url: string | null;
  width: number | null;
  height: number | null;
  taken_at: string | null;
}

export interface SiteRef {
  layer: LayerName;
  id: number;
}

export interface Favourite extends SiteRef {
  code: string;
  name: string;
  status: string;
  status_text: string;
  area_mu: number | null;
  added_at: string;
  gone: boolean;
}

export interface SavedSearch {
  id: number;
  name: string;
  path: string;
  notify: boolean;
  new_matches?: number;
  created_at?: string;
}

export interface Message {
  at: string;
  from: "investor" | "staff";
  name: string;
  text: string;
  /** Whether the text was judged; only staff are told. */
  verdict?: string;
}

export interface Enquiry {
  id: number;
  number: string;
  layer: LayerName;
  site_id: number;
  site_name?: string;
  kind: "enquiry" | "appointment";
  state: string;
  state_text: string;
  created_at?: string;
  visit_on?: string | null;
  scheduled_for?: string | null;
  officer_name?: string | null;
  phone?: string | null;
  actions?: { action: string; title: string }[];
  first_response_due_at: string | null;
  first_responded_at?: string | null;
  messages: Message[];
}

/** An enquiry as those see it who answer it. */
export interface StaffEnquiry extends Enquiry {
  site_code: string;
  kind_text: string;
  contact_name: string | null;
  overdue: boolean;
}

export interface InvestorSession {
  token: string;
  expires_at: string;
  investor: { id: number; has_phone: boolean; consented: boolean };
}

export interface Grant {
  role: string;
  role_text: string;
  region_code: string;
  region_name: string;
}

export interface StaffUser {
  id: number;
  username: string;
  name: string;
  grants: Grant[];
}

export interface StaffSession {
  token: string;
  csrf: string;
  expires_at: string;
  totp_required: boolean;
  password_change_required: boolean;
  user: StaffUser;
}

export interface DisposalCase {
  id: number;
  case_no: string | null;
  parcel: { id: number; code: string; name: string; longitude: number | null; latitude: number | null };
  class: string;
  class_text: string;
  state: string;
  state_text: string;
  deadline_on: string | null;
  days_left: number | null;
  overdue: boolean;
  warning: string | null;
  version: number;
  updated_at: string;
}

/** A case with all that is told of it where it stands. */
export interface OpenCase extends DisposalCase {
  area_in_class_mu: number | null;
  disposed_area_mu: number | null;
  idle_since: string | null;
  discovered_on: string | null;
  cause_text: string | null;
  officer_name: string | null;
  rule: { title: string } | null;
  actions: { action: string; title: string }[];
  /** How many photos and papers were taken; missing where nobody asked. */
  evidence?: number;
}

/** A listing that is stale, or soon will be. */
export interface Stale extends SiteRef {
  code: string;
  name: string;
  status: string;
  status_text: string;
  verified_at: string | null;
  days_left: number;
  pending_verification: boolean;
}

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number;
}
