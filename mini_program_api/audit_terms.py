"""What the members of audit rows are called in Chinese, and the terms of the codes in them."""

from collections.abc import Mapping

from server.disposal.actions import Step
from server.disposal.codes import IdleClass, Source
from server.disposal.law_names import STEP_TERMS, Number
from server.disposal.rules import Kind
from server.disposal.scan import Standing
from server.disposal.texts import DocumentKind
from server.people.enquiry_states import KIND_TITLES

TITLES: Mapping[str, str] = {
    "action": "操作",
    "actor": "操作人",
    "added": "新增",
    "address": "地址",
    "area_m2": "面积（m²）",
    "article": "条款",
    "as_of": "以哪一天为准",
    "asked": "条件",
    "attachment": "附件编号",
    "by": "方式",
    "class": "类型",
    "count": "条数",
    "counts": "结果",
    "days": "天数",
    "distance_m": "距地块（米）",
    "doc_no": "文号",
    "document_id": "文书编号",
    "effective_from": "施行日期",
    "effective_to": "失效日期",
    "enquiries": "咨询（件）",
    "evidence_id": "材料编号",
    "file": "文件",
    "file_name": "文件",
    "format": "格式",
    "from": "原案件",
    "government": "同级政府",
    "inputs": "填写",
    "investors": "投资人（位）",
    "is_far": "距离过远",
    "kind": "种类",
    "layer": "图层",
    "level": "级别",
    "month": "月份",
    "name": "名称",
    "note": "说明",
    "parameters": "参数",
    "phone": "电话",
    "public": "公开",
    "region": "区域",
    "region_code": "区域",
    "rolls": "逢休息日顺延",
    "short_name": "机关代字",
    "site": "对象",
    "site_id": "地块编号",
    "source": "依据或来源",
    "step": "环节",
    "sub_kind": "规则种类",
    "system": "坐标系",
    "title": "标题",
    "to": "转到",
    "totp": "使用动态口令",
    "unit": "单位",
    "updated": "更新",
    "username": "用户名",
    "value": "数值",
    "version": "版本",
    "working_days": "按工作日",
    "year": "年份",
}

TERMS: Mapping[str, Mapping[str, str]] = {
    "by": {"wechat": "微信授权", "typed": "手工填写"},
    "class": {one.value: one.term for one in IdleClass},
    "kind": {
        "photo": "照片",
        "document": "文件",
        "panorama": "全景",
        **{one.value: term for one, term in KIND_TITLES.items()},
        **{one.value: one.term for one in DocumentKind},
    },
    "layer": {
        "parcels": "地块",
        "plants": "标准厂房",
        "parks": "园区",
        "facilities": "配套设施",
        "constraints": "约束范围",
    },
    "name": {one.value: one.term for one in Number},
    "source": {one.value: one.term for one in Source},
    "step": {one.value: STEP_TERMS[one] for one in Step},
    "sub_kind": {one.value: one.term for one in Kind},
}

COUNTS: Mapping[str, str] = {
    "rows": "共",
    "new": "新增",
    "changed": "更新",
    "unchanged": "未变",
    "rejected": "拒绝",
    "errors": "错误",
    "warnings": "警告",
    "notes": "提示",
    "suspects": "疑似",
    "warned": "预警",
    "cases": "宗数",
    "area_m2": "面积 m²",
    "by_class": "按类型",
    "by_standing": "按办理情况",
    **{one.value: one.term for one in IdleClass},
    **{one.value: one.term for one in Standing if one.value not in ("new",)},
}
