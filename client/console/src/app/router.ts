import type { RoleCode } from "@core/types";
import { createRouter, createWebHistory } from "vue-router";
import { secret } from "./say";
import { http, session } from "./session";

declare module "vue-router" {
  interface RouteMeta {
    title?: string;
    open?: boolean;
    roles?: RoleCode[];
  }
}

const disposal = (path: string, title: string, component: () => Promise<unknown>) =>
  ({ path: `disposal/${path}`, meta: { title }, component: component as () => Promise<never> });

export const router = createRouter({
  history: createWebHistory("/console/"),
  routes: [
    { path: "/login", meta: { title: "登录", open: true }, component: () => import("./Login.vue") },
    { path: "/cockpit", meta: { title: "驾驶舱" }, component: () => import("../cockpit/Cockpit.vue") },
    {
      path: "/",
      component: () => import("./Shell.vue"),
      children: [
        { path: "", redirect: "/land/parcels" },
        { path: "land/:layer(parcels|plants|parks)", meta: { title: "土地" }, component: () => import("../land/LandPage.vue") },
        { path: "imports", meta: { title: "导入" }, component: () => import("../imports/ImportsPage.vue") },
        { path: "imports/:id(\\d+)", meta: { title: "导入批次" }, component: () => import("../imports/RunPage.vue") },
        { path: "disposal", redirect: "/disposal/board" },
        disposal("board", "五未处置", () => import("../disposal/BoardPage.vue")),
        disposal("cases/:id(\\d+)", "处置档案", () => import("../disposal/CasePage.vue")),
        disposal("warnings", "预警", () => import("../disposal/WarningsPage.vue")),
        disposal("scan", "五未筛查", () => import("../disposal/ScanPage.vue")),
        disposal("rules", "认定规则", () => import("../disposal/RulesPage.vue")),
        disposal("law", "期限与数值", () => import("../disposal/LawPage.vue")),
        disposal("statistics", "统计与排名", () => import("../disposal/StatisticsPage.vue")),
        disposal("reports", "月度通报", () => import("../disposal/ReportsPage.vue")),
        { path: "enquiries/:id(\\d+)?", meta: { title: "咨询" }, component: () => import("../enquiries/EnquiriesPage.vue") },
        { path: "system", redirect: "/system/freshness" },
        { path: "system/users", meta: { title: "用户与授权", roles: ["admin"] }, component: () => import("../system/UsersPage.vue") },
        { path: "system/audit", meta: { title: "审计", roles: ["admin", "viewer", "leader"] }, component: () => import("../system/AuditPage.vue") },
        { path: "system/freshness", meta: { title: "数据时效" }, component: () => import("../system/FreshnessPage.vue") },
        { path: "system/targets", meta: { title: "年度任务" }, component: () => import("../system/TargetsPage.vue") },
        { path: "system/account", meta: { title: "我的账号" }, component: () => import("../system/AccountPage.vue") },
        { path: ":rest(.*)", meta: { title: "没有这个页面" }, component: () => import("./NotFound.vue") },
      ],
    },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.open) return true;
  const known = await session.resume().catch(() => false);
  if (known && session.lacking && to.path !== "/system/account") return { path: "/system/account", query: { next: to.fullPath } };
  return known ? true : { path: "/login", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
});

router.afterEach((to) => {
  document.title = `${to.meta.title ?? "控制台"} · 看地`;
});

http.onConfirmation = async () => {
  const password = await secret("请再次输入密码", "此操作需要确认是您本人。");
  if (!password) return false;
  await session.confirm(password);
  return true;
};

http.onUnauthenticated = () => {
  session.forget();
  const here = router.currentRoute.value;
  if (!here.meta.open) void router.push({ path: "/login", query: { next: here.fullPath, ended: "1" } });
};
