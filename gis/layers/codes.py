"""Code lists: the code that is stored and the Chinese term that people read."""

SUPPLY_STATUS = {
    "available": "可供",
    "planned": "拟出让",
    "announced": "公告中",
    "sold": "已成交",
    "awaiting_clearance": "已征待拆",
    "reserved": "储备",
    "secondary_transfer": "二级市场转让",
    "undisclosed": "不公开",
}

PLANT_STATUS = {
    "available": "可租售",
    "partly_available": "部分可租售",
    "under_construction": "在建",
    "reserved": "已预订",
    "occupied": "已满",
    "undisclosed": "不公开",
}

PARK_STATUS = {"open": "招商中", "planned": "规划中", "full": "已满", "undisclosed": "不公开"}

SUPPLY_METHOD = {
    "tender": "招标",
    "auction": "拍卖",
    "listing": "挂牌",
    "agreement": "协议",
    "allocation": "划拨",
    "lease": "租赁",
    "lease_then_grant": "先租后让",
    "equity": "作价入股",
}

PARK_LEVEL = {
    "national": "国家级",
    "provincial": "省级",
    "municipal": "市级",
    "county": "县级",
}

PARK_KIND = {
    "economic": "经济技术开发区",
    "hi_tech": "高新技术产业开发区",
    "bonded": "海关特殊监管区域",
    "platform": "产业平台",
    "micro": "小微企业园",
}

TENURE = {"lease": "出租", "sale": "出售", "lease_or_sale": "租售均可"}

STRUCTURE = {
    "steel": "钢结构",
    "frame": "框架结构",
    "bent_frame": "排架结构",
    "mixed": "混合结构",
}

FIRE_CLASS = {"a": "甲类", "b": "乙类", "c": "丙类", "d": "丁类", "e": "戊类"}

IDLE_CLASS = {
    "pewg": "批而未供",
    "gewy": "供而未用",
    "yewj": "用而未尽",
    "jewt": "建而未投",
    "tewdb": "投而未达标",
}

LAND_USE_SYSTEM = {
    "2023": "国土空间调查、规划、用途管制用地用海分类指南(2023)",
    "GB50137": "GB 50137-2011",
    "GB21010": "GB/T 21010-2017",
}

REGION_LEVEL = {"province": "省", "city": "市", "county": "县", "town": "镇"}

FACILITY_KIND = {
    "motorway_exit": "高速出口",
    "rail_station": "铁路客运站",
    "freight_station": "铁路货运站",
    "port": "港口",
    "airport": "机场",
    "substation": "变电站",
    "sewage_plant": "污水处理厂",
    "heating_plant": "热力厂",
    "school": "学校",
    "hospital": "医院",
}

FACILITY_STATUS = {
    "operating": "运行中",
    "under_construction": "在建",
    "planned": "规划中",
    "undisclosed": "不公开",
}

CONSTRAINT_KIND = {
    "basic_farmland": "永久基本农田",
    "ecological_redline": "生态保护红线",
    "urban_boundary": "城镇开发边界",
    "flood_risk": "洪水风险区",
    "water_source": "饮用水水源保护区",
    "geological_hazard": "地质灾害易发区",
    "mineral": "压覆矿产区",
    "heritage": "文物保护范围",
}

CONSTRAINT_RULE = {"must_not_touch": "不得压占", "must_be_inside": "必须位于其内"}

CONSTRAINT_STATUS = {
    "in_force": "有效（边界不公开）",
    "disclosed": "有效（边界公开）",
    "draft": "草案",
    "repealed": "已废止",
}
