"""Closed candles as columns, kept in chunks: what every indicator of a market and interval is computed from.

A chunk holds the candles of one block that are closed, and never reads those again. What goes on is read anew each
time, from memory.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from cse.gateway.indicators.reading import Candles
from cse.gateway.indicators.workers import Workers
from cse.market_data import INTERVALS, Candle
from cse.market_data.indicators import late
from cse.market_data.indicators.blocks import Block, block_at
from cse.messages.catalog import Market

if TYPE_CHECKING:
    from cse.market_data.indicators.series import Series

MAX_CHUNKS: Final = 512
"""Of 500 candles and 24 kB each: 12 MB."""


class _Chunk(NamedTuple):
    closed_to_ms: int
    series: Series


class _Read(NamedTuple):
    """A block as it is put together; `known` is held here: other questions may drop the chunk meanwhile."""

    block: Block
    known: _Chunk | None
    candles: Sequence[Candle]
    """Those after what is known."""


class Chunks:
    """The candles of all markets and intervals that somebody computes from."""

    def __init__(self, candles: Candles, workers: Workers, max_chunks: int = MAX_CHUNKS) -> None:
        """Begin with none."""
        self._candles: Final = candles
        self._workers: Final = workers
        self._max_chunks: Final = max_chunks
        self._chunks: Final[OrderedDict[tuple[int, str, int], _Chunk]] = OrderedDict()
        self._locks: Final[dict[tuple[int, str], asyncio.Lock]] = {}

    def __len__(self) -> int:
        """Return how many chunks are kept."""
        return len(self._chunks)

    async def series(
        self, market: Market, interval: str, window: tuple[int, int], closed_to_ms: int
    ) -> Series:
        """Return the candles that open in a window [from, to); those before `closed_to_ms` change no more.

        Raises:
            ApiProblem, Unavailable: 503, history is out of reach, or too much is being computed.
        """
        lock = self._locks.setdefault((market.market_id, interval), asyncio.Lock())
        async with lock:  # who asks for the same at the same time finds it read
            parts = [
                await self._part(market, interval, read, (window[1], closed_to_ms))
                for read in await self._read(market.market_id, interval, window)
            ]
        return await self._workers.run(late.cut, parts, window)

    async def _read(self, market_id: int, interval: str, window: tuple[int, int]) -> list[_Read]:
        """Return the window's blocks, each with what is kept of it and the candles after that; one query for all."""
        blocks: list[Block] = []
        at_ms, to_ms = window
        while at_ms < to_ms:
            blocks.append(block_at(interval, at_ms))
            at_ms = blocks[-1].end_ms
        kept = [self._chunks.get((market_id, interval, block.begin_ms)) for block in blocks]
        wanted = [
            (known.closed_to_ms if known else block.begin_ms, min(block.end_ms, to_ms))
            for block, known in zip(blocks, kept, strict=True)
        ]
        missing = [(begin, end) for begin, end in wanted if begin < end]
        if not missing:
            return [_Read(block, known, ()) for block, known in zip(blocks, kept, strict=True)]
        found = await self._candles.filled(market_id, interval, missing[0][0], missing[-1][1])
        first = found[0].open_time_ms if found else missing[-1][1]
        step_ms = INTERVALS[interval]
        return [
            _Read(block, known, found[_index(begin, first, step_ms) : _index(end, first, step_ms)])
            for block, known, (begin, end) in zip(blocks, kept, wanted, strict=True)
        ]

    async def _part(
        self, market: Market, interval: str, read: _Read, until: tuple[int, int]
    ) -> Series:
        """Return a block's candles up to the window's end, and keep those that are closed."""
        to_ms, closed_to_ms = until
        block, known, candles = read
        key = (market.market_id, interval, block.begin_ms)
        if known is not None:
            if key in self._chunks:
                self._chunks.move_to_end(key)
            if not candles:
                return known.series
        closed_ms = min(block.end_ms, to_ms, closed_to_ms)
        whole, closed = await self._workers.run(
            late.grown, known.series if known else None, candles, market, closed_ms
        )
        if closed_ms > (known.closed_to_ms if known else block.begin_ms):
            self._chunks[key] = _Chunk(closed_ms, closed)
            if len(self._chunks) > self._max_chunks:
                self._chunks.popitem(last=False)
        return whole


def _index(time_ms: int, first_ms: int, step_ms: int) -> int:
    """Return which of the candles from `first_ms` on opens at `time_ms`, or would."""
    return max(0, (time_ms - first_ms) // step_ms)
