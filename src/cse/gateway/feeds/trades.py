"""The newest trades of a time window, from memory and history, at a bounded cost."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from cse.gateway.deps import GatewayDeps
from cse.gateway.market_history import MarketHistory
from cse.market_data.tape import TradeLike

MAX_TRADES: Final = 5_000
"""Trades that one call looks through, and the most that it answers."""
_PAGE: Final = 1_000
_RENDERED: Final = 500
"""Trades that are printed before others get their turn: under a millisecond."""
T = TypeVar("T")


async def printed(trades: Sequence[TradeLike], print_one: Callable[[TradeLike], T]) -> list[T]:
    """Return all trades as `print_one` shows them; the event loop goes on in between."""
    found: list[T] = []
    for begin in range(0, len(trades), _RENDERED):
        found += map(print_one, trades[begin : begin + _RENDERED])
        await asyncio.sleep(0)
    return found


class TradeWindow:
    """Reads trades by time."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read memory first, history behind it."""
        self._deps: Final = deps
        self._history: Final = MarketHistory(deps.market_data, deps.history, deps.gate)

    async def newest(
        self,
        market_id: int,
        start_ms: int,
        end_ms: int,
        limit: int,
        wanted: Callable[[TradeLike], bool] = lambda _trade: True,
    ) -> list[TradeLike]:
        """Return the newest `limit` of the trades in [start, end], newest first; errors as MarketHistory's."""
        found: list[TradeLike] = []
        before = await self._first_after(market_id, end_ms)
        for _ in range(MAX_TRADES // _PAGE):
            page = await self._history.trades(market_id, before, _PAGE)
            inside = [trade for trade in page if start_ms <= trade.time_ms <= end_ms]
            found += filter(wanted, inside)
            if len(found) >= limit or len(page) < _PAGE or page[-1].time_ms < start_ms:
                break
            before = page[-1].trade_id
        return found[:limit]

    async def _first_after(self, market_id: int, end_ms: int) -> int | None:
        """Return the id of the first trade after `end_ms`; None where the newest pages will do."""
        data = self._deps.market_data.market(market_id)
        recent = data.trades.latest()
        later = [trade.trade_id for trade in recent if trade.time_ms > end_ms]
        if len(later) < len(recent):
            return min(later, default=None)
        if not recent and not data.seed_to:
            return None
        await self._deps.gate.reach(data.trade_sequence)
        first = await self._deps.gate.answer(self._first_of_history(market_id, end_ms))
        return min([*later, *first], default=None)

    async def _first_of_history(self, market_id: int, end_ms: int) -> list[int]:
        found = await self._deps.history.trades_since(market_id, end_ms + 1, 1)
        return [trade.trade_id for trade in found]
