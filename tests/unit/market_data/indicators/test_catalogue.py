"""The catalogue is TA-Lib's: complete, current, and called with inputs and parameters in the right order."""

from collections import Counter

import numpy as np
import pytest
from talib import abstract

from cse.market_data.indicators import Unusable, catalogue, choose
from cse.market_data.indicators.catalogue import GROUPS, MA_TYPES
from cse.market_data.indicators.library import lookback
from cse.market_data.indicators.reference import indicators_page
from tests.unit.market_data.indicators.made import values, walk
from tools.write_indicators import CATALOGUE, catalogue_text

NAMES = tuple(catalogue())


def test_the_file_is_what_talib_says() -> None:
    """catalogue.json is as tools/write_indicators.py makes it from the TA-Lib that is installed."""
    assert CATALOGUE.read_bytes() == catalogue_text()


def test_the_page_is_what_the_catalogue_says() -> None:
    """docs/reference/indicators.md is as tools/write_reference.py makes it."""
    page = CATALOGUE.parents[4] / "docs/reference/indicators.md"
    assert page.read_text(encoding="utf-8") == indicators_page()


def test_there_are_more_than_a_hundred_besides_patterns() -> None:
    """Every group is there; without candle patterns it is still more than a hundred."""
    count = Counter(function.group for function in catalogue().values())
    assert set(count) == set(GROUPS)
    assert count.total() - count["pattern"] >= 100
    assert count["pattern"] >= 61


@pytest.mark.parametrize("name", NAMES)
def test_each_is_called_as_talib_itself_calls_it(name: str) -> None:
    """With other parameters than the defaults, values are those of TA-Lib's own API by names."""
    chosen, candles = choose(name, other_parameters(name)), walk(400)
    function = abstract.Function(name.upper())
    numbers = [MA_TYPES[each] if isinstance(each, str) else each for each in chosen.values]
    function.parameters = dict(zip(function.info["parameters"], numbers, strict=True))
    answer = function(candles)
    expected = answer if isinstance(answer, list) else [answer]
    assert function.lookback == lookback(chosen)
    assert len(expected) == len(chosen.function.outputs)
    for ours, theirs in zip(values(chosen, candles), expected, strict=True):
        known = slice(lookback(chosen), None)
        assert np.array_equal(ours[known], np.asarray(theirs, float)[known], equal_nan=True)
        assert np.isnan(ours[: lookback(chosen)]).all()


def other_parameters(name: str) -> dict[str, str]:
    """Values near the defaults, each parameter with another, so that no two can be mistaken for each other."""
    found = {}
    for index, parameter in enumerate(catalogue()[name].parameters):
        if parameter.choices is not None:
            found[parameter.name] = ("wma", "ema", "trima")[index % 3]
        elif parameter.type == "integer":
            found[parameter.name] = str(int(parameter.default) + 1 + index)
        else:
            assert parameter.maximum is not None
            higher = float(parameter.default) * (1 + 0.1 * (index + 1)) + 0.01
            found[parameter.name] = f"{min(higher, parameter.maximum):.4f}"
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_parameter_has_a_default_within_its_range(name: str) -> None:
    """Both ends can be asked for, what lies beyond them is refused, and by the parameter's name."""
    for parameter in catalogue()[name].parameters:
        if parameter.choices is not None:
            assert parameter.default in parameter.choices
            beyond = ["disabled", "0"]
        else:
            assert parameter.minimum is not None
            assert parameter.maximum is not None
            assert parameter.minimum <= parameter.default <= parameter.maximum  # type: ignore[operator]  # a number
            choose(name, {parameter.name: f"{parameter.minimum:g}"})
            choose(name, {parameter.name: f"{parameter.maximum:g}"})
            beyond = [f"{parameter.minimum - 1:g}", f"{parameter.maximum + 1:g}"]
        for value in beyond:
            with pytest.raises(Unusable) as caught:
                choose(name, {parameter.name: value})
            assert caught.value.field == parameter.name
