"""What tests of the API share: a town with its demo city, in which investors ask."""

from collections.abc import Iterator

import pytest

from tests.api.investors import Town, demo_town
from tests.databases import Maker


@pytest.fixture(scope="module")
def place(
    maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """The town of one module: what its tests leave there, no other module sees."""
    with demo_town(maker, demo_template, tmp_path_factory.mktemp("people")) as made:
        yield made
