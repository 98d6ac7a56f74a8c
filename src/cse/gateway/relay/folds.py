"""Folds of everything that is no order book: whole messages, latest trades, candles, lists of markets."""

from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Final

from cse.gateway.relay.fold import Fields, as_snapshot, decode, encode, the_list
from cse.gateway.ws.frames import Outgoing

SNAPSHOT_TRADES: Final = 50
SNAPSHOT_CANDLES: Final = 100
SNAPSHOT_VALUES: Final = 100


class WholeFold:
    """Channels whose every message is all there is to know: ticker, best bid and offer, top levels."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._last = b""
        self._snapshot: Outgoing | None = None

    def take(self, payload: bytes) -> None:
        self._last = payload
        self._snapshot = None

    def snapshot(self) -> Outgoing:
        if self._snapshot is None:
            self._snapshot = Outgoing(None, as_snapshot(decode(self._last)))
        return self._snapshot


class ListFold(ABC):
    """Channels whose messages have one list of what changed."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._last: Fields = {}
        self._list = ""
        self._snapshot: Outgoing | None = None

    def take(self, payload: bytes) -> None:
        message = decode(payload)
        if not self._list:
            self._list = the_list(message)
        if message["type"] == "snapshot":
            self.clear()
        self.add(message[self._list])
        self._last = message
        self._snapshot = None

    def snapshot(self) -> Outgoing:
        if self._snapshot is None:
            contents = {self._list: self.contents()}
            self._snapshot = Outgoing(None, as_snapshot(self._last, **contents))
        return self._snapshot

    @abstractmethod
    def clear(self) -> None:
        """Forget what was taken in."""

    @abstractmethod
    def add(self, items: list[Any]) -> None:
        """Take in what changed."""

    @abstractmethod
    def contents(self) -> list[Any]:
        """Return what a snapshot lists."""


class TradesFold(ListFold):
    """The latest trades, oldest first."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._trades: Final[deque[Any]] = deque(maxlen=SNAPSHOT_TRADES)

    def clear(self) -> None:
        self._trades.clear()

    def add(self, items: list[Any]) -> None:
        self._trades.extend(items)

    def contents(self) -> list[Any]:
        return list(self._trades)

    def missed(self, payload: bytes, previous: int) -> Outgoing | None:
        """Return what a snapshot has that we have not, as the update that goes on from ours.

        None: some of what came between is in neither.
        """
        message = decode(payload)
        trades = message[self._list]
        last = self._trades[-1]["trade_id"] if self._trades else 0
        if trades and trades[0]["trade_id"] > last + 1:
            return None
        new = [trade for trade in trades if trade["trade_id"] > last]
        update = {**message, "type": "update", "previous": previous, self._list: new}
        return Outgoing(None, encode(update))


class KeyedFold(ListFold):
    """Things that have a name and replace the one of the same name: candles, markets."""

    def __init__(self, key: str, limit: int | None = None) -> None:
        """Hold the last so many by their `key`; they come in the order in which they are shown."""
        super().__init__()
        self._key: Final = key
        self._limit: Final = limit
        self._items: Final[dict[Any, Any]] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def clear(self) -> None:
        self._items.clear()

    def add(self, items: list[Any]) -> None:
        for item in items:
            self._items[item[self._key]] = item
        if self._limit is not None:
            for key in list(self._items)[: -self._limit]:
                del self._items[key]

    def contents(self) -> list[Any]:
        return list(self._items.values())


class IndicatorFold:
    """The latest values of an indicator: columns by output, aligned with their times."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._last: Fields = {}
        self._rows: Final[dict[int, tuple[Any, ...]]] = {}
        self._snapshot: Outgoing | None = None

    def take(self, payload: bytes) -> None:
        message = decode(payload)
        if message["type"] == "snapshot":
            self._rows.clear()
        times = message["times"]
        columns = zip(*message["values"].values(), strict=True)
        self._rows.update(zip(times, columns, strict=True))
        for time_ms in list(self._rows)[:-SNAPSHOT_VALUES]:
            del self._rows[time_ms]
        self._last = message
        self._snapshot = None

    def snapshot(self) -> Outgoing:
        if self._snapshot is None:
            columns = [list(column) for column in zip(*self._rows.values(), strict=True)]
            names = list(self._last["values"])
            values = dict(zip(names, columns or [[] for _ in names], strict=True))
            payload = as_snapshot(self._last, times=list(self._rows), values=values)
            self._snapshot = Outgoing(None, payload)
        return self._snapshot
