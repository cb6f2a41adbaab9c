// Who is signed in, and which parts of the console are theirs.

import { Problem, StaffHttp } from "@core/http";
import type { Catalogue, RoleCode, Session, StaffUser } from "@core/types";
import { reactive } from "vue";

export const http = new StaffHttp();

/** What the account still lacks before it may do anything else. */
export type Lacking = "password" | "codes";

const state = reactive<{ user: StaffUser | null; catalogue: Catalogue | null; lacking: Lacking | null }>({ user: null, catalogue: null, lacking: null });

export const ROLE_TITLES: Record<RoleCode, string> = {
  officer: "土地干部", reviewer: "县局复核", leader: "领导小组", gis: "GIS 人员", viewer: "督查", admin: "系统管理员",
};

export const session = {
  get user(): StaffUser | null { return state.user; },
  get catalogue(): Catalogue | null { return state.catalogue; },

  /** What has to be set up before anything else: a password of one's own, then one-time codes. */
  get lacking(): Lacking | null { return state.lacking; },

  /** The password again: the server gives another token. */
  async confirm(password: string): Promise<void> {
    accept(await http.change<Session>("POST", "/session/confirm", { body: { password }, key: undefined }));
  },

  async refresh(): Promise<void> {
    accept(await http.get<Session>("/session"));
  },

  has(...roles: RoleCode[]): boolean {
    return state.user?.grants.some((grant) => roles.includes(grant.role)) ?? false;
  },

  /** One of the roles in every region. */
  everywhere(...roles: RoleCode[]): boolean {
    return state.user?.grants.some((grant) => grant.region_code === "" && roles.includes(grant.role)) ?? false;
  },

  /** Region names of the user, for the header. */
  get scope(): string {
    const names = new Set(state.user?.grants.map((grant) => grant.region_name || grant.region_code || "全部区域"));
    return [...names].join("、");
  },

  /** The widest region of the user: what pages show at first. */
  get region(): string {
    const codes = state.user?.grants.map((grant) => grant.region_code) ?? [];
    return codes.sort((a, b) => a.length - b.length)[0] ?? "";
  },

  async resume(): Promise<boolean> {
    if (state.user) return true;
    try {
      accept(await http.get<Session>("/session"));
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return false;
      throw error;
    }
  },

  async login(username: string, password: string, totp?: string): Promise<void> {
    accept(await http.change<Session>("POST", "/session", { body: { username, password, ...(totp ? { totp } : {}) }, key: undefined }));
  },

  async logout(): Promise<void> {
    try {
      await http.change("DELETE", "/session");
    } finally {
      session.forget();
    }
  },

  forget(): void {
    state.user = null;
    state.catalogue = null;
    http.csrf = "";
  },

  async layers(): Promise<Catalogue> {
    state.catalogue ??= await http.get<Catalogue>("/console/catalogue");
    return state.catalogue;
  },
};

function accept(found: Session): void {
  state.user = found.user;
  state.lacking = found.password_change_required ? "password" : found.totp_required ? "codes" : null;
  http.csrf = found.csrf;
}
