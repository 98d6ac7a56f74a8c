"""Each story of scenarios comes out as it says."""

import pytest

from tests.sdk.scenarios import SCENARIOS
from tests.sdk.scenarios.telling import Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_scenario(scenario: Scenario) -> None:
    """The scenario's docstring says what it proves; it asserts by itself."""
    scenario()
