"""An account's book: what each asset cost and earned, folded from trades and moves in their order.

docs/reference/portfolio.md has the rules. What always holds, to the unit, for each asset and so for their sum:
value - invested = unrealised + realised + realised_by_moves, where `invested` is what was put in minus what was
taken out, each at its value then, and the sum of `invested` over all assets is net deposits: trades cancel out.
"""

from collections.abc import Sequence
from typing import Final

from cse.portfolio.lots import Holding, Taken, holding
from cse.portfolio.model import (
    Basis,
    Disposal,
    Happened,
    ImpossibleHistory,
    Method,
    Moved,
    Price,
    Traded,
)

SALE: Final = "sale"


class Position:
    """One asset of the book. The reference asset has no lots: it costs what it is."""

    __slots__ = (
        "asset_id",
        "fees",
        "fees_value",
        "invested",
        "lots",
        "realised",
        "realised_by_moves",
    )

    def __init__(self, asset_id: int, lots: Holding) -> None:
        """Begin with nothing."""
        self.asset_id = asset_id
        self.lots = lots
        self.invested = 0
        """Signed: what was put into this asset minus what was taken out of it, at its value then."""
        self.realised = 0
        self.realised_by_moves = 0
        self.fees = 0
        """Asset units that were taken as fees."""
        self.fees_value = 0
        """What they were worth then."""


class Book:
    """One account by one method; `apply` goes on from where it stands."""

    def __init__(self, method: Method, reference_id: int) -> None:
        """Begin empty; values are in units of the asset `reference_id`."""
        self.method: Final = method
        self.reference_id: Final = reference_id
        self.positions: Final[dict[int, Position]] = {}
        self.lots = 0
        """How many lots are kept in all: what the book's size depends on."""

    def apply(self, event: Happened, price: Price | None) -> Sequence[Disposal]:
        """Take in what happened next, and return what was disposed of.

        Args:
            event: what happened.
            price: of the asset that `asset_to_price` names, when it happened; None: it had none, or none is needed.

        Raises:
            ImpossibleHistory: more goes than there is. The book is of no use any more.
        """
        return self._trade(event, price) if isinstance(event, Traded) else self._move(event, price)

    def position(self, asset_id: int) -> Position:
        """Return an asset's position, a new one if need be."""
        found = self.positions.get(asset_id)
        if found is None:
            found = self.positions[asset_id] = Position(asset_id, holding(self.method))
        return found

    def _move(self, event: Moved, price: Price | None) -> Sequence[Disposal]:
        if event.amount > 0:
            value, basis = _arrival(event, price, self.reference_id)
            self._acquire(event.asset_id, event.amount, value, basis, event.time_ms)
            return ()
        amount = -event.amount
        worth = amount if event.asset_id == self.reference_id else price and price.value(amount)
        return self._dispose(event, event.kind.value, event.asset_id, amount, worth, 0)[1]

    def _trade(self, event: Traded, price: Price | None) -> Sequence[Disposal]:
        paid_id = event.quote_id if event.is_buy else event.base_id
        paid = event.quote_amount if event.is_buy else event.base_amount
        gross = event.base_amount if event.is_buy else event.quote_amount
        net = gross - event.fee
        worth = trade_value(event, price, self.reference_id)
        fee_value = self._fee_value(event, gross, worth)
        fee_of_sale = 0 if event.is_buy else fee_value
        cost, disposals = self._dispose(event, SALE, paid_id, paid, worth, fee_of_sale)
        basis = Basis.TRADED if worth is not None else Basis.NONE
        self._acquire(event.received_id, net, cost, basis, event.time_ms)
        received = self.position(event.received_id)
        received.fees += event.fee
        received.fees_value += fee_value
        return disposals

    def _fee_value(self, event: Traded, gross: int, worth: int | None) -> int:
        """Return what a fee was worth: its share in the trade's value, rounded down."""
        if event.received_id == self.reference_id:
            return event.fee
        if worth is None:
            return 0
        # Who buys pays for all that was traded; what a seller got is worth what is left after the fee.
        whole = gross if event.is_buy else gross - event.fee
        return worth * event.fee // whole if whole else 0

    def _acquire(self, asset_id: int, quantity: int, cost: int, basis: Basis, time_ms: int) -> None:
        position = self.position(asset_id)
        position.invested += cost
        lots = position.lots
        if asset_id == self.reference_id:
            lots.quantity += quantity
            lots.cost += quantity
        elif quantity:
            before = lots.lots
            lots.acquire(quantity, cost, basis, time_ms)
            self.lots += lots.lots - before
        else:  # the fee took all of it: what it cost is lost
            position.realised -= cost

    def _dispose(
        self,
        event: Happened,
        kind: str,
        asset_id: int,
        quantity: int,
        proceeds: int | None,
        fee_value: int,
    ) -> tuple[int, Sequence[Disposal]]:
        """Take it out; without proceeds that anybody knows, it goes at its cost. Return its worth and the lots."""
        position = self.position(asset_id)
        lots = position.lots
        if asset_id == self.reference_id:
            if quantity > lots.quantity:
                raise ImpossibleHistory(f"{quantity} units of cash go where {lots.quantity} are")
            lots.quantity -= quantity
            lots.cost -= quantity
            position.invested -= quantity
            return quantity, ()
        before = lots.lots
        taken = lots.dispose(quantity)
        self.lots += lots.lots - before
        cost = sum(part.cost for part in taken)
        worth = cost if proceeds is None else proceeds
        position.invested -= worth
        if kind == SALE:
            position.realised += worth - cost
        else:
            position.realised_by_moves += worth - cost
        known = proceeds is not None
        return worth, _parts(event, kind, asset_id, taken, worth, fee_value, known=known)


def asset_to_price(event: Happened, reference_id: int) -> int | None:
    """Return the asset whose price the book needs for an event; None: the event says the value itself."""
    if isinstance(event, Moved):
        return None if event.asset_id == reference_id else event.asset_id
    return None if reference_id in (event.base_id, event.quote_id) else event.quote_id


def trade_value(event: Traded, price: Price | None, reference_id: int) -> int | None:
    """Return what a trade's owner gave and got, in reference units after the fee; None: nobody knows.

    The side that is the reference asset says it; where neither is, the quote amount's value does.
    """
    if reference_id == event.received_id:
        return (event.base_amount if event.is_buy else event.quote_amount) - event.fee
    if reference_id in (event.base_id, event.quote_id):
        return event.quote_amount if event.is_buy else event.base_amount
    if price is None:
        return None
    return price.value(event.quote_amount if event.is_buy else event.quote_amount - event.fee)


def _arrival(event: Moved, price: Price | None, reference_id: int) -> tuple[int, Basis]:
    if event.asset_id == reference_id:
        return event.amount, Basis.TRADED
    return (0, Basis.NONE) if price is None else (price.value(event.amount), Basis.MARKET)


def _parts(
    event: Happened,
    kind: str,
    asset_id: int,
    taken: Sequence[Taken],
    proceeds: int,
    fee_value: int,
    *,
    known: bool,
) -> Sequence[Disposal]:
    """Divide proceeds and fee over the lots by quantity, so that the parts add up to the unit."""
    whole = sum(part.quantity for part in taken)
    found: list[Disposal] = []
    before = 0
    for part in taken:
        after = before + part.quantity
        found.append(
            Disposal(
                asset_id,
                kind,
                part.acquired_ms,
                event.time_ms,
                event.sequence,
                part.quantity,
                # At its cost, where nobody knows better: no part gains what another one loses.
                proceeds * after // whole - proceeds * before // whole if known else part.cost,
                part.cost,
                fee_value * after // whole - fee_value * before // whole,
                part.basis if known else Basis.NONE,
            )
        )
        before = after
    return found
