"""However quotes and trades are mixed, the tape that comes out is the tape that went in."""

from random import Random

import pytest

from cse.sandbox.replay.binance import DepthSnapshot, DepthUpdate, Line, RecordedTrade
from cse.sandbox.replay.binance_plan import BURST_NS, MAX_BURST, QUOTE_EVERY_NS, BinancePlan
from cse.sandbox.replay.steps import Place, Recording, Role, Step, TapeEntry
from cse.sandbox.venue import BINANCE_MARKET
from tests.unit.sandbox.replay.engine_venue import EngineVenue

CENT = 10**6
LOT = 10**4


def trade(time_ns: int, price: int, *, sells: bool, quantity: int = 1) -> Line:
    return Line(time_ns, RecordedTrade(price * CENT, quantity * LOT, sells))


def snapshot(time_ns: int, last_id: int, bid: int, ask: int, levels: int = 15) -> Line:
    bids = [((bid - n) * CENT, (n + 1) * LOT) for n in range(levels)]
    asks = [((ask + n) * CENT, (n + 1) * LOT) for n in range(levels)]
    return Line(time_ns, DepthSnapshot(last_id, bids, asks))


def plan(lines: list[Line]) -> list[Step]:
    return list(BinancePlan("p").steps(lines))


def roles(step: Step) -> list[tuple[Role, int]]:
    return [(a.role, a.price // CENT) for a in step.actions if isinstance(a, Place)]


def test_a_trade_is_a_resting_order_and_the_order_that_takes_it() -> None:
    """The buyer was the maker: the maker buys, the taker sells."""
    (_, step) = plan([trade(5, 100, sells=True, quantity=3)])
    maker, taker = step.actions
    assert isinstance(maker, Place)
    assert isinstance(taker, Place)
    assert (maker.role, maker.side, taker.role, taker.side) == ("maker", "buy", "taker", "sell")
    assert step.tape == [TapeEntry(100 * CENT, 3 * LOT, "sell")]


def test_a_sweep_is_placed_first_and_taken_then() -> None:
    """One side, away from the touch, at once: all makers rest before the first is taken."""
    lines = [trade(1, 100, sells=True), trade(2, 100, sells=True), trade(3, 99, sells=True)]
    (_, step) = plan(lines)
    assert roles(step) == [
        *((Role.MAKER, price) for price in (100, 100, 99)),
        *((Role.TAKER, price) for price in (100, 100, 99)),
    ]


@pytest.mark.parametrize(
    "second",
    [
        trade(2, 101, sells=True),
        trade(2, 100, sells=False),
        trade(2 + BURST_NS, 100, sells=True),
    ],
)
def test_what_is_no_sweep_is_played_one_after_the_other(second: Line) -> None:
    """A better price, the other side, or later: taking would begin with the wrong order, or too early."""
    assert len(plan([trade(1, 100, sells=True), second])) == 3


def test_a_sweep_is_never_larger_than_a_batch() -> None:
    """The exchange takes fifty orders at once."""
    steps = plan([trade(1, 100, sells=True) for _ in range(MAX_BURST + 1)])
    assert [len(step.tape) for step in steps] == [0, MAX_BURST, 1]


def test_quotes_stay_clear_of_the_trades_to_come() -> None:
    """Ten levels of the recorded book on each side, all beyond what trades before the next renewal."""
    lines = [
        snapshot(1, 10, bid=100, ask=101),
        trade(2, 98, sells=True),
        trade(3, 103, sells=False),
    ]
    quotes = plan(lines)[0]
    assert quotes.book is not None
    assert [price // CENT for price, _ in quotes.book.bids] == list(range(97, 87, -1))
    assert [price // CENT for price, _ in quotes.book.asks] == list(range(104, 114))


def test_quotes_are_renewed_at_most_once_a_second_by_the_book_of_that_moment() -> None:
    """Updates in between are taken in, not quoted; the renewal shows all of them and nothing later."""
    changes = [
        Line(5, DepthUpdate(11, 11, [(100 * CENT, 7 * LOT)], [])),
        Line(1 + QUOTE_EVERY_NS, DepthUpdate(12, 12, [(99 * CENT, 8 * LOT)], [])),
        Line(2 + QUOTE_EVERY_NS, DepthUpdate(13, 13, [(98 * CENT, 9 * LOT)], [])),
    ]
    first, second = plan([snapshot(1, 10, bid=100, ask=101), *changes])
    assert first.book is not None
    assert second.book is not None
    assert first.book.bids[:3] == [
        (100 * CENT, 1 * LOT),
        (99 * CENT, 2 * LOT),
        (98 * CENT, 3 * LOT),
    ]
    assert second.book.bids[:3] == [
        (100 * CENT, 7 * LOT),
        (99 * CENT, 8 * LOT),
        (98 * CENT, 3 * LOT),
    ]


def test_every_line_is_counted_once() -> None:
    """The progress bar ends at the number of lines."""
    lines = [Line(0, None), snapshot(1, 10, 100, 101), trade(2, 100, sells=True), Line(3, None)]
    assert sum(step.messages for step in plan(lines)) == 4


def wild_recording(seed: int) -> list[Line]:
    """Trades that jump about and books that cross the trades' prices, at random."""
    rng = Random(seed)
    lines, now, last_id, middle = [], 0, 0, 5_000
    for _ in range(300):
        now += rng.choice((0, 10**6, 10**8))
        middle += rng.randrange(-3, 4)
        if rng.random() < 0.2:
            last_id += 1
            lines.append(snapshot(now, last_id, middle, middle + rng.randrange(1, 4), levels=12))
        else:
            price = middle + rng.randrange(-8, 9)
            lines.append(trade(now, price, sells=rng.random() < 0.5, quantity=rng.randrange(1, 99)))
    return lines


@pytest.mark.parametrize("seed", range(8))
def test_the_engine_prints_the_recorded_tape_whatever_the_recording(seed: int) -> None:
    """Against the real engine: nothing is refused, no quote is ever hit, every book is as planned."""
    lines = wild_recording(seed)
    venue = EngineVenue(BINANCE_MARKET, Recording("wild", 8, 8, len(lines), 10))
    for step in plan(lines):
        venue.play(step)
        assert step.book is None or venue.book(10) == step.book
    assert venue.tape == [
        TapeEntry(e.price, e.quantity, "sell" if e.buyer_is_maker else "buy")
        for e in (line.event for line in lines)
        if isinstance(e, RecordedTrade)
    ]
