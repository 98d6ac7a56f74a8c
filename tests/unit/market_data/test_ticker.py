"""The rolling 24 hours: after every trade the same as adding up all trades of the window anew."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cse.market_data import DepthBook, MarketData, TapeTrade
from cse.market_data.candles import Candle, candle_of, open_time
from cse.market_data.ticker import BUCKET_MS, WINDOW_MS, RollingWindow, Ticker
from cse.messages.events import LevelChanged
from cse.messages.wire import Side
from tests.unit.market_data.trades import DAY_MS, START_MS, event_of, random_trades, trade


def assert_same(window: RollingWindow, trades: list[TapeTrade], now_ms: int) -> None:
    """Compare with a scan over all trades whose minute is not wholly older than the window."""
    alive = [
        made
        for made in trades
        if open_time(made.time_ms, BUCKET_MS) + BUCKET_MS > now_ms - WINDOW_MS
    ]
    assert window.trades == len(alive)
    assert window.volume == sum(made.quantity for made in alive)
    assert window.quote_volume == sum(made.quote_amount for made in alive)
    assert window.open == (alive[0].price if alive else None)
    assert window.high == max((made.price for made in alive), default=None)
    assert window.low == min((made.price for made in alive), default=None)


@pytest.mark.parametrize(("seed", "step_ms"), [(1, 1_000), (2, 600_000), (3, 20_000_000)])
def test_the_window_equals_a_scan_of_the_day(seed: int, step_ms: int) -> None:
    """Dense, loose and sparse trading, with silences longer than the window."""
    trades = random_trades(seed, 1_500, step_ms)
    ticker = Ticker(1, DepthBook())
    for number, made in enumerate(trades, start=1):
        ticker.add(made)
        view = ticker.view(made.time_ms)
        assert_same(ticker.window, trades[:number], made.time_ms)
        assert (view.last, view.sequence, view.time_ms) == (made.price, made.sequence, made.time_ms)
    later = trades[-1].time_ms + WINDOW_MS // 2
    ticker.view(later)
    assert_same(ticker.window, trades, later)


def test_the_window_empties_by_time_alone() -> None:
    """A market that goes quiet ends with no volume, no high, no change, but with its last price."""
    ticker = Ticker(1, DepthBook())
    ticker.add(trade(1, START_MS, 120))
    assert ticker.view(START_MS + DAY_MS - 1).trades == 1
    view = ticker.view(START_MS + DAY_MS + BUCKET_MS)
    assert (view.trades, view.volume, view.open, view.high, view.low) == (0, 0, None, None, None)
    assert (view.last, view.change) == (120, None)


def test_the_last_price_is_known_from_before_a_start() -> None:
    """The market's record says it; 0 there means that nothing ever traded."""
    assert Ticker(1, DepthBook(), last_price=77).view(START_MS).last == 77
    assert Ticker(1, DepthBook()).view(START_MS).last is None


def test_best_prices_are_the_books() -> None:
    """The ticker shows the best of both sides and is as new as the newer of book and trades."""
    book = DepthBook()
    ticker = Ticker(1, book)
    ticker.add(trade(3, START_MS))
    book.apply(LevelChanged(1, Side.BUY, 99, 5, 1), 9, START_MS + 5)
    view = ticker.view(START_MS)
    assert (view.best_bid, view.best_ask) == ((99, 5), None)
    assert (view.sequence, view.time_ms) == (9, START_MS + 5)


def test_a_seeded_window_equals_one_that_saw_everything() -> None:
    """Minute candles, then trades of the cut minute, behind live trades of the same minute."""
    trades = random_trades(7, 600, 60_000)
    whole = RollingWindow()
    for made in trades:
        whole.expire(made.time_ms)
        whole.add(made)
    cut_ms = open_time(trades[400].time_ms, BUCKET_MS)
    before = [made for made in trades[:400] if made.time_ms < cut_ms]
    minutes: dict[int, Candle] = {}
    for made in before:
        piece = Candle(
            open_time(made.time_ms, BUCKET_MS), made.price, made.price, made.price, made.price,
            made.quantity, made.quote_amount, 1,
        )  # fmt: skip
        known = minutes.setdefault(piece.open_time_ms, piece)
        if known is not piece:
            known.merge(piece)
    seeded = RollingWindow()
    for made in trades[400:]:
        seeded.add(made)
    seeded.seed(minutes.values(), [made for made in trades[:400] if made.time_ms >= cut_ms])
    seeded.expire(trades[-1].time_ms)
    assert_same(seeded, trades, trades[-1].time_ms)
    assert (seeded.volume, seeded.high, seeded.low) == (whole.volume, whole.high, whole.low)


MINUTE_MS, HOUR_MS = 60_000, 3_600_000
STEPS = st.one_of(
    st.tuples(
        st.just("trade"),
        st.sampled_from([0, 1, 999, 59_999, MINUTE_MS, HOUR_MS, 11 * HOUR_MS, DAY_MS - MINUTE_MS]),
        st.integers(1, 30),
    ),
    st.tuples(st.just("wait"), st.sampled_from([1, 59_999, HOUR_MS, DAY_MS]), st.just(0)),
    st.tuples(st.just("restart"), st.sampled_from([0, 1, MINUTE_MS]), st.integers(0, 3)),
)


class Day:
    """A market's ticker over restarts, beside the list of all of its trades."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self.trades: list[TapeTrade] = []
        self.data = MarketData(1)
        self.unseeded: list[TapeTrade] | None = None
        """What history holds of the time before the start, until it is put in."""
        self.seed_in = 0

    def trade(self, after_ms: int, price: int) -> None:
        self.now_ms += after_ms
        number = len(self.trades) + 1
        made = trade(number, self.now_ms, price, number % 7 + 1)
        self.trades.append(made)
        self.data.trade(event_of(made), made.sequence, made.time_ms)
        if self.unseeded is not None and self.seed_in == 0:
            self.put_in()
        self.seed_in -= 1

    def wait(self, after_ms: int, _: int) -> None:
        self.now_ms += after_ms

    def restart(self, after_ms: int, seed_in: int) -> None:
        """Memory is lost; history comes back after so many further trades."""
        self.now_ms += after_ms
        last = self.trades[-1] if self.trades else None
        self.data = MarketData(1, last.price if last else 0, len(self.trades))
        self.unseeded, self.seed_in = list(self.trades), seed_in

    def put_in(self) -> None:
        """As wiring does it: minute candles up to a whole minute, the trades from there on."""
        assert self.unseeded is not None
        cut_ms = open_time(self.unseeded[-3:][0].time_ms, MINUTE_MS) if self.unseeded else 0
        minutes: dict[int, Candle] = {}
        for made in self.unseeded:
            opened = open_time(made.time_ms, MINUTE_MS)
            if cut_ms - DAY_MS <= made.time_ms < cut_ms:
                if opened in minutes:
                    minutes[opened].add(made)
                else:
                    minutes[opened] = candle_of(made, opened)
        late = [made for made in self.unseeded if made.time_ms >= cut_ms]
        self.data.seed(late, {"1m": list(minutes.values())})
        self.unseeded = None

    def check(self) -> None:
        if self.unseeded is not None:
            self.put_in()
        view = self.data.ticker.view(self.now_ms)
        assert_same(self.data.ticker.window, self.trades, self.now_ms)
        last = self.trades[-1].price if self.trades else None
        assert view.last == last
        assert view.change == (None if view.open is None or last is None else last - view.open)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=40), st.integers(1, 6))
def test_the_day_is_exact_over_restarts_seeds_and_silences(
    steps: list[tuple[str, int, int]], every: int
) -> None:
    """Whatever trades, waits, stops and comes back: the 24 hours equal a scan of all trades, by time alone, too."""
    day = Day()
    for number, (name, *arguments) in enumerate(steps):
        getattr(day, name)(*arguments)
        if number % every == 0:
            day.check()
    day.check()
