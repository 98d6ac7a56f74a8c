"""The words of the portfolio: what happens to an account's money, and what a disposal brings.

Amounts are integers in asset units; values are integers in units of the reference asset, the one that everything is
valued in. Times are Unix ms.
"""

from enum import IntEnum, StrEnum
from typing import NamedTuple

from cse.core.errors import CseError


class ImpossibleHistory(CseError):
    """More left an account than it had: history is wrong, or a part of it is missing."""


class Method(StrEnum):
    """Which lots a disposal takes."""

    FIFO = "fifo"
    """The oldest first."""
    AVERAGE = "average"
    """A share of all: the moving average of what was paid."""


class Basis(IntEnum):
    """How sure a cost is; the greater, the less."""

    TRADED = 0
    """Paid, or received, in a trade that has a value in the reference asset."""
    MARKET = 1
    """What the market said when it came in by deposit or transfer."""
    NONE = 2
    """Nobody had traded it: it came in as free, or took over the cost of what was given for it."""


class MoveKind(StrEnum):
    """How money comes and goes other than by trades."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"


class Price(NamedTuple):
    """Reference units for one asset unit, as a fraction."""

    numerator: int
    denominator: int

    def value(self, amount: int) -> int:
        """Return what an amount is worth, rounded down to a whole unit."""
        return amount * self.numerator // self.denominator


class Traded(NamedTuple):
    """One side of a trade. The fee is in what was received: base for who buys, quote for who sells."""

    sequence: int
    position: int
    time_ms: int
    is_buy: bool
    base_id: int
    quote_id: int
    base_amount: int
    quote_amount: int
    fee: int

    @property
    def received_id(self) -> int:
        """The asset that came in, and that the fee was taken from."""
        return self.base_id if self.is_buy else self.quote_id


class Moved(NamedTuple):
    """A deposit, a withdrawal that went out, or a leg of a transfer."""

    sequence: int
    position: int
    time_ms: int
    kind: MoveKind
    asset_id: int
    amount: int
    """Signed: what came in is positive."""


Happened = Traded | Moved


class Disposal(NamedTuple):
    """Part of an asset that went, out of one lot."""

    asset_id: int
    kind: str
    """"sale", "transfer" or "withdrawal"."""
    acquired_ms: int | None
    """When the lot came in; None for the average method, which has no lots."""
    disposed_ms: int
    sequence: int
    quantity: int
    proceeds: int
    """After the fee."""
    cost: int
    fee_value: int
    """The fee's value that was taken off `proceeds`."""
    basis: Basis

    @property
    def gain(self) -> int:
        """What it earned, signed."""
        return self.proceeds - self.cost
