"""After a start: tape, 24 hours and candles get back from history what was traded before it."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from cse.core.errors import Unavailable
from cse.gateway.market_history import as_candle
from cse.market_data.candles import INTERVALS, Candle, open_time
from cse.market_data.tape import MAX_TRADES
from cse.projections.ports import HistoryReader
from cse.projections.views import TradeView
from cse.wiring.views import Views

log = structlog.get_logger(__name__)

_RETRY_S: Final = 0.5
_MINUTE: Final = INTERVALS["1m"]
_CANDLES: Final = 100
"""How many closed candles of each interval are read back; older ones are asked of history when wanted."""
_DAY_OF_MINUTES: Final = 24 * 60
_FINER: Final = ("1d", "1h", "1m")
_MANY: Final = 1_000_000


async def seed_market_data(views: Views, history: HistoryReader) -> None:
    """Wait until history holds everything before the start, then put it in front; market by market."""
    started_at = views.market_data.sequence
    hub = views.market_data
    told = ""
    waiting = [market_id for market_id in hub if not hub.market(market_id).seeded]
    while waiting:
        try:
            if await history.position() >= started_at:
                market_id = waiting[0]
                trades, candles = await _read(history, market_id, hub.market(market_id).seed_to)
                hub.seed(market_id, trades, candles)
                waiting.pop(0)
                continue
        except Unavailable as error:
            if str(error) != told:
                log.info("market_data_waits", reason=str(error))
            told = str(error)
        await asyncio.sleep(_RETRY_S)
    log.info("market_data_complete", sequence=started_at)


async def _read(
    history: HistoryReader, market_id: int, last_id: int
) -> tuple[Sequence[TradeView], dict[str, list[Candle]]]:
    """Return the newest trades from a whole minute on, and candles of all that was traded before it."""
    newest = await history.trades(market_id, before=last_id + 1, after=None, limit=MAX_TRADES)
    if not newest:
        return [], {}
    cut_ms = open_time(newest[-1].time_ms, _MINUTE)
    trades = await history.trades_since(market_id, cut_ms, _MANY)
    candles = {name: await _candles(history, market_id, name, cut_ms) for name in INTERVALS}
    return [trade for trade in trades if trade.trade_id <= last_id], candles


async def _candles(history: HistoryReader, market_id: int, name: str, cut_ms: int) -> list[Candle]:
    """Return one interval's candles up to `cut_ms`, a whole minute; the last one in finer pieces."""
    interval_ms = INTERVALS[name]
    count = _DAY_OF_MINUTES if name == "1m" else _CANDLES
    finer = [INTERVALS[below] for below in _FINER if INTERVALS[below] < interval_ms]
    found: list[Candle] = []
    reached_ms = open_time(cut_ms - count * interval_ms, interval_ms)
    for piece_ms in (interval_ms, *finer):
        end_ms = open_time(cut_ms, piece_ms)
        if end_ms > reached_ms:
            views = await history.candles_since(market_id, piece_ms, reached_ms, end_ms, _MANY)
            found += map(as_candle, views)
            reached_ms = end_ms
    return found
