"""`orderbook.M` and `orderbook.M.step=S`: every level, then those that change, with a checksum."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Final

from cse.core.errors import InvalidAmount
from cse.gateway.present_market import levels_json
from cse.gateway.price_steps import step_ticks
from cse.gateway.problems import edge_problem
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelName, no_channel
from cse.gateway.ws.channels.public import Interest, PublicChannel, Sources
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import BookMessage, Kind
from cse.market_data import book_checksum
from cse.market_data.checksum import DEPTH as CHECKSUM_DEPTH
from cse.market_data.depth import Level
from cse.market_data.grouped import TooManySteps
from cse.messages import events as e

REUSE_PART: Final = 4
"""A book's snapshot is used again until this part (a quarter) of its levels has changed."""
REUSE_LEVELS: Final = 64
"""Of a book with a pace, at least until so many have: making a new one sends everybody an update out of turn."""
STEP_PACE_MS: Final = 100

Levels = list[Level]


class LevelsChannel(PublicChannel):
    """A book of levels, whatever their width."""

    conflates = True

    def __init__(self, name: ChannelName, sources: Sources, step: int = 1) -> None:
        """Begin after the present book; levels are `step` ticks apart."""
        market = sources.market(name)
        self._book: Final = sources.hub.depth(market.market_id)
        self._step: Final = step
        super().__init__(name, sources, market, self._book.sequence)
        self._snapshot: Outgoing | None = None
        self._since_snapshot: Final[list[Outgoing]] = []
        self._reusable_for = 0
        """How many more levels may change before a new snapshot is worth its cost."""

    def flush(self) -> None:
        """Send the levels that changed, if any did."""
        bids, asks = self._changed()
        if not bids and not asks:
            return
        message = self._message("update", self._book.sequence, self.sequence, bids, asks)
        self.sequence = message.sequence
        outgoing = Outgoing(message)
        self._keep(outgoing, len(bids) + len(asks))
        self.publish(outgoing)

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send a snapshot of all levels, a recent one with the updates since if that is less work.

        A snapshot costs as much as the book is deep; it is made only after a quarter as many levels have
        changed, so that clients who ask again and again cannot keep the exchange busy.
        """
        if not self.pace_ms:
            self.flush()
        if self._snapshot is None or self._reusable_for < 0:
            self.flush()
            bids, asks = self._levels(None)
            message = self._message("snapshot", self.sequence, None, bids, asks)
            self._snapshot = Outgoing(message)
            self._since_snapshot.clear()
            levels = len(message.bids) + len(message.asks)
            self._reusable_for = max(levels // REUSE_PART, REUSE_LEVELS if self.pace_ms else 0)
        subscriber.push(self._snapshot)
        for update in self._since_snapshot:
            subscriber.push(update)
        return True

    @abstractmethod
    def _changed(self) -> tuple[Levels, Levels]:
        """Return the levels that changed, best first, as they stand, and forget that they did."""

    @abstractmethod
    def _levels(self, limit: int | None) -> tuple[Levels, Levels]:
        """Return the best levels of both sides."""

    def _keep(self, update: Outgoing, levels: int) -> None:
        """Keep an update as long as it is cheaper than a new snapshot."""
        self._reusable_for -= levels
        if self._reusable_for >= 0:
            self._since_snapshot.append(update)
        else:
            self._since_snapshot.clear()

    def _message(
        self, kind: Kind, sequence: int, previous: int | None, bids: Levels, asks: Levels
    ) -> BookMessage:
        best_bids, best_asks = self._levels(CHECKSUM_DEPTH)
        return BookMessage(
            self.name,
            kind,
            sequence,
            previous,
            self._book.time_ms,
            self._print(bids),
            self._print(asks),
            book_checksum(self._print(best_bids), self._print(best_asks)),
        )

    def _print(self, levels: Iterable[Level]) -> list[tuple[str, str]]:
        return levels_json(levels, self.market, self._step)


class BookChannel(LevelsChannel):
    """Every level of the book."""

    interests = Interest.LEVELS

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin after the present book."""
        super().__init__(name, sources)
        self._bids: Final[set[int]] = set()
        self._asks: Final[set[int]] = set()

    def level_changed(self, event: e.LevelChanged) -> None:
        """Note a level that changed."""
        (self._bids if event.side == 1 else self._asks).add(event.price)
        self.due()

    def _changed(self) -> tuple[Levels, Levels]:
        bought, sold = self._book.bids, self._book.asks
        bids = [(price, bought.quantity(price)) for price in sorted(self._bids, reverse=True)]
        asks = [(price, sold.quantity(price)) for price in sorted(self._asks)]
        self._bids.clear()
        self._asks.clear()
        return bids, asks

    def _levels(self, limit: int | None) -> tuple[Levels, Levels]:
        return list(self._book.bids.levels(limit)), list(self._book.asks.levels(limit))


class StepChannel(LevelsChannel):
    """Levels put together by price step: bids rounded down, asks rounded up; at a pace, since there may be many."""

    interests = Interest.MOVED

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin after the present book."""
        step = _ticks(name, sources)
        super().__init__(name, sources, step)
        self.pace_ms = STEP_PACE_MS
        try:
            self._grouped: Final = self._book.groups.grouped(step, sources.clock.now_ms())
        except TooManySteps as error:
            raise edge_problem("rate_limited", str(error)) from error

    def begin(self) -> None:
        """Have the sums kept, and what changes in them noted."""
        self._grouped.hold()

    def close(self) -> None:
        """Let others have the place."""
        self._grouped.release()

    def moved(self, market_id: int) -> None:  # noqa: ARG002  # there is one
        """Look when the pace says so."""
        self.due()

    def _changed(self) -> tuple[Levels, Levels]:
        return self._grouped.changed()

    def _levels(self, limit: int | None) -> tuple[Levels, Levels]:
        return self._grouped.levels(limit)


def _ticks(name: ChannelName, sources: Sources) -> int:
    """Return a name's step in ticks. Raises ApiProblem: 404, the market has no such step."""
    market = sources.market(name)
    try:
        return step_ticks(name.parameters[0], market)
    except InvalidAmount as error:
        raise no_channel(str(name), f"the step {error}") from error
