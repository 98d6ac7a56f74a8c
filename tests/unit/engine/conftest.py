"""Every test of the engine runs on both engines."""

from collections.abc import Iterator

import pytest

from cse.engine.backend import Choice
from tests.engines import ENGINES, running_on


@pytest.fixture(autouse=True, params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Choice]:
    """The engine that `tests.engines.new_engine` makes meanwhile."""
    with running_on(request.param) as choice:
        yield choice
