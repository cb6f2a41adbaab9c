"""Columns that every layer of sites has beside its geometry, version and time stamps."""

from collections.abc import Mapping

from gis.layers.model import Column, Kind


def identity(status: Mapping[str, str]) -> tuple[Column, ...]:
    """What a site is, where it stands and how large it is; ``status`` is the layer's own list."""
    return (*named(status), *AREAS)


def named(status: Mapping[str, str]) -> tuple[Column, ...]:
    """What a site is and where it stands; ``status`` is the layer's own list."""
    return (
        Column(
            "code",
            Kind.TEXT,
            "编号",
            summary=True,
            queryable=True,
            searched=True,
            required=True,
        ),
        Column("name", Kind.TEXT, "名称", summary=True, searched=True, required=True),
        Column(
            "status",
            Kind.CODE,
            "状态",
            choices=status,
            summary=True,
            queryable=True,
            required=True,
        ),
        Column("region_code", Kind.HIERARCHY, "行政区划代码", summary=True, queryable=True),
        Column("address", Kind.TEXT, "坐落", summary=True, searched=True),
    )


AREAS = (
    Column("area_m2", Kind.AREA, "面积", "m²", summary=True, queryable=True, computed=True),
    Column("area_legal_m2", Kind.AREA, "合同（登记）面积", "m²"),
    Column("area_planar_m2", Kind.AREA, "平面面积", "m²", computed=True),
    Column("area_ellipsoid_m2", Kind.AREA, "椭球面积", "m²", computed=True),
)


PROVENANCE = (
    Column("remark", Kind.TEXT, "备注", public=False),
    Column("source", Kind.TEXT, "数据来源", summary=True),
    Column("verified_at", Kind.INSTANT, "核实时间", summary=True, queryable=True),
)
