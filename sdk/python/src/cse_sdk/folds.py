"""What a client keeps of each kind of channel, and what of a message is news to it."""

from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Final

from cse_sdk.book import BookView, LocalBook
from cse_sdk.chain import Message

Item = dict[str, Any]
HEAD: Final = frozenset({"channel", "type", "sequence", "previous", "time"})
"""Fields that every message has; the rest is of its kind."""
OPEN: Final = frozenset({"open", "partially_filled", "pending_trigger"})
"""Statuses of orders that can still trade."""
BY_MARKET: Final = {"tickers": "tickers", "status": "markets"}
"""Channels of all markets, and the field that holds the list."""


class Fold(ABC):
    """State made of a channel's messages. The order of messages is somebody else's care (subscription.py)."""

    @abstractmethod
    def take(self, message: Message, *, again: bool) -> Item:
        """Take in the next message; return what is news, for the application.

        `again` is set on a snapshot that comes after other messages: part of it is known, and
        `missed` in the answer says whether something between was lost.
        """

    @abstractmethod
    def value(self) -> Any:
        """Return the state as it stands; what is returned does not change any more."""


class Latest(Fold):
    """Channels whose every message is the whole state: tickers, best bid and offer, and kinds we do not know."""

    def __init__(self) -> None:
        """Begin without a state."""
        self._value: Item | None = None

    def take(self, message: Message, *, again: bool) -> Item:  # noqa: ARG002  # a state is a state
        """Keep what stands beside the head."""
        self._value = {name: field for name, field in message.items() if name not in HEAD}
        return self._value

    def value(self) -> Item | None:
        """Return the fields of the latest message."""
        return self._value


class Rows(Fold):
    """Lists of which an update holds the rows that changed: all tickers, markets' status, balances, candles."""

    def __init__(self, field: str, key: str, keep: int | None = None) -> None:
        """Keep the rows of `field` by their `key`; only the `keep` highest keys, if given."""
        self._field: Final = field
        self._key: Final = key
        self._keep: Final = keep
        self._rows: dict[Any, Item] = {}

    def take(self, message: Message, *, again: bool) -> Item:  # noqa: ARG002  # a snapshot replaces
        """Replace all rows, or those that changed."""
        if message["type"] == "snapshot":
            self._rows = {}
        rows = message[self._field]
        for row in rows:
            self._rows[row[self._key]] = row
        if self._keep is not None:
            for key in sorted(self._rows)[: -self._keep]:
                del self._rows[key]
        return {self._field: rows}

    def value(self) -> list[Item]:
        """Return the rows in the order of their keys."""
        return [self._rows[key] for key in sorted(self._rows)]


class Series(Fold):
    """Values of an indicator by time: `times`, and by output a list of `values` beside them."""

    def __init__(self, keep: int) -> None:
        """Keep so many times, the latest."""
        self._keep: Final = keep
        self._rows: dict[int, dict[str, Any]] = {}
        self._outputs: list[str] = []

    def take(self, message: Message, *, again: bool) -> Item:  # noqa: ARG002  # a snapshot replaces
        """Replace all values, or those that changed."""
        if message["type"] == "snapshot":
            self._rows = {}
        times, values = message["times"], message["values"]
        self._outputs = list(values)
        for at, time in enumerate(times):
            self._rows[time] = {name: column[at] for name, column in values.items()}
        for time in sorted(self._rows)[: -self._keep]:
            del self._rows[time]
        return {"times": times, "values": values}

    def value(self) -> Item:
        """Return all of them, oldest first."""
        times = sorted(self._rows)
        values = {name: [self._rows[time][name] for time in times] for name in self._outputs}
        return {"times": times, "values": values}


class Trades(Fold):
    """The latest trades, oldest first, none twice."""

    def __init__(self, keep: int) -> None:
        """Keep so many."""
        self._trades: Final[deque[Item]] = deque(maxlen=keep)
        self._last = 0

    def take(self, message: Message, *, again: bool) -> Item:
        """Add those that are new. A snapshot that begins after what we know may have left some out."""
        trades, last = message["trades"], self._last
        missed = again and (not trades or trades[0]["trade_id"] > last)
        new = [trade for trade in trades if trade["trade_id"] > last]
        if new:
            self._last = new[-1]["trade_id"]
        if missed:
            self._trades.clear()
        self._trades.extend(new)
        return {"trades": new, "missed": missed}

    def value(self) -> list[Item]:
        """Return the trades without a hole between them, oldest first."""
        return list(self._trades)


class Orders(Fold):
    """Own open orders, and own fills, none twice."""

    def __init__(self, keep: int) -> None:
        """Keep so many fills."""
        self._open: dict[int, Item] = {}
        self._fills: Final[deque[Item]] = deque(maxlen=keep)
        self._known: Final[set[tuple[int, int]]] = set()

    def take(self, message: Message, *, again: bool) -> Item:
        """Take orders as they stand now, and fills that are new. Snapshots hold no fills: some may be missed."""
        if message["type"] == "snapshot":
            self._open = {}
        for order in message["orders"]:
            self._open.pop(order["id"], None)
            if order["status"] in OPEN:
                self._open[order["id"]] = order
        new = [fill for fill in message["fills"] if self._is_new(fill)]
        return {"orders": message["orders"], "fills": new, "missed": again}

    def value(self) -> Item:
        """Return open orders by their ids, lowest first, and the latest fills, oldest first."""
        orders = [self._open[number] for number in sorted(self._open)]
        return {"orders": orders, "fills": list(self._fills)}

    def _is_new(self, fill: Item) -> bool:
        key = (fill["trade_id"], fill["order_id"])
        if key in self._known:
            return False
        if len(self._fills) == self._fills.maxlen:
            oldest = self._fills[0]
            self._known.discard((oldest["trade_id"], oldest["order_id"]))
        self._known.add(key)
        self._fills.append(fill)
        return True


class Book(Fold):
    """An order book. It checks its chain by itself, too: it is also used alone."""

    def __init__(self, channel: str) -> None:
        """Begin without a book. A name with a pace is one of the best levels, all of them in every message."""
        self.book: Final = LocalBook(channel, whole="@" in channel)

    def take(self, message: Message, *, again: bool) -> Item:  # noqa: ARG002  # a snapshot replaces
        """Take in the levels that changed.

        Raises:
            BookBroken: the book is another one than the exchange's.
        """
        self.book.apply(message)
        return {"bids": message["bids"], "asks": message["asks"]}

    def value(self) -> BookView:
        """Return all levels."""
        return self.book.view()


def fold_of(channel: str, keep: int) -> Fold:
    """Return what is kept of a channel, by its name."""
    kind = channel.partition(".")[0]
    if kind == "orderbook":
        return Book(channel)
    if kind == "trades":
        return Trades(keep)
    if kind == "candles":
        return Rows("candles", "time", keep)
    if kind == "indicators":
        return Series(keep)
    if kind in BY_MARKET:
        return Rows(BY_MARKET[kind], "market")
    if channel == "user.orders":
        return Orders(keep)
    if channel == "user.balances":
        return Rows("balances", "asset")
    return Latest()
