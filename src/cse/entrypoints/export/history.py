"""Trades and candles from the projections' database, oldest first, a page at a time."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from cse.entrypoints.export.tables import BATCH_ROWS, Batch, CannotExport, Column, Kind, Row, Table
from cse.market_data import INTERVALS, open_time
from cse.market_data.candles import next_open
from cse.messages.catalog import Catalog, Market
from cse.messages.wire import Side
from cse.projections.ports import HistoryReader
from cse.projections.views import CandleView, TradeView

_FOREVER_MS: Final = 2**53 - 1


class Span(NamedTuple):
    """Times in [from, to), Unix ms; None: from the first, to the last."""

    from_ms: int | None = None
    to_ms: int | None = None


def market_named(catalog: Catalog, symbol: str) -> Market:
    """Return the market. Raises CannotExport: there is none; names those that there are."""
    market = catalog.markets_by_symbol.get(symbol)
    if market is None:
        known = ", ".join(sorted(catalog.markets_by_symbol)) or "none at all"
        raise CannotExport(f"there is no market {symbol!r}; there are: {known}")
    return market


async def trades_table(
    history: HistoryReader, market: Market, span: Span, rows: int = BATCH_ROWS
) -> Table:
    """Return a market's trades of a time; those that are written while the export goes on are left out."""
    first, last = await _ids(history, market.market_id, span)
    columns = (
        Column("market", Kind.TEXT),
        Column("trade_id", Kind.INTEGER),
        Column("price", Kind.DECIMAL, market.price_scale),
        Column("quantity", Kind.DECIMAL, market.quantity_scale),
        Column("quote_amount", Kind.DECIMAL, market.quote.scale),
        Column("taker_side", Kind.TEXT),
        Column("time", Kind.TIME),
    )
    batches = _trades(history, market, first, last, rows)
    return Table(f"trades of {market.symbol}", columns, max(0, last - first + 1), batches)


async def candles_table(
    history: HistoryReader, market: Market, interval: str, span: Span, rows: int = BATCH_ROWS
) -> Table:
    """Return a market's candles that open in a time; intervals without a trade have none.

    Raises:
        CannotExport: there is no such interval.
    """
    if interval not in INTERVALS:
        raise CannotExport(f"there is no interval {interval!r}; there are: {', '.join(INTERVALS)}")
    step_ms, last_ms = INTERVALS[interval], 0
    if newest := await history.trades(market.market_id, before=None, after=None, limit=1):
        last_ms = open_time(newest[0].time_ms, step_ms)
    from_ms = max(0, span.from_ms or 0)
    if first := await history.trades_since(market.market_id, from_ms, 1):
        from_ms = max(from_ms, open_time(first[0].time_ms, step_ms))
    to_ms = min(last_ms + 1, _FOREVER_MS if span.to_ms is None else span.to_ms)
    columns = (
        Column("market", Kind.TEXT),
        Column("time", Kind.TIME),
        *(
            Column(name, Kind.DECIMAL, market.price_scale)
            for name in ("open", "high", "low", "close")
        ),
        Column("volume", Kind.DECIMAL, market.quantity_scale),
        Column("quote_volume", Kind.DECIMAL, market.quote.scale),
        Column("trades", Kind.INTEGER),
    )
    batches = _candles(history, market, step_ms, Span(from_ms, to_ms), rows)
    title = f"candles of {market.symbol}, {interval}"
    return Table(title, columns, max(0, to_ms - from_ms), batches)


async def _ids(history: HistoryReader, market_id: int, span: Span) -> tuple[int, int]:
    """Return the first and the last trade's id of a time; the last is below the first if there is none."""
    newest = await history.trades(market_id, before=None, after=None, limit=1)
    last = newest[0].trade_id if newest else 0
    if span.to_ms is not None and (
        beyond := await history.trades_since(market_id, max(0, span.to_ms), 1)
    ):
        last = min(last, beyond[0].trade_id - 1)
    inside = await history.trades_since(market_id, max(0, span.from_ms or 0), 1)
    return (inside[0].trade_id if inside else last + 1), last


async def _trades(
    history: HistoryReader, market: Market, first: int, last: int, rows: int
) -> AsyncIterator[Batch]:
    """Yield trades by rising id; a market's ids have no gaps, so so many ids are so many rows."""
    for begin in range(first, last + 1, rows):
        end = min(begin + rows, last + 1)
        page = await history.trades(
            market.market_id, before=end, after=begin - 1, limit=end - begin
        )
        yield Batch(_trade_rows(page[::-1], market), end - first)


async def _candles(
    history: HistoryReader, market: Market, step_ms: int, span: Span, rows: int
) -> AsyncIterator[Batch]:
    begin_ms, to_ms = span.from_ms or 0, span.to_ms or 0
    next_ms = next_open(begin_ms, step_ms)
    while next_ms < to_ms:
        page = await history.candles_since(market.market_id, step_ms, next_ms, to_ms, rows)
        next_ms = page[-1].open_time_ms + step_ms if len(page) == rows else to_ms
        yield Batch(_candle_rows(page, market), min(next_ms, to_ms) - begin_ms)


def _trade_rows(page: Sequence[TradeView], market: Market) -> list[Row]:
    tick, lot = market.tick_size, market.lot_step
    return [
        (
            market.symbol,
            trade.trade_id,
            trade.price * tick,
            trade.quantity * lot,
            trade.quote_amount,
            "buy" if trade.taker_side is Side.BUY else "sell",
            trade.time_ms,
        )
        for trade in page
    ]


def _candle_rows(page: Sequence[CandleView], market: Market) -> list[Row]:
    tick, lot = market.tick_size, market.lot_step
    return [
        (
            market.symbol,
            candle.open_time_ms,
            candle.open * tick,
            candle.high * tick,
            candle.low * tick,
            candle.close * tick,
            candle.volume * lot,
            candle.quote_volume,
            candle.trades,
        )
        for candle in page
    ]
