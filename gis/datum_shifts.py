"""The parameter sets that a county has entered for its old surveys: table, storing, choosing."""

import hashlib
import json
from collections.abc import Sequence

import numpy as np
from sqlalchemy import (
    CheckConstraint,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import JSONB

from gis.datums import Datum, Method, Shift, UnfitShift
from gis.tables import metadata

_ALLOWED_RATIO = 3.0
"""A control point may miss by three times the stated accuracy, as survey rules have it."""

datum_shifts = Table(
    "datum_shifts",
    metadata,
    SqlColumn("name", Text, primary_key=True),
    SqlColumn("region_code", Text, ForeignKey("regions.code"), nullable=False),
    SqlColumn("datum", Text, nullable=False),
    SqlColumn("method", Text, nullable=False),
    SqlColumn("parameters", JSONB, nullable=False),
    SqlColumn("zone_epsg", Integer),
    SqlColumn("accuracy_m", Numeric(9, 4), nullable=False),
    SqlColumn("source", Text, nullable=False),
    SqlColumn("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("datum IN ('xian80', 'beijing54')", name="datum"),
    CheckConstraint("method IN ('plane4', 'space7')", name="method"),
    CheckConstraint("accuracy_m > 0", name="accuracy"),
)

ControlPoint = tuple[float, float, float, float]
"""East and north in the old system, east and north in CGCS2000: metres of one zone."""


def add(connection: Connection, shift: Shift) -> None:
    """Store a set under a new name; an IntegrityError says that the name is taken."""
    connection.execute(
        insert(datum_shifts).values(
            name=shift.name,
            region_code=shift.region_code,
            datum=shift.datum.value,
            method=shift.method.value,
            parameters=dict(shift.parameters),
            zone_epsg=shift.zone_epsg,
            accuracy_m=shift.accuracy_m,
            source=shift.source,
        )
    )


def remove(connection: Connection, name: str) -> bool:
    """Forget a set; whether there was one."""
    return connection.execute(delete(datum_shifts).where(datum_shifts.c.name == name)).rowcount > 0


def known(connection: Connection) -> tuple[Shift, ...]:
    """Every set, by name."""
    rows = connection.execute(select(datum_shifts).order_by(datum_shifts.c.name))
    return tuple(
        Shift(
            row.name,
            row.region_code,
            Datum(row.datum),
            Method(row.method),
            {name: float(value) for name, value in row.parameters.items()},
            float(row.accuracy_m),
            row.source,
            row.zone_epsg,
        )
        for row in rows
    )


def chosen(shifts: Sequence[Shift], epsg: int, name: str | None) -> Shift:
    """The set to use for coordinates of ``epsg``: the named one, or the only one that fits.

    Raises :class:`UnfitShift` in Chinese where there is none or where several fit.
    """
    fitting = [shift for shift in shifts if shift.fits(epsg) and name in (None, shift.name)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise UnfitShift(f"没有适用于 EPSG:{epsg} 的转换参数{f' {name}' if name else ''}")
    names = "、".join(shift.name for shift in fitting)
    raise UnfitShift(f"有多套转换参数适用于 EPSG:{epsg}，请指明用哪一套：{names}")


def residuals_m(shift: Shift, epsg: int, points: Sequence[ControlPoint]) -> list[float]:
    """How far each control point is missed, in metres; raises :class:`UnfitShift` if too far."""
    given = np.array(points, dtype=np.float64).reshape(-1, 4)
    moved = shift.moved(given[:, :2], epsg)
    missed = np.hypot(*(moved - given[:, 2:]).T)
    if missed.size and missed.max() > _ALLOWED_RATIO * shift.accuracy_m:
        raise UnfitShift(
            f"控制点最大残差 {missed.max():.3f} m，超过所填精度 {shift.accuracy_m} m 的三倍"
        )
    return [float(one) for one in missed]


def digest(shift: Shift) -> str:
    """What names a set without giving it away: parameters between systems are secret."""
    text = json.dumps(dict(shift.parameters), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
