"""The rolling 24 hours: after every trade the same as adding up all trades of the window anew."""

import pytest

from cse.market_data import DepthBook, TapeTrade
from cse.market_data.candles import Candle, open_time
from cse.market_data.ticker import BUCKET_MS, WINDOW_MS, RollingWindow, Ticker
from cse.messages.events import LevelChanged
from cse.messages.wire import Side
from tests.unit.market_data.trades import DAY_MS, START_MS, random_trades, trade


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
