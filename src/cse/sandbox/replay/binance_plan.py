"""Turns a Binance recording into steps: every trade again, in its order, between quotes of the recorded book.

Each trade is a maker's resting order and the taker's order that takes all of it. Quotes must never come
between: they are renewed at most once in `QUOTE_EVERY_NS` of recorded time, and then only at prices that no
trade reaches before they are renewed again. To know those the plan reads ahead, one renewal at a time.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cse.sandbox.replay.binance import (
    SCALE,
    DepthSnapshot,
    DepthUpdate,
    Line,
    RecordedBook,
    RecordedTrade,
    open_text,
    read_lines,
)
from cse.sandbox.replay.shadow import ShadowBook
from cse.sandbox.replay.steps import (
    SIDES,
    Action,
    BookSides,
    Level,
    Recording,
    ReplayError,
    Step,
    TapeEntry,
)

QUOTE_LEVELS: Final = 10
QUOTE_EVERY_NS: Final = 1_000_000_000

BURST_NS: Final = 10_000_000
"""Trades that came within this time, on one side and away from the touch, are one taker's sweep: their
makers' orders are all placed before the first is taken."""

MAX_BURST: Final = 50
"""As many as fit one batch request."""


class Binance:
    """A recording of one market, plain or gzipped."""

    def __init__(self, path: Path, limit: int | None = None) -> None:
        """Count the lines; `limit` plays only so many.

        Raises:
            ReplayError: the file is missing or cannot be read.
        """
        if not path.is_file():
            raise ReplayError(f"no such file: {path}")
        self._path, self._limit = path, limit
        try:
            with open_text(path) as file:
                count = sum(1 for _ in file)
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise ReplayError(f"{path.name} cannot be read: {error}") from error
        self.recording = Recording(
            name=path.name,
            price_scale=SCALE,
            quantity_scale=SCALE,
            messages=count if limit is None else min(count, limit),
            depth=QUOTE_LEVELS,
        )

    def steps(self, prefix: str) -> Iterator[Step]:
        """Yield the steps; `prefix` begins all client order ids.

        Raises:
            ReplayError: a line is malformed; names it.
        """
        plan = BinancePlan(prefix)
        yield from plan.steps(read_lines(self._path, self._limit))


class BinancePlan:
    """Quotes and trades from lines."""

    def __init__(self, prefix: str) -> None:
        """Begin with an empty market."""
        self._shadow = ShadowBook(prefix)
        self._book = RecordedBook()

    def steps(self, lines: Iterable[Line]) -> Iterator[Step]:
        """Yield the steps of these lines; holds the lines between two renewals of the quotes in memory."""
        stretch: list[Line] = []
        quoted_at: int | None = None
        for line in lines:
            if _is_depth(line) and (
                quoted_at is None or line.time_ns >= quoted_at + QUOTE_EVERY_NS
            ):
                yield from self._play(stretch)
                stretch, quoted_at = [], line.time_ns
            stretch.append(line)
        yield from self._play(stretch)

    def _play(self, stretch: list[Line]) -> Iterator[Step]:
        """Quotes by the first line, then the trades; then take in what else the lines say of the book."""
        trades = [line for line in stretch if isinstance(line.event, RecordedTrade)]
        silent = len(stretch) - len(trades)
        if stretch and _is_depth(stretch[0]):
            self._take_in(stretch[0])
            yield self._quote(stretch[0].time_ns, trades, silent)
        elif stretch:
            yield Step(stretch[0].time_ns, [], messages=silent)
        for burst in _bursts(trades):
            yield self._trade(burst)
        for line in stretch[1:]:
            self._take_in(line)

    def _take_in(self, line: Line) -> None:
        if isinstance(line.event, DepthSnapshot | DepthUpdate):
            self._book.apply(line.event)

    def _quote(self, due_ns: int, trades: list[Line], messages: int) -> Step:
        prices = [line.event.price for line in trades if isinstance(line.event, RecordedTrade)]
        wanted = {
            "buy": self._book.best("buy", QUOTE_LEVELS, min(prices, default=None)),
            "sell": self._book.best("sell", QUOTE_LEVELS, max(prices, default=None)),
        }
        actions = self._fewer(wanted) + self._more(wanted)
        book = BookSides(
            bids=self._shadow.top("buy", QUOTE_LEVELS), asks=self._shadow.top("sell", QUOTE_LEVELS)
        )
        return Step(due_ns, actions, book=book, messages=messages, note="quotes")

    def _fewer(self, wanted: dict[str, list[Level]]) -> list[Action]:
        """First everything that goes, so that nothing new can meet what is still to go."""
        actions: list[Action] = []
        for side in SIDES:
            target = dict(wanted[side])
            for price in self._shadow.prices(side):
                if self._shadow.total(side, price) > target.get(price, 0):
                    actions += self._shadow.set_level(side, price, target.get(price, 0))
        return actions

    def _more(self, wanted: dict[str, list[Level]]) -> list[Action]:
        actions: list[Action] = []
        for side in SIDES:
            for price, quantity in wanted[side]:
                actions += self._shadow.set_level(side, price, quantity)
        return actions

    def _trade(self, burst: list[Line]) -> Step:
        makers: list[Action] = []
        takers: list[Action] = []
        tape: list[TapeEntry] = []
        trades = [line.event for line in burst if isinstance(line.event, RecordedTrade)]
        for trade in trades:
            maker, _ = _sides(trade)
            makers.append(self._shadow.add(maker, trade.price, trade.quantity))
        for trade in trades:
            _, taker = _sides(trade)
            place, made = self._shadow.execute(taker, trade.price, trade.quantity)
            assert made == [TapeEntry(trade.price, trade.quantity, taker)], "quotes are in the way"
            takers.append(place)
            tape += made
        return Step(burst[0].time_ns, makers + takers, tape, messages=len(burst))


def _is_depth(line: Line) -> bool:
    return isinstance(line.event, DepthSnapshot | DepthUpdate)


def _sides(trade: RecordedTrade) -> tuple[str, str]:
    """Return the maker's side and the taker's."""
    return ("buy", "sell") if trade.buyer_is_maker else ("sell", "buy")


def _bursts(trades: list[Line]) -> Iterator[list[Line]]:
    burst: list[Line] = []
    for line in trades:
        if burst and not _goes_on(burst, line):
            yield burst
            burst = []
        burst.append(line)
    if burst:
        yield burst


def _goes_on(burst: list[Line], line: Line) -> bool:
    """Whether a trade belongs to a sweep: then it is taken in the order in which its maker ranks."""
    last, trade = burst[-1].event, line.event
    assert isinstance(last, RecordedTrade)
    assert isinstance(trade, RecordedTrade)
    if len(burst) == MAX_BURST or line.time_ns > burst[0].time_ns + BURST_NS:
        return False
    if trade.buyer_is_maker != last.buyer_is_maker:
        return False
    return trade.price <= last.price if trade.buyer_is_maker else trade.price >= last.price
