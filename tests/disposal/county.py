"""A county in a test: parcels made with one statement, and the people of its land office."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, text

from server.accounts.principals import Grant, Principal, Role
from server.disposal.cases import Discovery
from server.disposal.codes import IdleClass

COUNTY = "330503"
TODAY = date(2026, 3, 2)

OFFICER = Principal(101, "wang", "王干部", (Grant(Role.OFFICER, COUNTY),))
REVIEWER = Principal(102, "li", "李复核", (Grant(Role.REVIEWER, COUNTY),))
LEADER = Principal(103, "zhao", "赵组长", (Grant(Role.LEADER, COUNTY),))

_REGIONS = """
    INSERT INTO regions (code, level, name, parent_code, source) VALUES
        ('33', 'province', '浙江省', NULL, 't'), ('3305', 'city', '湖州市', '33', 't'),
        ('330503', 'county', '南浔区', '3305', 't'), ('330502', 'county', '吴兴区', '3305', 't')
    ON CONFLICT DO NOTHING"""

_PARCEL = """
    INSERT INTO parcels (code, name, status, region_code, geom, geom_gcj02, area_legal_m2,
                         area_planar_m2, area_ellipsoid_m2)
    SELECT :code, :code, 'sold', :region,
           ST_Multi(ST_MakeEnvelope(w, 30.8, w + 0.001, 30.801, 4490)),
           ST_Multi(ST_MakeEnvelope(w, 30.8, w + 0.001, 30.801, 0)), :area, :area, :area
    FROM (SELECT 120.3 + 0.002 * :place AS w) p
    RETURNING id"""


@dataclass
class County:
    """Parcels of one county in one database."""

    engine: Engine
    made: int = 0

    def __post_init__(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(_REGIONS))

    def parcel(self, area_m2: str = "10000", region: str = COUNTY, **columns: Any) -> int:
        """A new parcel; its number."""
        self.made += 1
        code = f"NX-{self.made:04d}"
        values = {"code": code, "region": region, "area": Decimal(area_m2), "place": self.made}
        with self.engine.begin() as connection:
            site_id: int = connection.execute(text(_PARCEL), values).scalar_one()
            for name, value in columns.items():
                connection.execute(
                    text(f"UPDATE parcels SET {name} = :value WHERE id = :id"),
                    {"value": value, "id": site_id},
                )
        return site_id


def finding(site_id: int, **more: Any) -> Discovery:
    """A finding of the scan: unbuilt land, all of it."""
    given: dict[str, Any] = {
        "idle_class": IdleClass.GEWY,
        "area_m2": Decimal("10000"),
        "found_on": TODAY,
        "rule_id": 1,
        "inputs": {"start_due_on": "2024-01-31"},
    }
    return Discovery(site_id, **(given | more))


def one(connection: Connection, statement: str, **values: Any) -> Any:
    """The first column of the first row."""
    return connection.execute(text(statement), values).scalar_one()
