"""Every golden journal is reproduced by both engines."""

import pytest

from cse.engine.backend import Choice


@pytest.fixture(autouse=True)
def engine(either_engine: Choice) -> Choice:
    """The engine that `tests.engines.new_engine` makes."""
    return either_engine
