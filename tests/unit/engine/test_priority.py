"""Price-time priority: who trades first, at which price, and what the level events say."""

from hypothesis import given
from hypothesis import strategies as st

from cse.messages import events as e
from cse.messages.wire import Side
from tests.unit.engine.venue import ANN, BOB, CLEO, DAN, MARKET, Venue


def test_better_price_first() -> None:
    """MATCH-010: a younger order at a better price trades before an older one at a worse price."""
    venue = Venue()
    worse = venue.sell(ANN, 5, 1010)
    better = venue.sell(BOB, 5, 1005)
    taker = venue.buy(CLEO, 8, 1010)
    assert venue.trades() == [(better, taker, 1005, 5), (worse, taker, 1010, 3)]


def test_older_order_first_at_one_price() -> None:
    """MATCH-011: at one price, first come, first served, on either side."""
    venue = Venue()
    first, second = venue.buy(ANN, 5, 990), venue.buy(BOB, 5, 990)
    taker = venue.sell(CLEO, 7, 990)
    assert venue.trades() == [(first, taker, 990, 5), (second, taker, 990, 2)]


def test_trades_at_the_makers_price() -> None:
    """MATCH-012: a buyer who would pay more, and a seller who would take less, get the resting price."""
    venue = Venue()
    venue.sell(ANN, 1, 1005)
    venue.buy(BOB, 1, 1400)
    assert venue.only(e.Trade).price == 1005
    venue.buy(ANN, 1, 990)
    venue.sell(BOB, 1, 600)
    assert venue.only(e.Trade).price == 990


def test_partly_filled_order_keeps_its_place() -> None:
    """MATCH-013: what is left of a resting order after a trade still trades before younger orders."""
    venue = Venue()
    first, second = venue.sell(ANN, 5, 1000), venue.sell(BOB, 5, 1000)
    venue.buy(CLEO, 2, 1000)
    taker = venue.buy(DAN, 4, 1000)
    assert venue.trades() == [(first, taker, 1000, 3), (second, taker, 1000, 1)]


def test_ids_count_without_gaps() -> None:
    """MATCH-014: order ids count in the venue, trade ids in each market; refusals use none up."""
    venue = Venue()
    venue.list_market(2, "OTHER-USDC")
    assert venue.sell(ANN, 5, 1000) == 1
    venue.refused(venue.place(BOB, Side.BUY, 10**7, 1000))
    assert venue.buy(BOB, 1, 1000) == 2
    assert venue.only(e.Trade).trade_id == 1
    assert venue.sell(ANN, 5, 1000, market=2) == 3
    assert venue.buy(BOB, 1, 1000, market=2) == 4
    assert venue.only(e.Trade).trade_id == 1
    venue.buy(BOB, 1, 1000)
    assert venue.only(e.Trade).trade_id == 2


_STEP = st.tuples(
    st.sampled_from([ANN, BOB, CLEO]),
    st.sampled_from(list(Side)),
    st.integers(1, 9),
    st.integers(990, 1010),
    st.sampled_from(["place", "place", "cancel", "amend"]),
)


@given(st.lists(_STEP, max_size=30))
def test_level_events_rebuild_the_book(steps: list[tuple[int, Side, int, int, str]]) -> None:
    """MATCH-015: a book kept from LevelChanged alone equals the book added up from the open orders."""
    venue = Venue()
    kept: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
    placed: list[tuple[int, int]] = []
    for account, side, quantity, price, act in steps:
        if act == "place":
            venue.place(account, side, quantity, price)
            placed.append((account, venue.only(e.OrderAccepted).order_id))
        elif placed and act == "cancel":
            venue.cancel(*placed[price % len(placed)])
        elif placed:
            venue.amend(*placed[price % len(placed)], price=price, quantity=quantity)
        for event in venue.all_of(e.LevelChanged):
            assert event.market_id == MARKET
            kept[event.side][event.price] = event.quantity
            if not event.quantity:
                del kept[event.side][event.price]
        for each in Side:
            assert sorted(kept[each].items(), reverse=each == Side.BUY) == venue.book(each)
