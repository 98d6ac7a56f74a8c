"""Strategies are pure: the same seed and the same view give the same intents, within their limits."""

from random import Random

from cse.sandbox.bots.fair_value import FairValue
from cse.sandbox.bots.fleet import FLEET, make_strategy
from cse.sandbox.bots.instrument import Instrument
from cse.sandbox.bots.market_maker import MarketMaker, Quoting
from cse.sandbox.bots.momentum import MomentumTrader, Temper
from cse.sandbox.bots.noise import Habits, NoiseTrader
from cse.sandbox.bots.strategy import Amend, Cancel, Intent, MarketView, OwnOrder, Place, Strategy

NOVA = Instrument(
    market="NOVA-USDC",
    base="NOVA",
    quote="USDC",
    price_decimals=4,
    tick=1,
    quantity_decimals=2,
    lot=1,
    min_lots=10,
    min_notional=10**6,
    listed_at=12_500,
    found_at=12_500,
)
MARKETS = {"NOVA-USDC": NOVA}


def values(seed: int = 1) -> dict[str, FairValue]:
    return {"NOVA-USDC": FairValue(seed, "NOVA-USDC", 12_500, 12_500)}


def maker(seed: int = 1, quoting: Quoting | None = None) -> MarketMaker:
    return MarketMaker(Random(seed), MARKETS, values(seed), quoting)


def view(*orders: OwnOrder, position: int = 0, last: int = 12_500) -> MarketView:
    return MarketView(12_490, 12_510, last, position, list(orders))


def diary(strategy: Strategy, decisions: int = 200) -> list[tuple[float, str, list[Intent]]]:
    return [
        (strategy.pause_s(), strategy.next_market(), strategy.decide("NOVA-USDC", view(), 1.0))
        for _ in range(decisions)
    ]


def test_every_bot_is_reproducible_and_no_two_are_the_same() -> None:
    """Same seed and view: same waits, markets and intents; other bots and other seeds differ."""
    diaries = {}
    for member in FLEET:
        first = diary(make_strategy(member, 7, MARKETS, values(7)))
        assert first == diary(make_strategy(member, 7, MARKETS, values(7)))
        assert first != diary(make_strategy(member, 8, MARKETS, values(8)))
        diaries[member.name] = first
    assert len({str(entries) for entries in diaries.values()}) == len(FLEET) == 10


def test_fair_value_is_a_function_of_seed_and_time() -> None:
    """Whoever asks, whenever, gets the same path; it stays near its anchor."""
    one, two = FairValue(3, "A", 1_000, 1_100), FairValue(3, "A", 1_000, 1_100)
    assert one.at(0) == 1_100
    late = one.at(5_000)
    assert [two.at(second) for second in range(0, 5_001, 50)][-1] == late
    assert FairValue(4, "A", 1_000, 1_100).at(5_000) != late
    assert all(800 < one.at(hour * 3_600) < 1_250 for hour in range(24))


def test_a_maker_quotes_both_sides_in_levels_around_the_value() -> None:
    """Nothing crosses, deeper levels are further away and larger, and all of it rests."""
    intents = maker().decide("NOVA-USDC", view(), 0.0)
    places = [intent for intent in intents if isinstance(intent, Place)]
    assert len(places) == len(intents) == 8
    bids = [place for place in places if place.side == "buy"]
    asks = [place for place in places if place.side == "sell"]
    assert [p.price for p in bids] == sorted({p.price for p in bids}, reverse=True)
    assert [p.price for p in asks] == sorted({p.price for p in asks})
    assert bids[0].price < 12_500 < asks[0].price
    assert [p.quantity for p in bids] == sorted(p.quantity for p in bids)
    assert not any(place.take for place in places)


def test_a_maker_touches_only_what_is_off() -> None:
    """Quotes where they belong stay; one that was mostly filled or stands wrong is renewed, at its total."""
    first = maker().decide("NOVA-USDC", view(), 0.0)
    orders = [
        OwnOrder(number, place.side, place.price, 0, place.quantity, place.tag)
        for number, place in enumerate(first)
        if isinstance(place, Place)
    ]
    assert maker().decide("NOVA-USDC", view(*orders), 0.0) == []
    filled = orders[0].remaining - 5
    orders[0].filled, orders[0].remaining = filled, 5
    (amend,) = maker().decide("NOVA-USDC", view(*orders), 0.0)
    assert isinstance(amend, Amend)
    assert amend.quantity == filled + filled + 5
    orders[0].remaining, orders[1].price = filled, orders[1].price + 50
    (moved,) = maker().decide("NOVA-USDC", view(*orders), 0.0)
    assert isinstance(moved, Amend)
    assert moved.order_id == orders[1].order_id


def test_a_maker_leans_against_what_it_holds() -> None:
    """Long: all quotes lower, so that others rather buy from it; never beyond the full skew."""

    def prices(position: int) -> list[int]:
        intents = maker().decide("NOVA-USDC", MarketView(position=position), 0.0)
        return [intent.price for intent in intents if isinstance(intent, Place)]

    assert all(long < flat for long, flat in zip(prices(2_000_000), prices(0), strict=True))
    assert all(short > flat for short, flat in zip(prices(-2_000_000), prices(0), strict=True))
    assert prices(10**12) == prices(10**13)


def test_a_maker_waits_where_another_quote_is_in_the_way() -> None:
    """A post-only order that would take would only be refused."""
    crossed = MarketView(best_bid=13_000, best_ask=13_001)
    sides = {i.side for i in maker().decide("NOVA-USDC", crossed, 0.0) if isinstance(i, Place)}
    assert sides == {"buy"}


def noise_intents(seed: int, habits: Habits | None = None) -> list[Intent]:
    trader = NoiseTrader(Random(seed), MARKETS, habits)
    order = OwnOrder(5, "buy", 12_400, 0, 100, "")
    return [i for _ in range(500) for i in trader.decide("NOVA-USDC", view(order), 0.0)]


def test_a_noise_trader_takes_rests_and_cancels_on_both_sides() -> None:
    """Takers reach over the touch, resting orders do not cross it, sizes are within bounds."""
    intents = noise_intents(1)
    takes = [i for i in intents if isinstance(i, Place) and i.take]
    rests = [i for i in intents if isinstance(i, Place) and not i.take]
    assert min(len(takes), len(rests)) > 50
    assert sum(isinstance(i, Cancel) for i in intents) > 20
    assert 0.4 < sum(i.side == "buy" for i in takes) / len(takes) < 0.6
    assert all(i.price > 12_510 if i.side == "buy" else i.price < 12_490 for i in takes)
    assert all(i.price <= 12_490 if i.side == "buy" else i.price >= 12_510 for i in rests)
    most = NOVA.lots_worth(3_000, 12_490)
    assert all(0 < place.quantity <= most for place in [*takes, *rests])


def test_a_noise_trader_never_piles_up_orders() -> None:
    """At its limit all it does is cancel the oldest."""
    assert set(noise_intents(1, Habits(most_orders=1))) == {Cancel("NOVA-USDC", 5)}


def test_a_noise_trader_comes_as_a_poisson_process() -> None:
    """Waits have the mean that its rate says."""
    trader = NoiseTrader(Random(1), MARKETS, Habits(per_second=2.0))
    assert 0.45 < sum(trader.pause_s() for _ in range(4_000)) / 4_000 < 0.55


def test_nobody_trades_in_an_empty_market() -> None:
    """Without a touch there is no price to trade at."""
    empty = MarketView(last=12_500)
    for strategy in (NoiseTrader(Random(1), MARKETS), MomentumTrader(Random(1), MARKETS)):
        assert not any(strategy.decide("NOVA-USDC", empty, 0.0) for _ in range(50))


def follow(prices: list[int], position: int = 0) -> list[Place]:
    trader = MomentumTrader(Random(1), MARKETS, Temper(eagerness=1.0))
    found = [
        trader.decide("NOVA-USDC", view(position=position, last=price), 0.0) for price in prices
    ]
    return [intent for intents in found for intent in intents if isinstance(intent, Place)]


def test_a_momentum_trader_follows_the_trend() -> None:
    """Rising: buys; falling: sells; standing still: nothing; always taking."""
    rising = [12_500 + 20 * step for step in range(30)]
    assert {(p.side, p.take) for p in follow(rising)} == {("buy", True)}
    assert {(p.side, p.take) for p in follow(rising[::-1])} == {("sell", True)}
    assert follow([12_500] * 30) == []


def test_a_momentum_trader_stops_at_its_limit() -> None:
    """With a full position it only trades the other way."""
    rising = [12_500 + 20 * step for step in range(30)]
    full = NOVA.lots_worth(3_000, 12_500) * 2
    assert follow(rising, position=full) == []
    assert follow(rising[::-1], position=full)
    assert follow(rising[::-1], position=-full) == []
