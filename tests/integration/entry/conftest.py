"""Tests that use `engine` run on both engines, with the checks of order entry in the same language."""

from collections.abc import Iterator

import pytest

from cse.engine.backend import Choice
from tests.engines import ENGINES, running_on


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Choice]:
    """The engine that `tests.integration.entry.world.venue` uses meanwhile."""
    with running_on(request.param) as choice:
        yield choice
