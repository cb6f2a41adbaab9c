// What the API answers to staff, as the OpenAPI document says it.

export type RoleCode = "officer" | "reviewer" | "leader" | "gis" | "viewer" | "admin";

export interface Grant {
  role: RoleCode;
  role_text?: string;
  region_code: string;
  region_name?: string;
}

export interface StaffUser {
  id: number;
  username: string;
  name: string;
  grants: Grant[];
  disabled?: boolean;
  totp?: boolean;
  /** Whether the password is still the one that an administrator gave. */
  first_password?: boolean;
  created_at?: string;
}

export interface Session {
  user: StaffUser;
  csrf: string;
  expires_at?: string;
  /** Whether one-time codes have to be set up before anything else. */
  totp_required: boolean;
  /** Whether the password is one that somebody else gave. */
  password_change_required: boolean;
}

export interface Listed<T> {
  items: T[];
  next: string | null;
  total?: number;
}

export type ColumnKind =
  | "text" | "code" | "hierarchy" | "texts" | "integer" | "number" | "area" | "boolean" | "date" | "instant" | "interval";

export interface Column {
  name: string;
  title: string;
  kind: ColumnKind;
  unit: string | null;
  choices: { code: string; title: string }[] | null;
  public: boolean;
  inLists: boolean;
}

export interface FilterParameter {
  name: string;
  column: string;
  title: string;
  unit: string | null;
}

export interface LayerInfo {
  name: string;
  title: string;
  columns: Column[];
  writable: string[];
  filters: FilterParameter[];
}

export interface Catalogue {
  layers: LayerInfo[];
  importStates: Record<string, string>;
  uploadMb: number;
  /** What the console's map of land is drawn in: that of the map below it. */
  mapCrs: "gcj02" | "cgcs2000";
}

export interface Interval {
  min: number | null;
  min_inclusive: boolean;
  max: number | null;
  max_inclusive: boolean;
}

export type Position = [number, number];
export interface MultiPolygon {
  type: "MultiPolygon";
  coordinates: Position[][][];
}

export interface Site {
  id: number;
  geometry: MultiPolygon | null;
  properties: Record<string, unknown> & { version: number; code?: string; name?: string; status?: string; status_text?: string };
}

export interface SitePage {
  numberMatched: number;
  numberReturned: number;
  dataVersion: number;
  dataAsOf: string | null;
  features: Site[];
  links: { rel: string; href: string }[];
}

export interface HistoryEntry {
  version: number;
  at: string;
  actor: string;
  actor_name?: string | null;
  action: string;
  action_text: string;
  reason?: string | null;
  changes: { column: string; title: string; before: unknown; after: unknown; before_text?: string | null; after_text?: string | null }[];
}

export interface Transition {
  status: string;
  title: string;
}

export interface ImportRun {
  id: number;
  layer: string;
  layerTitle: string;
  state: string;
  stateTitle: string;
  actions: string[];
  fileName: string;
  actor: string;
  createdAt: string;
  stagedAt: string | null;
  appliedAt: string | null;
  rolledBackAt: string | null;
  counts: Record<string, number>;
  problem: { code: string; message: string } | null;
  progress: { step: string; done: number; total: number } | null;
  options?: Record<string, unknown>;
  evidence?: ImportEvidence;
  findings?: { code: string; severity: Severity; count: number }[];
}

export type Severity = "error" | "warning" | "note";

export interface ImportEvidence {
  table?: string;
  mapped: Record<string, string>;
  unmapped: string[];
  crs: { how: string; epsg: number | null; gcj02: boolean; detail: string | null };
  encoding: { how: string; encoding: string | null; sample: string[] };
  remarks: { severity: Severity; message: string }[];
}

export interface Finding {
  row: number;
  code: string;
  severity: Severity;
  message: string;
  field: string | null;
  value: string | null;
  place: Position | null;
}

export interface Difference {
  row: number;
  code: string;
  column: string;
  title: string;
  before: string | null;
  after: string | null;
}
