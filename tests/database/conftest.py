"""Land offices: one in an empty database, one in the demo city."""

import pytest
from sqlalchemy import Engine

from tests.database.office import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    """An office whose tables are empty, in a county of known outline."""
    made = Office(engine)
    made.execute(
        "INSERT INTO regions (code, level, name, parent_code, source) VALUES"
        " ('33', 'province', '浙江省', NULL, 't'), ('3305', 'city', '湖州市', '33', 't'),"
        " ('330503', 'county', '南浔区', '3305', 't'), ('330502', 'county', '吴兴区', '3305', 't')"
    )
    made.execute(
        "UPDATE regions SET geom = ST_Multi(ST_MakeEnvelope(120.3, 30.7, 120.6, 31.0, 4490))"
        " WHERE code = '330503'"
    )
    return made


@pytest.fixture
def demo_office(demo_engine: Engine) -> Office:
    """An office in the demo city."""
    return Office(demo_engine)
