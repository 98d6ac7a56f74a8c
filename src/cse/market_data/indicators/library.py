"""The one door to TA-Lib (https://ta-lib.org, BSD): imported by whoever computes, off the event loop.

TA-Lib lets go of the interpreter's lock while it computes, and takes calls from several threads at once. Its settings
of the process (unstable period, compatibility, candles) are never touched here: values depend on the call alone.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, cast

import numpy as np
import talib
from numpy.typing import NDArray
from talib import abstract

from cse.market_data.indicators.catalogue import MA_TYPES
from cse.market_data.indicators.chosen import Chosen

Floats = NDArray[np.float64]

_OF_VOLUME: Final[dict[str, tuple[int, float]]] = {"vwma": (0, np.nan), "rvol": (1, 0.0)}
"""Functions that divide by the volume of a window: how many candles ago the window ends, and their value where nothing
traded in it. TA-Lib subtracts what leaves a window from a running sum, whose remainder is not zero then but 1e-16 or so
of either sign: it divides by that, and says 4e15 or a price that never was."""


def compute(chosen: Chosen, inputs: Sequence[Floats]) -> list[Floats]:
    """Return one array per output, as long as the inputs (which are alike long, and hold no NaN).

    What TA-Lib has no value for is NaN: the lookback, of whole-number outputs too (it gives zeros there), and what is
    infinite or undefined (a division by a volume of zero).
    """
    length = len(inputs[0])
    if length == 0:
        return [np.empty(0) for _ in chosen.function.outputs]
    function: Callable[..., Any] = getattr(talib, chosen.function.name.upper())
    answer = function(*inputs, *_numbers(chosen))
    outputs = answer if isinstance(answer, tuple) else (answer,)
    found = [np.array(output, dtype=np.float64) for output in outputs]
    known_from = lookback(chosen)
    for values in found:
        values[:known_from] = np.nan
        values[~np.isfinite(values)] = np.nan
    if chosen.function.name in _OF_VOLUME and known_from > 0:  # vwma(1) is the close itself
        _without_volume(chosen, inputs[-1], found[0])
    return found


def _without_volume(chosen: Chosen, volume: Floats, values: Floats) -> None:
    """Mend the values of windows in which nothing traded."""
    ago, value = _OF_VOLUME[chosen.function.name]
    period = int(_numbers(chosen)[0])
    traded = np.concatenate(([0], np.cumsum(volume != 0)))
    ends = np.arange(period + ago, len(volume) + 1)
    silent = traded[ends - ago] == traded[ends - ago - period]
    values[ends[silent] - 1] = value


@cache
def _lookback(name: str, numbers: tuple[float, ...]) -> int:
    function = abstract.Function(name)  # type: ignore[attr-defined]  # its stub names functions only
    names = list(function.info["parameters"])
    function.parameters = dict(zip(names, numbers, strict=True))
    return cast("int", function.lookback)


def lookback(chosen: Chosen) -> int:
    """Return how many candles come before the first that has a value."""
    return _lookback(chosen.function.name, _numbers(chosen))


def _numbers(chosen: Chosen) -> tuple[float, ...]:
    return tuple(MA_TYPES[value] if isinstance(value, str) else value for value in chosen.values)
