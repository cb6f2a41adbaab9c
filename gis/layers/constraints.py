"""Constraints 约束范围: ground on which, or outside of which, nothing may be built.

Many of these boundaries may not be shown to the public (永久基本农田 above all), so a row is
published only where its own status says ``disclosed``; the verdict on a site always is.
"""

from gis.layers.codes import CONSTRAINT_KIND, CONSTRAINT_RULE, CONSTRAINT_STATUS
from gis.layers.model import Column, Kind, Layer
from gis.layers.shared import PROVENANCE, identity

IN_FORCE = ("in_force", "disclosed")
"""Statuses of rows that bind, whether or not the public may see them."""

CONSTRAINTS = Layer(
    name="constraints",
    title="约束范围",
    columns=(
        *identity(CONSTRAINT_STATUS),
        Column(
            "kind",
            Kind.CODE,
            "约束类型",
            choices=CONSTRAINT_KIND,
            summary=True,
            queryable=True,
            required=True,
        ),
        Column(
            "rule",
            Kind.CODE,
            "管控规则",
            choices=CONSTRAINT_RULE,
            summary=True,
            queryable=True,
            required=True,
        ),
        *PROVENANCE,
    ),
    zooms=(9, 20),
    hidden_status=frozenset(CONSTRAINT_STATUS) - {"disclosed"},
    description="三区三线与其他约束：公众只见结论，边界按各条状态公开",
)
