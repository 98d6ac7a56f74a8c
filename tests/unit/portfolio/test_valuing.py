"""Ways from an asset to the reference asset, and prices along them."""

from fractions import Fraction

from cse.portfolio.valuing import MAX_ROUTES, Pair, attempts, reference_of, routes_to, through

USDC, NOVA, LYRA, EURO = 1, 2, 3, 4
NOVA_USDC = Pair(5, NOVA, USDC, 100, 1, 240)
LYRA_NOVA = Pair(6, LYRA, NOVA, 10, 3, 8)
LYRA_USDC = Pair(7, LYRA, USDC, 10, 1, 9)
EURO_GOLD = Pair(8, EURO, 9, 10, 1, 9)


def test_the_first_markets_quote_is_the_reference() -> None:
    """Whatever is listed later changes nothing of it; without a market there is none."""
    assert reference_of([LYRA_NOVA, NOVA_USDC]) == USDC
    assert reference_of([]) is None


def test_direct_markets_come_first() -> None:
    """Then one over a market that is priced itself; what leads nowhere has no price."""
    routes = routes_to(USDC, [LYRA_NOVA, EURO_GOLD, LYRA_USDC, NOVA_USDC])
    assert routes == {NOVA: [(NOVA_USDC,)], LYRA: [(LYRA_USDC,), (LYRA_NOVA, NOVA_USDC)]}
    many = [Pair(n, NOVA, USDC, 1, 1, 1) for n in range(10, 30)]
    assert len(routes_to(USDC, many)[NOVA]) == MAX_ROUTES


def test_prices_multiply_along_the_way() -> None:
    """Ticks become reference units for one asset unit, exactly; a market that never traded has none of its own."""
    price = through((LYRA_NOVA, NOVA_USDC), (7, 250), listed=False)
    assert price is not None
    assert Fraction(*price) == Fraction(7 * 3, 10) * Fraction(250, 100)
    assert price.value(1_000) == 5_250
    assert price.value(1) == 5, "rounded down"
    assert through((LYRA_NOVA, NOVA_USDC), (7, None), listed=False) is None


def test_a_market_is_listed_with_a_price() -> None:
    """After all ways that had trades: the first way, each market with its last trade or what it was listed with."""
    routes = routes_to(USDC, [LYRA_NOVA, LYRA_USDC, NOVA_USDC])
    direct, over = (LYRA_USDC,), (LYRA_NOVA, NOVA_USDC)
    assert list(attempts(routes, LYRA)) == [(direct, False), (over, False), (direct, True)]
    assert list(attempts(routes, EURO)) == []
    price = through(over, (7, None), listed=True)
    assert price is not None
    assert Fraction(*price) == Fraction(7 * 3, 10) * Fraction(240, 100)
