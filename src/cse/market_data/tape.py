"""A market's latest trades, newest kept, oldest forgotten."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, Protocol

import msgspec

from cse.messages import events as e
from cse.messages.wire import Side

MAX_TRADES: Final = 1_000
"""Trades kept per market; older ones are in the history."""


class TradeLike(Protocol):
    """What market data needs of a trade, wherever it comes from (tape or history)."""

    @property
    def market_id(self) -> int: ...
    @property
    def trade_id(self) -> int: ...
    @property
    def price(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def quote_amount(self) -> int: ...
    @property
    def taker_side(self) -> Side: ...
    @property
    def time_ms(self) -> int: ...
    @property
    def sequence(self) -> int: ...


class TapeTrade(msgspec.Struct, frozen=True, gc=False):
    """A trade as everybody sees it: ticks, lots, quote units, Unix ms."""

    market_id: int
    trade_id: int
    price: int
    quantity: int
    quote_amount: int
    taker_side: Side
    time_ms: int
    sequence: int

    @classmethod
    def of_event(cls, event: e.Trade, sequence: int, time_ms: int) -> "TapeTrade":
        """Return what everybody may see of a trade."""
        return cls(
            event.market_id,
            event.trade_id,
            event.price,
            event.quantity,
            event.quote_amount,
            event.taker_side,
            time_ms,
            sequence,
        )


class TradeTape:
    """A bounded ring of trades in the order of their ids."""

    def __init__(self, max_trades: int = MAX_TRADES) -> None:
        """Begin empty; at most `max_trades` stay."""
        self._trades: deque[TradeLike] = deque(maxlen=max_trades)

    def __len__(self) -> int:
        return len(self._trades)

    def add(self, trade: TradeLike) -> None:
        """Append the newest trade."""
        self._trades.append(trade)

    def seed(self, trades: Iterable[TradeLike]) -> None:
        """Put older trades, oldest first, before those that are here."""
        self._trades = deque([*trades, *self._trades], self._trades.maxlen)

    def latest(self, limit: int | None = None) -> Sequence[TradeLike]:
        """Return the latest trades, newest first, at most `limit` of them."""
        return list(islice(reversed(self._trades), limit))
