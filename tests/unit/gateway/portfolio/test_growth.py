"""Value over time: what there was at each point times the price of then, who made the difference, who is left out."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import pytest

from cse.gateway.portfolio import growth
from cse.gateway.portfolio.growth import Growth
from cse.gateway.portfolio.happenings import Page
from cse.gateway.portfolio.keeping import Kept
from cse.gateway.portfolio.pricing import Venue
from cse.messages.catalog import Asset, Catalog
from cse.portfolio.model import Happened, Method, Moved, MoveKind, Price, Traded

USDC, NOVA, LYRA, DARK = 1, 2, 3, 4
VENUE = Venue(Asset(USDC, "USDC", 0), {})
HOUR = 3_600_000
START = 500_000 * HOUR


class Prices:
    """NOVA is worth as many as hours have passed, LYRA always 2, DARK nothing that anybody knows."""

    def __init__(self) -> None:
        self.now_ms = START

    def price(self, _venue: Venue, asset_id: int) -> Price | None:
        return self._at(asset_id, self.now_ms)

    async def at_ends(
        self, _venue: Venue, asset_id: int, _interval: str, ends_ms: Sequence[int]
    ) -> list[Price | None]:
        return [self._at(asset_id, end) for end in ends_ms]

    def _at(self, asset_id: int, time_ms: int) -> Price | None:
        known = {NOVA: (time_ms - START) // HOUR, LYRA: 2}
        return Price(known[asset_id], 1) if asset_id in known else None


@pytest.fixture
def prices() -> Prices:
    return Prices()


@pytest.fixture
def told(prices: Prices) -> Growth:
    catalog = Catalog()
    for asset_id, symbol in ((NOVA, "NOVA"), (LYRA, "LYRA"), (DARK, "DARK"), (USDC, "USDC")):
        catalog.assets[asset_id] = Asset(asset_id, symbol, 0)
    return Growth(catalog, cast("Any", prices), cast("Any", prices))


def kept(*events: tuple[Happened, Price | None]) -> Kept:
    made = Kept(Method.FIFO, VENUE)
    made.take_in(Page(events, None))
    return made


def came(sequence: int, asset_id: int, amount: int, hour: float, price: int | None = None) -> Any:
    time_ms = START + int(hour * HOUR)
    worth = None if price is None else Price(price, 1)
    return Moved(sequence, 0, time_ms, MoveKind.DEPOSIT, asset_id, amount), worth


async def test_points_are_holdings_times_prices(told: Growth, prices: Prices) -> None:
    """100 in cash, 10 NOVA bought at 3 after three and a half hours: worth 10 more with every hour from then on."""
    buy = Traded(2, 0, START + int(3.5 * HOUR), True, NOVA, USDC, 10, 30, 0)
    book = kept(came(1, USDC, 100, 0.5), (buy, None))
    prices.now_ms = START + int(6.5 * HOUR)
    history = await told.history(VENUE, book, "1w", prices.now_ms)
    hours = [Decimal(point.time - START) / HOUR for point in history.points]
    assert hours == [1, 2, 3, 4, 5, 6, Decimal("6.5")]
    assert [point.value for point in history.points] == [
        "100",
        "100",
        "100",
        "110",
        "120",
        "130",
        "130",
    ]
    assert {point.net_deposits for point in history.points} == {"100"}
    assert [point.profit for point in history.points] == ["0", "0", "0", "10", "20", "30", "30"]
    [mover] = history.movers
    assert (mover.asset, mover.value, mover.profit) == ("NOVA", "60", "30")
    assert (history.step_ms, history.unpriced) == (HOUR, [])


async def test_movers_count_from_the_ranges_begin(told: Growth, prices: Prices) -> None:
    """What an asset was worth before the range is not its gain; what came in during it is not either."""
    book = kept(came(1, NOVA, 10, 1, 1), came(2, NOVA, 5, 100, 100))
    prices.now_ms = START + 110 * HOUR
    history = await told.history(VENUE, book, "1d", prices.now_ms)
    first, last = history.points[0], history.points[-1]
    gain = Decimal(last.profit) - Decimal(first.profit)
    assert gain == 10 * 24 + 5 * 10
    assert [mover.profit for mover in history.movers] == [str(gain)]


async def test_what_has_no_price_is_told_and_left_out(told: Growth, prices: Prices) -> None:
    """It is in no sum, and named."""
    book = kept(came(1, LYRA, 7, 1, 2), came(2, DARK, 1_000, 2))
    prices.now_ms = START + 10 * HOUR
    history = await told.history(VENUE, book, "all", prices.now_ms)
    assert history.unpriced == ["DARK"]
    assert {point.value for point in history.points} == {"14"}
    assert [mover.asset for mover in history.movers] == ["LYRA"]


async def test_a_history_values_so_many_assets(
    told: Growth, prices: Prices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cash and those with the most money in them; the others are told as left out."""
    monkeypatch.setattr(growth, "MAX_ASSETS", 2)
    book = kept(came(1, LYRA, 7, 1, 2), came(2, NOVA, 9, 5, 5), came(3, USDC, 3, 5))
    prices.now_ms = START + 10 * HOUR
    history = await told.history(VENUE, book, "1w", prices.now_ms)
    assert history.unpriced == ["LYRA"]
    assert history.points[-1].value == "93"
