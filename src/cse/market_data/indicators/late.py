"""What is computed, for those who do not compute themselves: numpy and TA-Lib are loaded by the first call.

They take a tenth of a second and 17 MB, which an exchange that nobody asks for indicators never spends. Call these off
the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cse.market_data.candles import Candle
from cse.market_data.indicators.blocks import Block
from cse.market_data.indicators.chosen import Chosen
from cse.market_data.indicators.told import Values
from cse.messages.catalog import Market

if TYPE_CHECKING:
    from cse.market_data.indicators.series import Series


def grown(
    known: Series | None, candles: Sequence[Candle], market: Market, closed_ms: int
) -> tuple[Series, Series]:
    """Return what is known with more candles after it, and the part of that which opens before `closed_ms`."""
    from cse.market_data.indicators.series import joined, series_of

    new = series_of(candles, market)
    whole = new if known is None else joined((known, new))
    return whole, whole.between(0, closed_ms)


def cut(parts: Sequence[Series], window: tuple[int, int]) -> Series:
    """Return those candles of several series, oldest first, that open in a window [from, to)."""
    from cse.market_data.indicators.series import joined

    return joined(parts).between(*window)


def compute(
    chosen: Chosen, candles: Series, interval: str, blocks: Sequence[Block], from_ms: int
) -> list[Values]:
    """Return the values of each block's candles that open at `from_ms` or later.

    `candles` begin `reach_ms` before the first block, or with the market's first candle.
    """
    from cse.market_data.indicators import computing

    return [computing.compute(chosen, candles, interval, block, from_ms) for block in blocks]


def reach_ms(chosen: Chosen, interval: str) -> int:
    """Return how long before a block its candles begin. Raises Unusable; see `computing.reach_ms`."""
    from cse.market_data.indicators import computing

    return computing.reach_ms(chosen, interval)
