"""Candles as columns of floats: the one place where ticks and lots become what TA-Lib computes with."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cse.market_data.candles import Candle
from cse.messages.catalog import Market

Floats = NDArray[np.float64]
COLUMNS: Final = ("open", "high", "low", "close", "volume")


class Series(msgspec.Struct, frozen=True):
    """Candles that follow each other without a hole: when each opens (Unix ms), and its columns."""

    times: NDArray[np.int64]
    columns: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.times)

    def between(self, from_ms: int, to_ms: int) -> "Series":
        """Return the candles that open in [from, to); nothing is copied."""
        begin, end = np.searchsorted(self.times, (from_ms, to_ms))
        part = slice(int(begin), int(end))
        columns = {name: values[part] for name, values in self.columns.items()}
        return Series(self.times[part], columns)


def series_of(candles: Sequence[Candle], market: Market) -> Series:
    """Return candles as columns: prices in quote per base, volumes in base.

    Integers below 2^53 divided by a power of ten give the float nearest to the decimal, the one that its text
    stands for: what clients who parse the candles' strings compute with.
    """
    columns = {
        name: _scaled(
            [getattr(candle, name) for candle in candles], market.tick_size, market.price_scale
        )
        for name in COLUMNS[:4]
    }
    volumes = [candle.volume for candle in candles]
    columns["volume"] = _scaled(volumes, market.lot_step, market.quantity_scale)
    times = np.array([candle.open_time_ms for candle in candles], dtype=np.int64)
    return Series(times, columns)


def joined(parts: Sequence[Series]) -> Series:
    """Return several series, oldest first, as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Series(np.empty(0, np.int64), {name: np.empty(0) for name in COLUMNS})
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in COLUMNS}
    return Series(np.concatenate([part.times for part in parts]), columns)


def _scaled(amounts: Sequence[int], step: int, scale: int) -> Floats:
    return np.array([amount * step for amount in amounts], dtype=np.float64) / float(10**scale)
