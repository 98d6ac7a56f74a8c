"""The book of costs against an independent ledger of plain fractions, and rules by example."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.portfolio.book import Book, asset_to_price
from cse.portfolio.model import (
    Basis,
    Disposal,
    Happened,
    ImpossibleHistory,
    Method,
    Moved,
    MoveKind,
    Price,
    Traded,
)

USDC, NOVA, LYRA = 1, 2, 3
MARKETS = ((NOVA, USDC), (LYRA, USDC), (LYRA, NOVA), (USDC, NOVA))
Step = tuple[Happened, Price | None]


class PlainLedger:
    """The same money by other means: one list entry per acquired part, and exact fractions for every share."""

    def __init__(self, method: Method) -> None:
        self.method = method
        self.parts: dict[int, list[list[Fraction]]] = defaultdict(list)
        self.cash = 0
        self.realised: dict[int, Fraction] = defaultdict(Fraction)
        self.roundings: dict[int, int] = defaultdict(int)

    def take_in(self, asset: int, amount: int, cost: Fraction) -> None:
        if amount:
            self.parts[asset].append([Fraction(amount), cost])
        else:
            self.realised[asset] -= cost

    def take_out(self, asset: int, amount: int) -> Fraction:
        parts, cost, left = self.parts[asset], Fraction(0), Fraction(amount)
        if self.method is Method.AVERAGE:
            everything = sum((part[0] for part in parts), Fraction(0))
            value = sum((part[1] for part in parts), Fraction(0))
            parts[:] = [[everything, value]]
        while left:
            part = parts[0]
            share = min(left, part[0])
            slice_cost = part[1] * share / part[0]
            part[0], part[1] = part[0] - share, part[1] - slice_cost
            cost, left = cost + slice_cost, left - share
            self.roundings[asset] += 1
            if not part[0]:
                parts.pop(0)
        return cost

    def left(self, asset: int) -> tuple[Fraction, Fraction]:
        parts = self.parts[asset]
        return sum((p[0] for p in parts), Fraction(0)), sum((p[1] for p in parts), Fraction(0))


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Trades and moves that an account can do: nothing leaves that is not there. Prices are there or not."""
    has: dict[int, int] = defaultdict(int)
    steps: list[Step] = []
    prices = st.none() | st.builds(Price, st.integers(1, 10**6), st.integers(1, 10**4))
    for sequence in range(1, draw(st.integers(1, 40))):
        make = draw(st.sampled_from((_trade, _move)))
        step = make(draw, has, sequence)
        if step is None:
            continue
        wanted = asset_to_price(step, USDC)
        steps.append((step, None if wanted is None else draw(prices)))
    return steps


def _trade(draw: Any, has: dict[int, int], sequence: int) -> Traded | None:
    base, quote = draw(st.sampled_from(MARKETS))
    is_buy = draw(st.booleans())
    paid = quote if is_buy else base
    if not has[paid]:
        return None
    gives, gets = draw(st.integers(1, has[paid])), draw(st.integers(1, 10**7))
    fee = draw(st.integers(0, gets))
    has[paid] -= gives
    has[base if is_buy else quote] += gets - fee
    amounts = (gets, gives) if is_buy else (gives, gets)
    return Traded(sequence, 0, sequence * 1_000, is_buy, base, quote, *amounts, fee)


def _move(draw: Any, has: dict[int, int], sequence: int) -> Moved | None:
    asset = draw(st.sampled_from((USDC, NOVA, LYRA)))
    if draw(st.booleans()) or not has[asset]:
        amount = draw(st.integers(1, 10**7))
    else:
        amount = -draw(st.integers(1, has[asset]))
    has[asset] += amount
    kinds = (MoveKind.DEPOSIT, MoveKind.TRANSFER) if amount > 0 else (MoveKind.WITHDRAWAL,)
    kind = draw(st.sampled_from(kinds))
    return Moved(sequence, 0, sequence * 1_000, kind, asset, amount)


def fold(method: Method, steps: list[Step]) -> tuple[Book, list[Disposal]]:
    book = Book(method, USDC)
    return book, [gone for event, price in steps for gone in book.apply(event, price)]


@pytest.mark.parametrize("method", Method)
@given(steps=histories())
def test_every_unit_of_cost_is_somewhere(method: Method, steps: list[Step]) -> None:
    """Cost that went + cost that is left = all cost ever, and profit = value - net deposits, to the unit."""
    book, disposals = fold(method, steps)
    values = {asset: Fraction(asset * 7, 3) for asset in book.positions}
    for asset, position in book.positions.items():
        value = int(position.lots.quantity * values[asset])
        value = position.lots.quantity if asset == USDC else value
        unrealised = value - position.lots.cost
        profit = unrealised + position.realised + position.realised_by_moves
        assert value - position.invested == profit
        sold = sum(d.gain for d in disposals if d.asset_id == asset and d.kind == "sale")
        moved = sum(d.gain for d in disposals if d.asset_id == asset and d.kind != "sale")
        assert moved == position.realised_by_moves
        assert sold >= position.realised, "the rest was taken whole by fees"
    assert book.lots == sum(each.lots.lots for a, each in book.positions.items() if a != USDC)
    flows = sum(book.positions[USDC].invested for _ in (1,) if USDC in book.positions)
    cash = sum(
        step.amount for step, _ in steps if isinstance(step, Moved) and step.asset_id == USDC
    )
    paid = sum(_cash_flow(step) for step, _ in steps if isinstance(step, Traded))
    assert flows == cash + paid


def _cash_flow(trade: Traded) -> int:
    """What a trade changed of the cash itself."""
    if trade.received_id == USDC:
        return (trade.base_amount if trade.is_buy else trade.quote_amount) - trade.fee
    if USDC in (trade.base_id, trade.quote_id):
        return -(trade.quote_amount if trade.is_buy else trade.base_amount)
    return 0


@pytest.mark.parametrize("method", Method)
@given(steps=histories())
def test_the_book_agrees_with_plain_fractions(method: Method, steps: list[Step]) -> None:
    """Quantities agree to the unit; costs differ by what rounding down left with the lots, below a unit each time."""
    book, plain = Book(method, USDC), PlainLedger(method)
    for event, price in steps:
        gone = book.apply(event, price)
        _follow(plain, event, gone, price)
    for asset, position in book.positions.items():
        if asset == USDC:
            assert position.lots.quantity == plain.cash
            continue
        quantity, cost = plain.left(asset)
        assert position.lots.quantity == quantity
        # A unit that stayed with the lot goes with its next part, so what is left is never less than exact.
        assert 0 <= position.lots.cost - cost <= plain.roundings[asset] + 1
        if not quantity:
            assert position.lots.cost == 0


def _follow(plain: PlainLedger, event: Happened, gone: Any, price: Price | None) -> None:
    """Do the same in fractions. Values of trades are the event's own; of what has none, the book's cost is taken."""
    if isinstance(event, Moved):
        if event.asset_id == USDC:
            plain.cash += event.amount
        elif event.amount > 0:
            worth = 0 if price is None else event.amount * price.numerator // price.denominator
            plain.take_in(event.asset_id, event.amount, Fraction(worth))
        else:
            plain.take_out(event.asset_id, -event.amount)
        return
    gets = (event.base_amount if event.is_buy else event.quote_amount) - event.fee
    gives = event.quote_amount if event.is_buy else event.base_amount
    paid_id = event.quote_id if event.is_buy else event.base_id
    if paid_id == USDC:
        plain.cash -= gives
        worth = gives
    else:
        plain.take_out(paid_id, gives)
        worth = sum(each.proceeds for each in gone)
    if event.received_id == USDC:
        plain.cash += gets
        assert worth == gets
    else:
        plain.take_in(event.received_id, gets, Fraction(worth))


@given(steps=histories())
def test_disposals_tell_all_that_went(steps: list[Step]) -> None:
    """Their quantities are what was sold or moved out, proceeds what it brought, and both methods agree on those."""
    told = [fold(method, steps)[1] for method in Method]
    for disposals in told:
        by_event: dict[tuple[int, int], int] = defaultdict(int)
        for each in disposals:
            by_event[each.sequence, each.asset_id] += each.quantity
            assert each.quantity > 0
            assert each.cost >= 0
            assert each.fee_value >= 0
        assert by_event == {(e.sequence, asset): amount for e, asset, amount in _gone(steps)}


def _gone(steps: list[Step]) -> Iterator[tuple[Happened, int, int]]:
    for event, _ in steps:
        if isinstance(event, Moved):
            if event.amount < 0 and event.asset_id != USDC:
                yield event, event.asset_id, -event.amount
            continue
        paid = event.quote_id if event.is_buy else event.base_id
        if paid != USDC:
            yield event, paid, event.quote_amount if event.is_buy else event.base_amount


def buy(sequence: int, quantity: int, cost: int, fee: int = 0) -> Step:
    return Traded(sequence, 0, sequence, True, NOVA, USDC, quantity, cost, fee), None


def sell(sequence: int, quantity: int, proceeds: int, fee: int = 0) -> Step:
    return Traded(sequence, 0, sequence, False, NOVA, USDC, quantity, proceeds, fee), None


def cash(amount: int) -> Step:
    return Moved(1, 0, 1, MoveKind.DEPOSIT, USDC, amount), None


EXAMPLE = [cash(10_000), buy(2, 100, 1_000, 1), buy(3, 100, 2_001), sell(4, 150, 3_000, 10)]
"""99 units for 1,000 (the fee took one), 100 for 2,001; 150 of the 199 go for 2,990."""


def test_fifo_takes_the_oldest_first() -> None:
    """99 of the first lot at all of its cost, 51 of the second at 51 % of its cost, rounded down."""
    book, [first, second] = fold(Method.FIFO, EXAMPLE)
    assert (first.quantity, first.cost, first.acquired_ms) == (99, 1_000, 2)
    assert (second.quantity, second.cost, second.acquired_ms) == (51, 2_001 * 51 // 100, 3)
    assert first.proceeds + second.proceeds == 2_990
    assert first.fee_value + second.fee_value == 10
    position = book.positions[NOVA]
    assert (position.lots.quantity, position.lots.cost) == (49, 3_001 - 1_000 - 1_020)
    assert position.realised == 2_990 - 2_020
    assert (position.fees, position.fees_value) == (1, 10)
    assert book.positions[USDC].lots.quantity == 10_000 - 3_001 + 2_990


def test_average_takes_a_share_of_all() -> None:
    """150 of 199 units take 150/199 of the cost, rounded down; the rest stays, and goes with the last unit."""
    _, [gone] = fold(Method.AVERAGE, EXAMPLE)
    assert (gone.quantity, gone.cost, gone.acquired_ms) == (150, 3_001 * 150 // 199, None)
    _, all_gone = fold(Method.AVERAGE, [*EXAMPLE, sell(5, 49, 100)])
    assert sum(each.cost for each in all_gone) == 3_001


def test_what_comes_in_costs_what_it_is_worth() -> None:
    """A deposit at market value, or free where nobody traded it; what leaves goes at market value, or at its cost."""
    came = Moved(1, 0, 1, MoveKind.DEPOSIT, NOVA, 30), Price(5, 2)
    free = Moved(2, 0, 2, MoveKind.TRANSFER, LYRA, 30), None
    book, _ = fold(Method.FIFO, [came, free])
    assert (book.positions[NOVA].lots.cost, book.positions[NOVA].lots.basis) == (75, Basis.MARKET)
    assert (book.positions[LYRA].lots.cost, book.positions[LYRA].lots.basis) == (0, Basis.NONE)
    goes = Moved(3, 0, 3, MoveKind.WITHDRAWAL, NOVA, -10), Price(4, 1)
    unknown = Moved(4, 0, 4, MoveKind.WITHDRAWAL, NOVA, -10), None
    book, [known, dark] = fold(Method.FIFO, [came, goes, unknown])
    assert (known.kind, known.proceeds, known.cost) == ("withdrawal", 40, 25)
    assert (dark.proceeds, dark.cost, dark.basis) == (25, 25, Basis.NONE)
    assert book.positions[NOVA].realised_by_moves == 15
    assert book.positions[NOVA].realised == 0


def test_a_trade_between_two_assets_is_valued_by_its_quote() -> None:
    """LYRA for NOVA: what was given is sold for its value then, what came costs it; unvalued, the cost goes over."""
    start = [cash(1_000), buy(2, 100, 500)]
    swap = Traded(3, 0, 3, True, LYRA, NOVA, 40, 60, 2)
    book, [gone] = fold(Method.FIFO, [*start, (swap, Price(6, 1))])
    assert (gone.asset_id, gone.proceeds, gone.cost) == (NOVA, 360, 300)
    assert (book.positions[LYRA].lots.quantity, book.positions[LYRA].lots.cost) == (38, 360)
    assert (book.positions[LYRA].fees, book.positions[LYRA].fees_value) == (2, 360 * 2 // 40)
    book, [gone] = fold(Method.FIFO, [*start, (swap, None)])
    assert (gone.gain, gone.basis) == (0, Basis.NONE)
    assert (book.positions[LYRA].lots.cost, book.positions[LYRA].lots.basis) == (300, Basis.NONE)


def test_a_fee_that_takes_all_is_a_loss() -> None:
    """What was paid for nothing is lost at once, and no lot of nothing is kept."""
    book, _ = fold(Method.FIFO, [cash(10), buy(2, 1, 10, 1)])
    assert book.positions[NOVA].realised == -10
    assert book.positions[NOVA].lots.lots == book.lots == 0


@pytest.mark.parametrize("method", Method)
def test_nothing_goes_that_is_not_there(method: Method) -> None:
    """A history with a hole is found out, not covered up."""
    for steps in ([cash(10), buy(2, 5, 10), sell(3, 6, 10)], [cash(10), buy(2, 5, 11)]):
        with pytest.raises(ImpossibleHistory):
            fold(method, steps)
