"""One county in an empty database."""

import pytest
from sqlalchemy import Engine

from tests.disposal.county import County


@pytest.fixture
def county(engine: Engine) -> County:
    """A county without parcels."""
    return County(engine)
