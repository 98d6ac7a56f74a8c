"""A market's book put together by price step, kept by adding up what changes instead of walking all levels.

Bids are rounded down and asks up to a whole step: nothing is shown at a better price than it has. A book's changes
wait (each level once, with what it held before) until somebody reads; then every step that is in use takes them in.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

from cse.core.errors import CseError
from cse.market_data.levels import BookSide, Level
from cse.messages.wire import Side

MAX_STEPS: Final = 8
"""Steps of one book at once, besides round ones: 1, 2 or 5 times a power of ten (of ticks)."""
IDLE_MS: Final = 60_000
"""How long the sums of a step that nobody uses are kept: making them walks all levels."""
MAX_WAITING: Final = 4_096
"""Changed levels that wait for a reader; past this the steps that nobody holds are forgotten."""


class TooManySteps(CseError):
    """A market's book is put together by as many unusual steps as it can be, all of them in use."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            f"This market has {MAX_STEPS} unusual price steps in use, the most there may be; take a round one "
            "(1, 2 or 5 times a power of ten, in ticks), or try again in a minute."
        )


class Sides(Protocol):
    """A book of levels."""

    time_ms: int

    def side(self, side: Side) -> BookSide:
        """Return one side."""
        ...


class GroupedBook:
    """One step's sums. Prices are numbers of steps, quantities in lots."""

    def __init__(self, step: int, settle: Callable[[], None]) -> None:
        """Begin empty; `settle` brings it up to date."""
        self.step: Final = step
        self.used_ms = 0
        self.holders = 0
        self._settle: Final = settle
        self._sides: Final = {side: BookSide(side) for side in (Side.BUY, Side.SELL)}
        self._touched: Final[dict[Side, set[int]]] = {Side.BUY: set(), Side.SELL: set()}

    def hold(self) -> None:
        """Keep it until `release`, and note what changes."""
        self._settle()
        self.holders += 1

    def release(self) -> None:
        """Need it no more; the last one to say so ends the noting."""
        self.holders -= 1
        if not self.holders:
            self._forget_touched()

    def levels(self, limit: int | None) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks (None: all), best first."""
        self._settle()
        bids, asks = (self._sides[side].levels(limit) for side in (Side.BUY, Side.SELL))
        return list(bids), list(asks)

    def changed(self) -> tuple[list[Level], list[Level]]:
        """Return what changed since it was asked last, best first, as it stands; zero: gone."""
        self._settle()
        bids, asks = (
            [(price, self._sides[side].quantity(price)) for price in sorted(touched)]
            for side, touched in self._touched.items()
        )
        self._forget_touched()
        return bids[::-1], asks

    def add(self, side: Side, changes: Iterable[Level]) -> None:
        """Add to the levels that prices (in ticks) belong to, first each level's own sum; negative: take away."""
        step, up = self.step, 0 if side is Side.BUY else self.step - 1
        sums: dict[int, int] = {}
        for price, lots in changes:
            level = (price + up) // step
            sums[level] = sums.get(level, 0) + lots
        levels, touched = self._sides[side], self._touched[side]
        for level, lots in sums.items():
            if lots:
                levels.set(level, levels.quantity(level) + lots)
                if self.holders:
                    touched.add(level)

    def _forget_touched(self) -> None:
        for touched in self._touched.values():
            touched.clear()


class DepthGroups:
    """All steps by which one book is put together."""

    def __init__(self, book: Sides) -> None:
        """Begin with none."""
        self._book: Final = book
        self._groups: Final[dict[int, GroupedBook]] = {}
        self._before: Final[dict[tuple[Side, int], int]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[int]:
        return iter(self._groups)

    def grouped(self, step: int, now_ms: int) -> GroupedBook:
        """Return the book put together by a step of so many ticks; it stays a while after its last use.

        Raises:
            TooManySteps: there are as many unusual ones as there may be.
        """
        now_ms = max(now_ms, self._book.time_ms)
        found = self._groups.get(step)
        if found is None:
            self._forget_idle(now_ms)
            if not is_round(step) and self._unusual() >= MAX_STEPS:
                raise TooManySteps
            found = self._make(step)
        found.used_ms = now_ms
        return found

    def changing(self, side: Side, price: int, before: int) -> None:
        """Take note that a level is about to change from what it holds; the book tells while steps are in use."""
        if not self._groups:
            return
        if len(self._before) >= MAX_WAITING:  # first: this change is yet to be made
            self._drop(lambda group: not group.holders)
            self.settle()
        self._before.setdefault((side, price), before)

    def settle(self) -> None:
        """Bring all sums up to date with the book."""
        if not self._before:
            return
        changes: dict[Side, list[Level]] = {Side.BUY: [], Side.SELL: []}
        for (side, price), before in self._before.items():
            lots = self._book.side(side).quantity(price) - before
            if lots:
                changes[side].append((price, lots))
        self._before.clear()
        for group in self._groups.values():
            for side, changed in changes.items():
                group.add(side, changed)

    def _make(self, step: int) -> GroupedBook:
        self.settle()
        made = GroupedBook(step, self.settle)
        for side in (Side.BUY, Side.SELL):
            made.add(side, self._book.side(side).levels())
        self._groups[step] = made
        return made

    def _unusual(self) -> int:
        return sum(not is_round(step) for step in self._groups)

    def _forget_idle(self, now_ms: int) -> None:
        self._drop(lambda group: not group.holders and group.used_ms < now_ms - IDLE_MS)

    def _drop(self, which: Callable[[GroupedBook], bool]) -> None:
        for step in [step for step, group in self._groups.items() if which(group)]:
            del self._groups[step]


def is_round(step: int) -> bool:
    """Return whether a step is 1, 2 or 5 times a power of ten."""
    while step % 10 == 0:
        step //= 10
    return step in {1, 2, 5}
