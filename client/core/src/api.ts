// The API as functions: one for each question that the phone app asks. `OPERATIONS` lists them for
// the test that compares them with the server's own OpenAPI document.

import type { LayerName } from "./filters.ts";
import type { Http } from "./http.ts";
import { withQuery, type Query } from "./query.ts";
import type { Body } from "./siting.ts";
import type * as T from "./types.ts";

const ROOT = "/api/v1";

/** Method and path of every operation that the functions below use. */
export const OPERATIONS = [
  "GET /layers", "GET /legend", "GET /map", "GET /identify", "GET /regions",
  "GET /parcels", "GET /plants", "GET /parks", "GET /parcels/{id}", "GET /plants/{id}", "GET /parks/{id}",
  "POST /siting", "POST /compare",
  "GET /parcels/{id}/attachments", "POST /parcels/{id}/attachments", "PATCH /parcels/{id}",
  "GET /parcels/{id}/transitions",
  "POST /session", "GET /session", "DELETE /session", "POST /session/password", "POST /session/guest", "POST /session/wechat",
  "GET /me", "DELETE /me", "POST /me/consent", "POST /me/phone",
  "GET /me/favourites", "PUT /me/favourites/{layer}/{id}", "DELETE /me/favourites/{layer}/{id}",
  "GET /me/searches", "POST /me/searches", "DELETE /me/searches/{id}", "POST /me/searches/{id}/seen",
  "GET /privacy-notice",
  "GET /visit-days", "GET /me/enquiries", "POST /me/enquiries", "GET /me/enquiries/{id}", "POST /me/enquiries/{id}/messages",
  "POST /me/enquiries/{id}/cancel", "POST /shares", "GET /shares/{code}",
  "GET /disposal-cases", "POST /disposal-cases/{id}/evidence", "GET /freshness",
  "GET /disposal-cases/{id}", "GET /disposal-cases/{id}/evidence", "GET /enquiries", "GET /enquiries/{id}", "POST /enquiries/{id}/actions",
] as const;

export interface NewEnquiry {
  layer: LayerName;
  site_id: number;
  kind: "enquiry" | "appointment";
  message: string;
  contact_name: string;
  phone?: string;
  phone_code?: string;
  visit_on?: string;
}

/** Questions and wishes to one server. */
export class Api {
  constructor(private readonly http: Http) {}

  layers = () => this.http.get<{ layers: T.Layer[] }>(`${ROOT}/layers`);
  legend = () => this.http.get<T.Legend>(`${ROOT}/legend`);
  regions = () => this.http.get<T.Collection>(`${ROOT}/regions?level=county`);

  static mapPath = (bbox: string, zoom: number, filters: Query) => withQuery(`${ROOT}/map`, { form: "packed", bbox, zoom, ...filters });
  static listPath = (layer: LayerName, query: Query) => withQuery(`${ROOT}/${layer}`, query);
  static sitePath = (layer: LayerName, id: number) => `${ROOT}/${layer}/${id}`;
  static sheetPath = (layer: LayerName, id: number) => `${ROOT}/${layer}/${id}/sheet.pdf`;

  at = <A>(path: string) => this.http.get<A>(path);
  siting = (body: Body) => this.http.send<T.SitingAnswer>("POST", `${ROOT}/siting`, body);
  compare = (sites: T.SiteRef[]) => this.http.send<T.Comparison>("POST", `${ROOT}/compare`, { sites });
  identify = (query: { lng: number; lat: number; zoom: number; layers: string }) =>
    this.http.get<{ sites: { layer: LayerName; id: number; properties: T.Properties }[] }>(withQuery(`${ROOT}/identify`, query));
  attachments = (layer: LayerName, id: number) => this.http.get<{ items: T.Attachment[] }>(`${ROOT}/${layer}/${id}/attachments`);

  guest = () => this.http.send<T.InvestorSession>("POST", `${ROOT}/session/guest`, {});
  wechat = (code: string) => this.http.send<T.InvestorSession>("POST", `${ROOT}/session/wechat`, { code });
  me = () => this.http.get<Record<string, unknown>>(`${ROOT}/me`);
  erase = () => this.http.send<null>("DELETE", `${ROOT}/me`);
  consent = (version: string) => this.http.send<unknown>("POST", `${ROOT}/me/consent`, { version });
  phone = (code: string) => this.http.send<unknown>("POST", `${ROOT}/me/phone`, { code });

  favourites = () => this.http.get<{ items: T.Favourite[] }>(`${ROOT}/me/favourites`);
  keep = ({ layer, id }: T.SiteRef) => this.http.send<unknown>("PUT", `${ROOT}/me/favourites/${layer}/${id}`, {});
  drop = ({ layer, id }: T.SiteRef) => this.http.send<unknown>("DELETE", `${ROOT}/me/favourites/${layer}/${id}`);

  searches = () => this.http.get<{ items: T.SavedSearch[] }>(`${ROOT}/me/searches`);
  saveSearch = (search: { name: string; path: string; notify: boolean }) =>
    this.http.send<T.SavedSearch>("POST", `${ROOT}/me/searches`, search);
  seen = (id: number) => this.http.send<unknown>("POST", `${ROOT}/me/searches/${id}/seen`, {});
  notice = () => this.http.get<{ version: string; effective_from: string; text: string }>(`${ROOT}/privacy-notice`);
  dropSearch = (id: number) => this.http.send<unknown>("DELETE", `${ROOT}/me/searches/${id}`);

  /** Days on which a visit can be had, each as `2026-11-24`. */
  visitDays = () => this.http.get<{ days: string[] }>(`${ROOT}/visit-days`);
  enquiries = () => this.http.get<{ items: T.Enquiry[] }>(`${ROOT}/me/enquiries`);
  enquiry = (id: number) => this.http.get<T.Enquiry>(`${ROOT}/me/enquiries/${id}`);
  enquire = (enquiry: NewEnquiry, key: string) =>
    this.http.send<T.Enquiry>("POST", `${ROOT}/me/enquiries`, enquiry, { headers: { "Idempotency-Key": key } });
  say = (id: number, text: string, key: string) =>
    this.http.send<unknown>("POST", `${ROOT}/me/enquiries/${id}/messages`, { text }, { headers: { "Idempotency-Key": key } });
  cancel = (id: number) => this.http.send<unknown>("POST", `${ROOT}/me/enquiries/${id}/cancel`, {});

  share = (path: string) => this.http.send<{ code: string; scene: string; url: string }>("POST", `${ROOT}/shares`, { path });
  shared = (code: string) => this.http.get<{ path: string }>(`${ROOT}/shares/${code}`);

  login = (username: string, password: string, totp?: string) =>
    this.http.send<T.StaffSession>("POST", `${ROOT}/session`, { username, password, ...(totp ? { totp } : {}) });
  session = () => this.http.get<{ user: T.StaffUser; csrf: string }>(`${ROOT}/session`);
  changePassword = (current: string, password: string) =>
    this.http.send<null>("POST", `${ROOT}/session/password`, { current, password });
  logout = () => this.http.send<null>("DELETE", `${ROOT}/session`);
  transitions = (layer: LayerName, id: number) =>
    this.http.get<{ allowed: { status: string; title: string }[] }>(`${ROOT}/${layer}/${id}/transitions`);
  cases = (query: Query) => this.http.get<T.Page<T.DisposalCase>>(withQuery(`${ROOT}/disposal-cases`, query));
  case = async (id: number): Promise<T.OpenCase> => {
    const [found, { items }] = await Promise.all([
      this.http.get<T.OpenCase>(`${ROOT}/disposal-cases/${id}`),
      this.http.get<{ items: unknown[] }>(`${ROOT}/disposal-cases/${id}/evidence`),
    ]);
    return { ...found, evidence: items.length };
  };
  desk = (query: Query) => this.http.get<T.Page<T.StaffEnquiry>>(withQuery(`${ROOT}/enquiries`, query));
  asked = (id: number) => this.http.get<T.StaffEnquiry>(`${ROOT}/enquiries/${id}`);
  stale = () => this.http.get<T.Page<T.Stale>>(`${ROOT}/freshness`);
}
