"""What an account's holding of one asset cost: oldest lots first, or one pool with its average.

Costs are never divided without remainder: what is taken of a lot is rounded down, the rest stays with the lot, and
who takes all of it takes all of its cost. So the costs of all that went and of all that is left add up to what was
paid, to the unit.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from cse.portfolio.model import Basis, ImpossibleHistory, Method


class Taken(NamedTuple):
    """What was taken out of one lot."""

    quantity: int
    cost: int
    acquired_ms: int | None
    basis: Basis


class Holding(Protocol):
    """One asset of one account."""

    quantity: int
    cost: int

    @property
    def basis(self) -> Basis:
        """How sure the cost of what is left is, by its least sure part."""
        ...

    @property
    def lots(self) -> int:
        """How many lots are kept."""
        ...

    def acquire(self, quantity: int, cost: int, basis: Basis, time_ms: int) -> None:
        """Take in more than nothing."""
        ...

    def dispose(self, quantity: int) -> Sequence[Taken]:
        """Take out more than nothing.

        Raises:
            ImpossibleHistory: there is not so much; nothing was taken.
        """
        ...


class _Lot(msgspec.Struct, gc=False):
    quantity: int
    cost: int
    basis: Basis
    time_ms: int


class OldestFirst:
    """First in, first out (IAS 2, 25 and 27; the order of acquisition within one account)."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.quantity = 0
        self.cost = 0
        self._lots: Final[deque[_Lot]] = deque()
        self._of_basis: Final = [0, 0, 0]

    @property
    def basis(self) -> Basis:
        return max((basis for basis in Basis if self._of_basis[basis]), default=Basis.TRADED)

    @property
    def lots(self) -> int:
        return len(self._lots)

    def acquire(self, quantity: int, cost: int, basis: Basis, time_ms: int) -> None:
        self._lots.append(_Lot(quantity, cost, basis, time_ms))
        self._of_basis[basis] += 1
        self.quantity += quantity
        self.cost += cost

    def dispose(self, quantity: int) -> Sequence[Taken]:
        _check(quantity, self.quantity)
        taken: list[Taken] = []
        left = quantity
        while left:
            lot = self._lots[0]
            part = min(left, lot.quantity)
            cost = lot.cost * part // lot.quantity
            taken.append(Taken(part, cost, lot.time_ms, lot.basis))
            lot.quantity -= part
            lot.cost -= cost
            self.cost -= cost
            left -= part
            if not lot.quantity:
                self._lots.popleft()
                self._of_basis[lot.basis] -= 1
        self.quantity -= quantity
        return taken


class Average:
    """Moving weighted average (IAS 2, 25 and 27): every unit costs the same, until more comes in."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.quantity = 0
        self.cost = 0
        self.basis = Basis.TRADED

    @property
    def lots(self) -> int:
        return 1 if self.quantity else 0

    def acquire(self, quantity: int, cost: int, basis: Basis, time_ms: int) -> None:  # noqa: ARG002  # the protocol's
        self.quantity += quantity
        self.cost += cost
        self.basis = max(self.basis, basis)

    def dispose(self, quantity: int) -> Sequence[Taken]:
        _check(quantity, self.quantity)
        cost = self.cost * quantity // self.quantity
        taken = Taken(quantity, cost, None, self.basis)
        self.quantity -= quantity
        self.cost -= cost
        if not self.quantity:
            self.basis = Basis.TRADED
        return (taken,)


def holding(method: Method) -> Holding:
    """Return an empty holding."""
    return OldestFirst() if method is Method.FIFO else Average()


def _check(wanted: int, there: int) -> None:
    if wanted > there:
        raise ImpossibleHistory(f"{wanted} units go where {there} are")
