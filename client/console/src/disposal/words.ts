// Inputs of actions in Chinese: names, and codes that stand in them.

/** Names of inputs of actions. */
export const INPUT_TITLES: Record<string, string> = {
  rule_id: "规则编号", source: "发现途径", note_text: "说明", record: "记录", inspected_on: "核查日期", responsible_unit: "责任单位", cause: "原因", idle_since: "起算日期", area_m2: "面积（m²）", decision_no: "文号", notice_no: "文号",
  decided_on: "认定日期", served_on: "送达日期", issued_on: "印发日期", measures: "措施", target_on: "计划完成", target_area_m2: "计划面积（m²）", plan: "方案要点", approval_no: "批准文号",
  approved_on: "批准日期", on_date: "进展日期", delta_m2: "本次处置（m²）", note: "说明", measure: "措施", opinion: "验收意见", members: "参加人员", reason: "理由", officer: "经办人",
  reply: "答复要点", replied_on: "答复日期", cause_ground: "第八条情形", court: "受理法院", deregistration_no: "注销登记文号", document_no: "依据文书", happened_on: "发生日期", mortgagee: "抵押权人", place: "公开载体", voucher_no: "缴款凭证号",
};
/** Codes that stand in inputs of actions, in the words of 53号令. */
export const INPUT_WORDS: Record<string, Record<string, string>> = {
  cause: { gov: "政府原因", holder: "企业自身原因", force_majeure: "不可抗力", market: "市场原因" },
  cause_ground: { undelivered: "未按期限、条件交付土地", plan_amended: "规划依法修改", policy_changed: "国家政策调整", petition: "群众信访", military_or_relics: "军事管制、文物保护", other_government: "政府其他行为" },
};
