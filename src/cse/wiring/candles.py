"""Candles that are behind their trades are built: in the background of a projector, or for a command that waits."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from cse.adapters.sql.candle_building import CandleBuilder, Progress
from cse.adapters.sql.engine import make_engine
from cse.core.errors import CseError, Unavailable
from cse.settings import Settings

log = structlog.get_logger(__name__)

_LOOK_S: Final = 5.0
"""How often a projector looks whether candles are behind: a rebuild may have been killed midway."""
_TELL_S: Final = 10.0


class NoSuchMarket(CseError):
    """A market that this database knows nothing of."""


@asynccontextmanager
async def candle_builder(settings: Settings) -> AsyncIterator[CandleBuilder]:
    """Give a builder on the database of the settings, which is migrated already."""
    # What a power cut takes from the database is built again: each step moves the position with its rows.
    engine = make_engine(settings.database_url, durable=False, pool_size=1)
    try:
        yield CandleBuilder(engine)
    finally:
        await engine.dispose()


async def keep_candles_built(settings: Settings) -> None:
    """Build whatever is behind, for ever; half of the time is left to those who write trades."""
    async with candle_builder(settings) as builder:
        told = ""
        while True:
            try:
                for market in await builder.behind():
                    await _build(builder, market)
                told = ""
            except Unavailable as error:
                if str(error) != told:
                    log.warning("candles_wait", reason=str(error))
                told = str(error)
            await asyncio.sleep(_LOOK_S)


async def rebuild_candles(
    builder: CandleBuilder, symbol: str | None = None
) -> AsyncIterator[Progress]:
    """Empty and build the candles of one market or all; yields after each small transaction.

    Raises:
        NoSuchMarket: no market is called so.
        Unavailable: the database is out of reach.
    """
    markets = await builder.progress()
    if symbol is not None:
        markets = [market for market in markets if market.symbol == symbol]
        if not markets:
            raise NoSuchMarket(f"there is no market {symbol!r} in this database")
    for market in markets:
        await builder.start_over(market.market_id)
    for market in markets:
        async for progress in in_turns(builder, market.market_id, share=0.8):
            yield progress


async def in_turns(builder: CandleBuilder, market_id: int, share: float) -> AsyncIterator[Progress]:
    """Build a market, working for this share of the time: whoever writes trades gets in between."""
    began = time.monotonic()
    async for progress in builder.build(market_id):
        yield progress
        await asyncio.sleep((time.monotonic() - began) * (1 / share - 1))
        began = time.monotonic()


async def _build(builder: CandleBuilder, market: Progress) -> None:
    log.info("candles_behind", market=market.symbol, built=market.built, trades=market.last)
    began = told_at = time.monotonic()
    async for progress in in_turns(builder, market.market_id, share=0.5):
        if time.monotonic() - told_at > _TELL_S:
            told_at = time.monotonic()
            log.info(
                "candles_are_built",
                market=progress.symbol,
                built=progress.built,
                trades=progress.last,
            )
    seconds = round(time.monotonic() - began, 1)
    log.info("candles_whole", market=market.symbol, trades=progress.last, seconds=seconds)
