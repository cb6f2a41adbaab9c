// How the edit form of each layer is divided: a section begins at the column that is named.

import type { Column } from "@core/types";

export interface Section { title: string; columns: Column[] }

const STARTS: Record<string, Record<string, string>> = {
  parcels: {
    lot_code: "权属与编号", land_use_system: "规划条件", supply_method: "出让条件", is_standard_land: "标准地指标", is_cleared: "场地与配套",
    batch_name: "批次与合同", delivered_on: "交地与建设进度", supplied_m2: "面积与投入", declared_idle_class: "备注与来源",
  },
  plants: {
    park_code: "面积与楼层", ground_height_m: "建筑与荷载", power_kva: "动力与起重", fire_class: "消防与环保", is_detached: "使用条件",
    tenure: "租售", available_on: "交付与联系", remark: "备注与来源",
  },
  parks: {
    short_name: "级别与批准", leading_industries: "产业与规模", committee: "管理与招商", plan_eia_no: "环评与基础设施", panorama_url: "介绍与来源",
  },
};

/** The columns that may be edited, in their order, under the titles of their sections; none is lost. */
export function sectionsOf(layer: string, all: readonly Column[], editable: readonly Column[]): Section[] {
  const kept = new Set(editable.map(({ name }) => name));
  const found: Section[] = [{ title: "基本情况", columns: [] }];
  for (const column of all) {
    const title = STARTS[layer]?.[column.name];
    if (title) found.push({ title, columns: [] });
    if (kept.has(column.name)) found[found.length - 1].columns.push(column);
  }
  return found.filter(({ columns }) => columns.length);
}
