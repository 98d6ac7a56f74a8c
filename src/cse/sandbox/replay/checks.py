"""What a replay is held to: the book after each step, the tape, and the money of its accounts."""

import msgspec

from cse.sandbox.replay.steps import BookSides, Level, Step, TapeEntry


class BookCheck(msgspec.Struct):
    """The exchange's best levels against what the recording says, step by step."""

    books: int = 0
    """How many times the book was compared."""
    levels: int = 0
    """Levels compared that the replay had to get right by itself."""
    learned: int = 0
    """Levels that had just been set from the recording (seed, or come into sight)."""
    differences: int = 0
    first: str = ""
    """The first difference, in words."""

    def compare(self, number: int, step: Step, actual: BookSides) -> None:
        """Compare after a step; `number` counts the recording's messages, for the words."""
        assert step.book is not None
        self.books += 1
        self.learned += step.learned
        self.levels += len(step.book.bids) + len(step.book.asks) - step.learned
        for side, wanted, found in (
            ("bids", step.book.bids, actual.bids),
            ("asks", step.book.asks, actual.asks),
        ):
            if wanted != found:
                self.differences += _count_different(wanted, found)
                self.first = self.first or f"message {number}, {side}: {wanted} became {found}"


class TapeCheck(msgspec.Struct):
    """The trades that came out against those that went in: price, quantity, taker side, order."""

    expected: int = 0
    actual: int = 0
    first: str = ""
    """The first difference, in words; empty: the tapes are the same."""

    @classmethod
    def of(cls, expected: list[TapeEntry], actual: list[TapeEntry]) -> "TapeCheck":
        """Compare two tapes, oldest trade first."""
        check = cls(len(expected), len(actual))
        for number, (wanted, found) in enumerate(zip(expected, actual, strict=False), 1):
            if wanted != found:
                check.first = f"trade {number}: {wanted} became {found}"
                return check
        if len(expected) != len(actual):
            check.first = f"{len(expected)} trades went in, {len(actual)} came out"
        return check


class LedgerLine(msgspec.Struct):
    """All money of one asset that the replay's accounts have together, in asset units."""

    asset: str
    scale: int
    before: int
    after: int
    fees: int
    """What their fills say they paid."""

    @property
    def difference(self) -> int:
        """Zero: nothing appeared and nothing vanished."""
        return self.after + self.fees - self.before


class LedgerCheck(msgspec.Struct):
    """Every asset of the market, and that each trade has exactly its two fills."""

    lines: list[LedgerLine]
    trades: int
    fills: int

    @property
    def ok(self) -> bool:
        """Whether the money is exact."""
        return self.fills == 2 * self.trades and not any(line.difference for line in self.lines)


def _count_different(wanted: list[Level], found: list[Level]) -> int:
    missing = set(wanted) - set(found)
    extra = set(found) - set(wanted)
    return max(len(missing), len(extra), 1)
