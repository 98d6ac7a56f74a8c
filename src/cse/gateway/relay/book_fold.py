"""Folds order books: levels by price, best first in the snapshot."""

from cse.gateway.relay.fold import Fields, as_snapshot, decode
from cse.gateway.ws.frames import Outgoing
from cse.market_data.checksum import DEPTH, book_checksum

Levels = dict[str, str]
"""Quantity by price, both as printed; all prices of a market have the same number of decimals."""


class BookFold:
    """`orderbook.M` and `orderbook.M.step=...`."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._last: Fields = {}
        self._bids: Levels = {}
        self._asks: Levels = {}
        self._snapshot: Outgoing | None = None

    def take(self, payload: bytes) -> None:
        message = decode(payload)
        if message["type"] == "snapshot":
            self._bids, self._asks = {}, {}
        _apply(self._bids, message["bids"])
        _apply(self._asks, message["asks"])
        self._last = message
        self._snapshot = None

    def snapshot(self) -> Outgoing:
        if self._snapshot is None:
            bids, asks = _best_first(self._bids, highest=True), _best_first(self._asks)
            self._snapshot = Outgoing(None, as_snapshot(self._last, bids=bids, asks=asks))
        return self._snapshot

    @property
    def is_right(self) -> bool:
        """Whether the best levels give the checksum that the last message told (where it told one)."""
        told = self._last.get("checksum")
        if told is None:
            return True
        bids = _best_first(self._bids, highest=True)[:DEPTH]
        return bool(told == book_checksum(bids, _best_first(self._asks)[:DEPTH]))


def _apply(levels: Levels, changed: list[tuple[str, str]]) -> None:
    for price, quantity in changed:
        if quantity.strip("0."):
            levels[price] = quantity
        else:
            levels.pop(price, None)


def _best_first(levels: Levels, *, highest: bool = False) -> list[tuple[str, str]]:
    return sorted(levels.items(), key=_ticks, reverse=highest)


def _ticks(level: tuple[str, str]) -> int:
    return int(level[0].replace(".", ""))
