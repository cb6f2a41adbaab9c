"""Parcels 地块: land that is or was supplied for industry (domain terms in docs/glossary.md)."""

from gis.layers.codes import IDLE_CLASS, LAND_USE_SYSTEM, SUPPLY_METHOD, SUPPLY_STATUS
from gis.layers.land_use import with_equivalents
from gis.layers.model import Column, Kind, Layer
from gis.layers.shared import PROVENANCE, identity

UNIT_CODE_PATTERN = r"^\d{12}[GJZ][A-HLNSWXY]\d{5}[FLQW]\d{8}$"
"""不动产单元号, GB/T 37346-2019: 28 characters."""
LOT_CODE_PATTERN = r"^\d{12}[GJZ][A-HLNSWXY]\d{5}$"
"""宗地代码: the first 19 characters of the former; letters are part of it."""
SUPERVISION_NO_PATTERN = r"^\d{10}[A-Z]\d{5}(-\d+)?$"
"""电子监管号: region, year, letter of the supply method, serial."""

_IDENTITY = (
    Column("lot_code", Kind.TEXT, "宗地代码", pattern=LOT_CODE_PATTERN),
    Column("unit_code", Kind.TEXT, "不动产单元号", pattern=UNIT_CODE_PATTERN),
    Column("supervision_no", Kind.TEXT, "电子监管号", pattern=SUPERVISION_NO_PATTERN),
)

_PLANNING = (
    Column("land_use_system", Kind.CODE, "用地分类标准", choices=LAND_USE_SYSTEM),
    Column("land_use_code", Kind.HIERARCHY, "用地代码", queryable=True, widened=with_equivalents),
    Column("land_use_name", Kind.TEXT, "用途", summary=True),
    Column("plot_ratio", Kind.INTERVAL, "容积率", summary=True, queryable=True),
    Column("building_density", Kind.INTERVAL, "建筑密度", unit="%"),
    Column("green_ratio", Kind.INTERVAL, "绿地率", unit="%"),
    Column("building_height_m", Kind.INTERVAL, "建筑限高", unit="m"),
)

_SUPPLY = (
    Column("supply_method", Kind.CODE, "出让方式", choices=SUPPLY_METHOD, queryable=True),
    Column("tenure_years", Kind.INTEGER, "出让年限", unit="年", queryable=True),
    Column(
        "price_start_wan", Kind.NUMBER, "起始价", unit="万元", scale=4, summary=True, queryable=True
    ),
    Column("deposit_wan", Kind.NUMBER, "保证金", unit="万元", scale=4),
    Column("available_on", Kind.DATE, "可交地日期", summary=True, queryable=True),
)

_STANDARD_LAND = (
    Column("is_standard_land", Kind.BOOLEAN, "标准地", summary=True, queryable=True),
    Column(
        "investment_wan_per_mu", Kind.NUMBER, "固定资产投资强度", unit="万元/亩", queryable=True
    ),
    Column("tax_wan_per_mu", Kind.NUMBER, "亩均税收", unit="万元/亩", queryable=True),
    Column("output_wan_per_mu", Kind.NUMBER, "亩均产出", unit="万元/亩", queryable=True),
    Column("energy_tce_per_wan", Kind.NUMBER, "单位增加值能耗", unit="tce/万元", scale=4),
    Column("emission_wan_per_t", Kind.NUMBER, "单位排放增加值", unit="万元/t", scale=4),
)

_UTILITIES = (
    Column("is_cleared", Kind.BOOLEAN, "净地", summary=True, queryable=True),
    Column("has_road", Kind.BOOLEAN, "通路", queryable=True),
    Column("has_water", Kind.BOOLEAN, "通给水", queryable=True),
    Column("has_drainage", Kind.BOOLEAN, "通排水", queryable=True),
    Column("has_power", Kind.BOOLEAN, "通电", queryable=True),
    Column("has_heat", Kind.BOOLEAN, "通热", queryable=True),
    Column("has_gas", Kind.BOOLEAN, "通燃气", queryable=True),
    Column("has_telecom", Kind.BOOLEAN, "通信", queryable=True),
    Column("is_levelled", Kind.BOOLEAN, "场地平整", queryable=True),
    Column("power_kva", Kind.NUMBER, "供电容量", unit="kVA", summary=True, queryable=True),
    Column("water_t_per_day", Kind.NUMBER, "供水能力", unit="t/d", queryable=True),
    Column("sewage_t_per_day", Kind.NUMBER, "污水纳管能力", unit="t/d", queryable=True),
    Column("gas_m3_per_h", Kind.NUMBER, "燃气能力", unit="m³/h", queryable=True),
    Column("steam_t_per_h", Kind.NUMBER, "蒸汽能力", unit="t/h", queryable=True),
)

# What 五未 is detected from; how a county stands with its land users is not for the public.
_LIFE = (
    Column("batch_name", Kind.TEXT, "批次名称", public=False),
    Column("approval_no", Kind.TEXT, "批准文号", public=False),
    Column("approved_on", Kind.DATE, "批准时间", public=False),
    Column("contract_no", Kind.TEXT, "合同编号", public=False),
    Column("contract_signed_on", Kind.DATE, "合同签订日期", public=False),
    Column("contract_price_wan", Kind.NUMBER, "成交价格", unit="万元", scale=4, public=False),
    Column("holder_name", Kind.TEXT, "土地使用权人", public=False),
    Column("delivered_on", Kind.DATE, "实际交地日期", public=False),
    Column("start_due_on", Kind.DATE, "约定开工日期", public=False),
    Column("started_on", Kind.DATE, "实际开工日期", public=False),
    Column("stopped_on", Kind.DATE, "中止开发日期", public=False),
    Column("completion_due_on", Kind.DATE, "约定竣工日期", public=False),
    Column("completed_on", Kind.DATE, "实际竣工日期", public=False),
    Column("production_due_on", Kind.DATE, "约定投产日期", public=False),
    Column("production_on", Kind.DATE, "实际投产日期", public=False),
    Column("supplied_m2", Kind.AREA, "已供面积", "m²", public=False),
    Column("developed_m2", Kind.AREA, "已开发面积", "m²", public=False),
    Column("vacant_m2", Kind.AREA, "空置面积", "m²", public=False),
    Column("built_floor_m2", Kind.AREA, "已建建筑面积", "m²", public=False),
    Column("invested_wan", Kind.NUMBER, "已投资额", unit="万元", public=False),
    Column("investment_total_wan", Kind.NUMBER, "总投资额", unit="万元", public=False),
    Column("actual_tax_wan_per_mu", Kind.NUMBER, "实际亩均税收", unit="万元/亩", public=False),
    Column("actual_output_wan_per_mu", Kind.NUMBER, "实际亩均产出", unit="万元/亩", public=False),
    Column("declared_idle_class", Kind.CODE, "申报五未类型", choices=IDLE_CLASS, public=False),
)

PARCELS = Layer(
    name="parcels",
    title="地块",
    columns=(
        *identity(SUPPLY_STATUS),
        *_IDENTITY,
        Column("park_code", Kind.TEXT, "园区编号", queryable=True),
        Column("parent_codes", Kind.TEXTS, "原地块编号", public=False),
        *_PLANNING,
        *_SUPPLY,
        *_STANDARD_LAND,
        *_UTILITIES,
        *_LIFE,
        *PROVENANCE,
    ),
    zooms=(9, 20),
    exclusive=True,
    description="工业用地地块：可供、拟出让、公告中、已成交等状态的真实边界",
)
