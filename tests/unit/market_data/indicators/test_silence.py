"""Windows in which nothing traded: what divides by their volume says nothing, however much traded before.

The volumes are such that running sums of them leave a remainder: 0.1 + 0.2 - 0.1 - 0.2 is not 0 in floating point.
"""

import numpy as np
import pytest

from cse.market_data.indicators import choose
from cse.market_data.indicators.library import compute

VOLUME = np.array([0.1, 0.2, 0.3, 0.7, 0.0, 0.0, 0.0, 0.0, 0.4, 0.0])
CLOSE = np.array([1.25, 1.26, 1.27, 1.24, 1.24, 1.24, 1.24, 1.24, 1.30, 1.30])


@pytest.mark.parametrize("period", [2, 3])
def test_a_mean_weighted_by_no_volume_has_no_value(period: int) -> None:
    """Vwma is the mean of its window's closes by volume, computed anew for each; without volume there is none."""
    (values,) = compute(choose("vwma", {"period": str(period)}), [CLOSE, VOLUME])
    for end in range(period, len(CLOSE) + 1):
        closes, volumes = CLOSE[end - period : end], VOLUME[end - period : end]
        if not volumes.any():
            assert np.isnan(values[end - 1]), end
        else:
            expected = (closes * volumes).sum() / volumes.sum()
            assert values[end - 1] == pytest.approx(expected, rel=1e-9), end


@pytest.mark.parametrize("period", [2, 3])
def test_volume_relative_to_none_is_zero(period: int) -> None:
    """Rvol compares with the mean of the candles before; where nothing traded in them it is 0, not 1e15 of any sign."""
    (values,) = compute(choose("rvol", {"period": str(period)}), [VOLUME])
    for at in range(period, len(VOLUME)):
        before = VOLUME[at - period : at]
        expected = VOLUME[at] / before.mean() if before.any() else 0.0
        assert values[at] == pytest.approx(expected, rel=1e-9), at
