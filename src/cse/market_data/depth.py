"""One market's order book by price level, as everybody may see it. Prices in ticks, quantities in lots."""

from typing import Final

import msgspec

from cse.market_data.grouped import DepthGroups
from cse.market_data.levels import BookSide, Level
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import Side

__all__ = ["BookSide", "DepthBook", "DepthSnapshot", "Level"]


class DepthSnapshot(msgspec.Struct, frozen=True, gc=False):
    """The best levels of a book at one moment, best first."""

    sequence: int
    """The last command that changed the book (after a start: the last command before it)."""
    time_ms: int
    bids: list[Level]
    asks: list[Level]


class DepthBook:
    """Both sides of a market, kept current by the level totals that events carry."""

    def __init__(self) -> None:
        """Begin empty."""
        self.sequence = 0
        self.time_ms = 0
        self.bids: Final = BookSide(Side.BUY)
        self.asks: Final = BookSide(Side.SELL)
        self.groups: Final = DepthGroups(self)

    def side(self, side: Side) -> BookSide:
        """Return the side on which orders of this kind rest."""
        return self.bids if side is Side.BUY else self.asks

    def load(self, record: r.OrderRecord) -> None:
        """Add one resting order of a snapshot to its level."""
        side = self.side(record.side)
        remaining = record.quantity - record.filled_quantity
        side.set(record.price, side.quantity(record.price) + remaining)

    def apply(self, event: e.LevelChanged, sequence: int, time_ms: int) -> None:
        """Set one level to what the event says."""
        self.sequence, self.time_ms = sequence, time_ms
        levels = self.side(event.side)
        self.groups.changing(event.side, event.price, levels.quantity(event.price))
        levels.set(event.price, event.quantity)

    def snapshot(self, limit: int | None = None) -> DepthSnapshot:
        """Return the best `limit` levels of each side (None: all)."""
        bids, asks = list(self.bids.levels(limit)), list(self.asks.levels(limit))
        return DepthSnapshot(self.sequence, self.time_ms, bids, asks)
