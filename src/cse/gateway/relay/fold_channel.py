"""Relayed public channels: what was relayed is folded, so that anybody can be opened at once."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import structlog

from cse.gateway.relay.asks import Asks
from cse.gateway.relay.book_fold import BookFold
from cse.gateway.relay.fold import Fold
from cse.gateway.relay.folds import (
    SNAPSHOT_CANDLES,
    IndicatorFold,
    KeyedFold,
    TradesFold,
    WholeFold,
)
from cse.gateway.relay.protocol import Follow, Head, read_head
from cse.gateway.relay.relayed import NOTHING_YET, Relayed
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.frames import Encoding, Outgoing

log = structlog.get_logger(__name__)

REUSED_FOR: Final = 16
"""A book's snapshot is used again, with the updates on it, for so many updates: making one costs as much as the
book is deep."""

FOLDS: Final[dict[ChannelKind, Callable[[], Fold]]] = {
    ChannelKind.BOOK: BookFold,
    ChannelKind.STEP: BookFold,
    ChannelKind.TOP: WholeFold,
    ChannelKind.BBO: WholeFold,
    ChannelKind.TICKER: WholeFold,
    ChannelKind.TRADES: TradesFold,
    ChannelKind.CANDLES: partial(KeyedFold, "time", SNAPSHOT_CANDLES),
    ChannelKind.INDICATORS: IndicatorFold,
    ChannelKind.TICKERS: partial(KeyedFold, "market"),
    ChannelKind.STATUS: partial(KeyedFold, "market"),
}
"""What holds each kind of public channel. One that is not here is opened by what was asked for (TailChannel)."""


class FoldChannel(Relayed):
    """A public channel and its fold."""

    def __init__(self, follow: Follow, asks: Asks, kind: ChannelKind) -> None:
        """Begin with nothing."""
        super().__init__(follow, asks)
        self.conflates = kind is not ChannelKind.TRADES
        self.uses_cache = kind is ChannelKind.BOOK
        self._reused_for: Final = REUSED_FOR if FOLDS[kind] is BookFold else 0
        self._new_fold: Final = FOLDS[kind]
        self.fold = self._new_fold()
        self._snapshot: Outgoing | None = None
        self._updates: Final[list[Outgoing]] = []
        """What came after the snapshot."""

    def send_opening(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for private ones
        if self._snapshot is None:
            if self.uses_cache and isinstance(self.fold, BookFold) and not self.fold.is_right:
                log.error("relay_book_is_wrong", channel=self.name, sequence=self.sequence)
                self.sequence = NOTHING_YET
                self.begin()
                return False
            self._snapshot = self.fold.snapshot()
        subscriber.push(self._snapshot)
        for update in self._updates:
            subscriber.push(update)
        return True

    def keep(self, head: Head, outgoing: Outgoing, payload: bytes) -> None:  # noqa: ARG002  # of a Relayed
        self.fold.take(payload)
        if self._snapshot is not None:
            self._updates.append(outgoing)
            if len(self._updates) > self._reused_for:
                self._drop_snapshot()

    def knows(self, payload: bytes) -> bool:
        known = self.sequence != NOTHING_YET
        return known and payload == self.fold.snapshot().payload(Encoding.JSON)

    def replace(self, messages: Sequence[bytes]) -> None:
        fold, sequence = self._new_fold(), read_head(messages[-1]).sequence
        for payload in messages:
            fold.take(payload)
        missed = None if self.sequence == NOTHING_YET else self._missed(fold, sequence)
        self.fold, self.sequence = fold, sequence
        self._drop_snapshot()
        if missed is not None:
            self.publish(missed)

    def _missed(self, fold: Fold, sequence: int) -> Outgoing | None:
        """Return what subscribers need to go on with another fold, None if they have all of it."""
        new = fold.snapshot().payload(Encoding.JSON)
        if new == self.fold.snapshot().payload(Encoding.JSON):
            return None
        if isinstance(self.fold, TradesFold) and sequence >= self.sequence:
            found = self.fold.missed(new, self.sequence)
            if found is not None:
                is_known = sequence == self.sequence  # older trades came to light, no new ones
                return None if is_known else found
        return fold.snapshot()

    def _drop_snapshot(self) -> None:
        self._snapshot = None
        self._updates.clear()
