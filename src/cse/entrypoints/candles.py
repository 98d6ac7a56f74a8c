"""`cse candles rebuild`, and what `cse migrate` does about candles: they are built, with a progress bar."""

import asyncio
from collections.abc import AsyncIterator, Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from cse.adapters.sql.candle_building import EMPTYING, CandleBuilder, Progress
from cse.adapters.sql.schema import check
from cse.settings import Settings
from cse.wiring.candles import candle_builder, in_turns, rebuild_candles

Steps = Callable[[CandleBuilder], AsyncIterator[Progress]]


def rebuild(settings: Settings, market: str | None, console: Console) -> str:
    """Make candles anew from the trades table and return one sentence about it.

    It may be interrupted and repeated, and a projector may write meanwhile. Until a market's candles are
    whole again, those of the past are answered with 503.

    Raises:
        cse.adapters.sql.schema.SchemaMismatch: the database is not of this software's schema.
        cse.wiring.candles.NoSuchMarket: no market is called so.
        cse.core.errors.Unavailable: the database is out of reach.
    """
    return asyncio.run(_rebuild(settings, market, console))


async def _rebuild(settings: Settings, market: str | None, console: Console) -> str:
    await check(settings.database_url)
    whole = await _show(settings, lambda builder: rebuild_candles(builder, market), console)
    return _sentence("rebuilt", whole)


async def catch_up(settings: Settings, console: Console) -> str:
    """Build what is behind and return one sentence about it; empty if nothing was. Errors as `rebuild`."""

    async def behind(builder: CandleBuilder) -> AsyncIterator[Progress]:
        for market in await builder.behind():
            async for progress in in_turns(builder, market.market_id, share=0.8):
                yield progress

    whole = await _show(settings, behind, console)
    return _sentence("built", whole) if whole else ""


async def _show(settings: Settings, steps: Steps, console: Console) -> dict[str, Progress]:
    """Take the steps, each market with a bar of its own; return how far each is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    found: dict[str, Progress] = {}
    bars: dict[str, TaskID] = {}
    with Bars(*columns, TextColumn("trades"), TimeRemainingColumn(), console=console) as shown:
        async with candle_builder(settings) as builder:
            async for now in steps(builder):
                if now.symbol not in bars:
                    bars[now.symbol] = shown.add_task(now.symbol)
                doing = "emptying" if now.built == EMPTYING else "candles"
                shown.update(
                    bars[now.symbol],
                    description=f"{doing} {now.symbol}",
                    completed=max(0, now.built),
                    total=now.last,
                )
                found[now.symbol] = now
    return found


def _sentence(verb: str, whole: dict[str, Progress]) -> str:
    trades = sum(progress.last for progress in whole.values())
    markets = "1 market" if len(whole) == 1 else f"{len(whole)} markets"
    return f"{verb} the candles of {markets} from {trades:,} trades"
