// 五未土地 as staff see it: cases, what may be done now, the board, statistics and reports.

export interface Choice {
  value?: string;
  code?: string;
  title: string;
}

export interface Requirement {
  name: string;
  title: string;
  kind: "text" | "date" | "number" | "choice" | "choices" | "photo" | "document" | "user";
  choices?: (Choice | string)[] | null;
  required: boolean;
  /** What the case already tells; the form begins with it. */
  value?: string | null;
}

export interface CaseAction {
  action: string;
  title: string;
  requires: Requirement[];
}

export interface DisposalCase {
  id: number;
  case_no: string;
  parcel: {
    id: number; code: string; name: string; region_code: string; region_name: string; holder_name?: string | null; area_m2?: number;
    longitude: number; latitude: number;
  };
  class: string;
  class_text: string;
  round: number;
  state: string;
  state_text: string;
  source: string;
  source_text?: string;
  area_in_class_m2: number;
  disposed_area_m2: number;
  discovered_on: string;
  idle_since: string | null;
  cause: string | null;
  cause_text: string | null;
  measures: { measure: string; title: string }[];
  target_on?: string | null;
  target_area_m2?: number | null;
  responsible_unit: string | null;
  officer: number | null;
  officer_name: string | null;
  deadline_on: string | null;
  days_left: number | null;
  overdue: boolean;
  warning: boolean | string | null;
  legal: LegalTrack | null;
  rule: { id: number | null; title?: string; source?: string | null; article?: string | null; inputs: Record<string, unknown> | null } | null;
  version: number;
  updated_at: string;
  actions: CaseAction[];
  /** What leads the case on, whoever may do it. */
  next_step: { action: string; title: string; roles: string[] } | null;
}

/** 53号令 as it stands for one case on one day. */
export interface LegalTrack {
  start_due_on: string | null;
  start_due_basis_text: string | null;
  start_due_article: string | null;
  idle_on: string | null;
  recovery_on: string | null;
  line: string;
  line_text: string;
  idle_since: string | null;
  fee_wan: string | null;
  investigation_due_on: string | null;
  reply_due_on: string | null;
  hearing_due_on: string | null;
  payment_due_on: string | null;
  deregistration_due_on: string | null;
  transfer_frozen: boolean;
  options: { measure: string; title: string; article: string }[];
  mandatory: string | null;
  blocked: { measure: string; title: string; reason: string }[];
  facts: Record<string, unknown>;
}

export interface TimelineEntry {
  at: string;
  actor: string;
  actor_name: string | null;
  role: string | null;
  action: string;
  title: string;
  from_state: string | null;
  to_state: string | null;
  to_state_text?: string | null;
  happened_on?: string;
  comment: string | null;
  inputs: Record<string, unknown> | null;
  /** The inputs in the words of their form. */
  told: { name: string; title: string; text: string }[];
  evidence: Evidence[];
  documents: CaseDocument[];
}

export interface Evidence {
  id: number;
  kind: string;
  kind_text: string;
  file_name: string;
  url: string;
  thumb_url: string | null;
  note: string | null;
  taken_at: string | null;
  at: string;
  distance_m: number | null;
  /** What the file itself says, if the one who sent it said nothing. */
  exif_taken_at?: string | null;
  exif_distance_m?: number | null;
  is_far: boolean | null;
}

export interface CaseDocument {
  id: number;
  kind: string;
  title: string;
  doc_no: string | null;
  url: string;
  at: string;
}

export interface BoardColumn {
  state: string;
  state_text: string;
  cases: number;
  overdue: number;
  area_m2: number;
  area_mu: number;
}

export interface Enquiry {
  id: number;
  number: string;
  kind: string;
  kind_text: string;
  state: string;
  state_text: string;
  layer: string;
  site_id: number;
  site_code: string;
  site_name: string;
  contact_name: string | null;
  phone: string | null;
  visit_on: string | null;
  scheduled_for: string | null;
  created_at: string;
  first_response_due_at: string | null;
  first_responded_at: string | null;
  overdue: boolean;
  officer: { id: number; name: string } | null;
  officer_name: string | null;
  actions: { action: string; title: string }[];
  officers?: { id: number; name: string }[];
  messages: { at: string; from: "investor" | "staff"; name: string | null; text: string }[];
}
