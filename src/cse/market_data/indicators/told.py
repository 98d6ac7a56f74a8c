"""Values as they are told: rounded numbers, null where there is none."""

from collections.abc import Iterable, Sequence
from math import isnan
from typing import Final

import msgspec

DIGITS: Final = 10
"""Significant digits of a value: beyond them floats differ by the order in which they were added."""
Column = list[float | None]


class Values(msgspec.Struct, frozen=True):
    """An indicator's values: one column per output, each as long as `times` (when the candles open, Unix ms)."""

    times: range
    columns: list[Column]

    def between(self, from_ms: int, to_ms: int) -> "Values":
        """Return the values of the candles that open in [from, to)."""
        step_ms, start = self.times.step, self.times.start
        begin = max(0, -(-(from_ms - start) // step_ms))
        end = max(begin, -(-(to_ms - start) // step_ms))
        return Values(self.times[begin:end], [column[begin:end] for column in self.columns])


def nothing(columns: int, step_ms: int) -> Values:
    """Return the values of no candle."""
    return Values(range(0, 0, step_ms), [[] for _ in range(columns)])


def joined(parts: Sequence[Values]) -> Values:
    """Return the values of neighbouring blocks, oldest first, as one; at least one of them."""
    filled = [part for part in parts if part.times]
    if len(filled) <= 1:
        return (filled or parts)[0]
    times = range(filled[0].times.start, filled[-1].times.stop, filled[0].times.step)
    columns = [
        [value for part in filled for value in part.columns[index]]
        for index in range(len(filled[0].columns))
    ]
    return Values(times, columns)


def told(values: Iterable[float]) -> Column:
    """Return computed values as they are told; NaN is none."""
    return [None if isnan(value) else rounded(value) for value in values]


def rounded(value: float) -> float:
    """Return a value with DIGITS significant digits; never minus zero."""
    return float(f"{value:.{DIGITS}g}") + 0.0
