"""Order-to-trade protection by itself: windows, trades that give back, cancels that are never refused, bounds."""

import pytest

from cse.gateway.order_to_trade import OrderToTrade, OrderToTradeRates, Window

ANN, BOB = 7, 8
SECOND = 1_000_000_000
RATES = OrderToTradeRates(
    orders_10s=10, orders_day=100, cancels_per_second=2, cancel_burst=6, exempt=frozenset({99})
)


class Counted(OrderToTrade):
    """One whose time a test moves."""

    def __init__(self, rates: OrderToTradeRates = RATES, **options: int) -> None:
        self.at = 5 * SECOND
        super().__init__(rates, now_ns=lambda: self.at, **options)


def test_orders_that_come_to_nothing_fill_the_window_and_it_refills() -> None:
    """Ten in ten seconds, the eleventh waits a second; after it one more is taken and no two."""
    counted = Counted()
    assert [counted.place(ANN) for _ in range(10)] == [None] * 10
    excess = counted.place(ANN)
    assert excess is not None
    assert (excess.window, excess.limit, excess.retry_ms) == (Window.TEN_SECONDS, 10, 1_000)
    assert counted.place(BOB) is None, "accounts are counted apart"
    counted.at += SECOND
    assert counted.place(ANN) is None
    assert counted.place(ANN) is not None
    assert counted.used(ANN).orders_10s == 10


def test_a_trade_gives_a_place_back_to_both_sides() -> None:
    """Who trades goes on placing; nobody ever has more room than the limit."""
    counted = Counted()
    for _ in range(50):
        assert counted.place(ANN) is None
        assert counted.place(BOB) is None
        counted.traded(ANN, BOB)
    assert counted.used(ANN) == (0, 0, 0)
    for _ in range(20):
        counted.traded(ANN, BOB)
    assert counted.place(ANN, 10) is None
    assert counted.place(ANN) is not None, "trades are no credit for later"


def test_the_day_has_a_window_of_its_own() -> None:
    """What ten seconds allow again and again is refused once the day's orders are used up."""
    counted = Counted()
    for _ in range(9):
        assert counted.place(ANN, 10) is None
        counted.at += 10 * SECOND
    assert counted.place(ANN, 10) is None
    counted.at += 10 * SECOND
    excess = counted.place(ANN, 10)
    assert excess is not None
    assert excess.window is Window.DAY


def test_too_many_cancels_refuse_orders_and_amends_but_no_cancel() -> None:
    """Cancels are only counted; over the burst placing is refused until it is back, at most a burst's time later."""
    counted = Counted()
    for _ in range(6):
        counted.cancelled(ANN)
    assert counted.place(ANN) is None, "the burst itself is allowed"
    counted.cancelled(ANN)
    for asked in (counted.place(ANN), counted.place(ANN, 0, 1)):
        assert asked is not None
        assert (asked.window, asked.retry_ms) == (Window.CANCELS, 500)
    for _ in range(10_000):
        counted.cancelled(ANN)
    excess = counted.place(ANN)
    assert excess is not None
    assert excess.retry_ms == 3_000, "a burst at two a second, however many came"
    counted.at += 3 * SECOND
    assert counted.place(ANN) is None


def test_amends_count_as_cancels() -> None:
    """Moving an order about is cancelling and placing it: seven amends use up the cancels."""
    counted = Counted()
    assert [counted.place(ANN, 0, 1) for _ in range(7)] == [None] * 7
    assert counted.place(ANN, 0, 1) is not None
    assert counted.used(ANN).orders_10s == 0


def test_what_is_refused_is_not_counted() -> None:
    """A refusal takes nothing: asking again and again does not make the wait longer."""
    counted = Counted()
    counted.place(ANN, 10)
    waits = {counted.place(ANN, 3) for _ in range(5)}
    assert len(waits) == 1
    assert counted.used(ANN).orders_10s == 10


def test_market_makers_are_exempt() -> None:
    """An account that the settings name has no such limits, and nothing is remembered of it."""
    counted = Counted()
    for _ in range(1_000):
        assert counted.place(99, 5, 5) is None
        counted.cancelled(99)
    assert counted.accounts == 0


def test_accounts_in_memory_are_bounded() -> None:
    """Past the bound an account that used little is forgotten, never one that is at its limit before it."""
    counted = Counted(max_accounts=3)
    for account_id, orders in ((1, 10), (2, 1), (3, 10)):
        counted.place(account_id, orders)
    counted.place(4, 5)
    assert counted.accounts == 3
    assert counted.place(1) is not None
    assert counted.used(2).orders_10s == 0


@pytest.mark.parametrize(
    ("cancels", "code"), [(0, "order_to_trade_exceeded"), (9, "too_many_cancels")]
)
def test_the_refusal_as_the_api_tells_it(cancels: int, code: str) -> None:
    """429, retryable, with Retry-After in whole seconds, never 0."""
    counted = Counted()
    counted.place(ANN, 10)
    counted.cancelled(ANN, cancels)
    excess = counted.place(ANN)
    assert excess is not None
    problem = excess.problem()
    assert (problem.status, problem.code, problem.retryable) == (429, code, True)
    assert int(problem.headers["Retry-After"]) >= 1
