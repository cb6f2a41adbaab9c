"""One county in an empty database, and its land office at work."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.conftest import AppMaker
from tests.disposal.county import County
from tests.disposal.desk import Desk


@pytest.fixture
def county(engine: Engine) -> County:
    """A county without parcels."""
    return County(engine)


@pytest.fixture
def desk(database_url: str, make_app: AppMaker, tmp_path: Path, county: County) -> Desk:
    """The office at work in the county."""
    assert county.engine
    return Desk(make_app(database_url, data_dir=tmp_path).test_client())
