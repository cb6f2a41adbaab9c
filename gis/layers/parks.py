"""Parks 园区: development zones and industrial platforms that parcels and plants stand in."""

from gis.layers.codes import PARK_KIND, PARK_LEVEL, PARK_STATUS
from gis.layers.model import Column, Kind, Layer
from gis.layers.shared import PROVENANCE, identity

PARKS = Layer(
    name="parks",
    title="园区",
    columns=(
        *identity(PARK_STATUS),
        Column("short_name", Kind.TEXT, "简称", summary=True),
        Column("level", Kind.CODE, "级别", choices=PARK_LEVEL, summary=True, queryable=True),
        Column("park_kind", Kind.CODE, "类型", choices=PARK_KIND, summary=True, queryable=True),
        Column("catalogue_code", Kind.TEXT, "目录代码"),
        Column("approval_no", Kind.TEXT, "批准文号"),
        Column("bounds_text", Kind.TEXT, "四至"),
        Column("approved_m2", Kind.AREA, "核准面积", unit="m²", queryable=True),
        Column("leading_industries", Kind.TEXTS, "主导产业", summary=True, queryable=True),
        Column("large_firms", Kind.INTEGER, "规上企业数", unit="家", queryable=True),
        Column("output_yi", Kind.NUMBER, "年产值", unit="亿元", queryable=True),
        Column("tax_yi", Kind.NUMBER, "年税收", unit="亿元", queryable=True),
        Column("committee", Kind.TEXT, "管理机构"),
        Column("contact_name", Kind.TEXT, "招商联系人"),
        Column("contact_phone", Kind.TEXT, "招商电话"),
        Column("plan_eia_no", Kind.TEXT, "规划环评批复"),
        Column("has_sewage_plant", Kind.BOOLEAN, "污水处理厂", queryable=True),
        Column("has_central_heating", Kind.BOOLEAN, "集中供热", queryable=True),
        Column("is_chemical_park", Kind.BOOLEAN, "化工园区", queryable=True),
        Column("panorama_url", Kind.TEXT, "全景链接"),
        Column("introduction", Kind.TEXT, "简介"),
        *PROVENANCE,
    ),
    zooms=(6, 20),
    shape_zoom=6,
    description="开发区、产业平台与小微企业园：级别、主导产业、配套与招商联系人",
)
