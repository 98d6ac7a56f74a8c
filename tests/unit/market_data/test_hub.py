"""The hub: all market data from records and events of the real engine, also from a start in the middle."""

from itertools import islice

import pytest

from cse.market_data import MarketDataHub
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import Side
from tests.unit.market_data.trades import START_MS, trade
from tests.unit.projections.live.streams import MARKETS, Venue, random_commands


def run(hub: MarketDataHub, venue: Venue, seed: int, count: int) -> list[e.Applied]:
    applied = [venue.apply(command) for command in islice(random_commands(seed, venue), count)]
    hub.apply(applied)
    return applied


def fresh() -> tuple[Venue, MarketDataHub]:
    venue, hub = Venue(), MarketDataHub()
    hub.load(venue.engine.records())
    hub.apply(venue.list_everything())
    return venue, hub


def assert_book(hub: MarketDataHub, venue: Venue) -> None:
    levels: dict[tuple[int, Side], dict[int, int]] = {
        (market, side): {} for market in MARKETS for side in Side
    }
    for record in venue.engine.records():
        if isinstance(record, r.OrderRecord) and record.resting:
            level = levels[record.market_id, record.side]
            left = record.quantity - record.filled_quantity
            level[record.price] = level.get(record.price, 0) + left
    for (market, side), level in levels.items():
        found = dict(hub.depth(market).side(side).levels())
        assert found == level


def test_the_book_equals_the_engines_orders() -> None:
    """After each of 300 random commands every level of every market is the sum of its resting orders."""
    venue, hub = fresh()
    for command in islice(random_commands(2, venue), 300):
        hub.apply([venue.apply(command)])
        assert_book(hub, venue)


def test_a_start_from_records_has_the_same_book_and_goes_on() -> None:
    """The snapshot's orders make the book; its sequence is the last command of the snapshot."""
    venue, hub = fresh()
    run(hub, venue, 3, 200)
    late = MarketDataHub()
    late.load(venue.engine.records())
    assert_book(late, venue)
    assert late.depth(1).sequence == venue.engine.sequence
    applied = run(late, venue, 4, 200)
    hub.apply(applied)
    assert_book(late, venue)
    assert late.depth(2).snapshot().bids == hub.depth(2).snapshot().bids


def test_seeding_puts_history_in_front_without_doubles() -> None:
    """Tape, ticker and candles of a late start plus history equal those that saw everything."""
    venue, hub = fresh()
    run(hub, venue, 5, 300)
    late = MarketDataHub()
    late.load(venue.engine.records())
    hub.apply(late_events := run(late, venue, 6, 300))
    assert any(isinstance(event, e.Trade) for applied in late_events for event in applied.events)
    for market in MARKETS:
        assert not late.market(market).seeded
        history = hub.trades(market).latest()[::-1]  # later ones, too: they must not count twice
        late.seed(market, history)
        late.seed(market, history)
        assert late.market(market).seeded
        assert late.trades(market).latest() == hub.trades(market).latest()
        now_ms = venue.time_ms
        assert late.ticker(market).view(now_ms) == hub.ticker(market).view(now_ms)
        for interval in ("1s", "1m", "1w"):
            seen = hub.candles(market, interval).latest()
            assert late.candles(market, interval).latest() == seen


def test_a_market_without_history_needs_no_seed() -> None:
    """A market listed after the start, or that never traded, is complete as it is."""
    _, hub = fresh()
    assert all(hub.market(market).seeded for market in hub)
    hub.seed(1, [trade(1, START_MS)])
    assert len(hub.trades(1)) == 0


def test_the_tape_is_bounded_and_newest_first() -> None:
    """Memory is bounded; reading gives the newest first and as many as asked."""
    venue, hub = fresh()
    tape = hub.trades(1)
    for number in range(1, 1_102):
        tape.add(trade(number, START_MS + number))
    assert len(tape) == 1_000
    assert [made.trade_id for made in tape.latest(3)] == [1_101, 1_100, 1_099]
    assert venue.engine.sequence


def test_what_does_not_exist_is_a_key_error() -> None:
    """Unknown markets and intervals."""
    _, hub = fresh()
    assert list(hub) == list(MARKETS)
    assert 1 in hub
    for read in (hub.depth, hub.trades, hub.ticker, hub.market):
        with pytest.raises(KeyError):
            read(99)
    with pytest.raises(KeyError):
        hub.candles(1, "7m")
