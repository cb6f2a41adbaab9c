"""Facilities 配套设施: the points whose distance decides where a plant can stand."""

from gis.layers.codes import FACILITY_KIND, FACILITY_STATUS
from gis.layers.model import Column, Kind, Layer, Shape
from gis.layers.shared import PROVENANCE, named

FACILITIES = Layer(
    name="facilities",
    title="配套设施",
    columns=(
        *named(FACILITY_STATUS),
        Column(
            "kind",
            Kind.CODE,
            "设施类型",
            choices=FACILITY_KIND,
            summary=True,
            queryable=True,
            required=True,
        ),
        *PROVENANCE,
    ),
    zooms=(6, 20),
    shape=Shape.POINT,
    description="高速出口、车站、港口、机场、变电站、污水处理厂等，选址时按直线距离计算",
)
