"""Fills and moves as one: in order, each once whatever the pages, with the prices that the book needs."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cse.gateway.portfolio import happenings
from cse.gateway.portfolio.happenings import BEGINNING, Happenings
from cse.gateway.portfolio.pricing import PastPrices, Venue
from cse.messages.catalog import Asset, Catalog, Market
from cse.messages.wire import MarketStatus, Side
from cse.portfolio.model import Moved, MoveKind, Price, Traded
from cse.portfolio.ports import Moment
from cse.portfolio.valuing import Pair, routes_to
from cse.projections.views import FillView, PageKey

USDC, NOVA, LYRA = Asset(1, "USDC", 6), Asset(2, "NOVA", 6), Asset(3, "LYRA", 6)
ME = 7


def market(market_id: int, base: Asset, quote: Asset) -> Market:
    limits = {"min_quantity": 1, "max_quantity": 9, "min_notional": 1, "band_ppm": 1}
    return Market(
        market_id=market_id,
        symbol=f"{base.symbol}-{quote.symbol}",
        base=base,
        quote=quote,
        price_scale=4,
        tick_size=1,
        lot_size=10,
        reference_price=6,
        max_open_orders=9,
        status=MarketStatus.OPEN,
        unit_notional=1,
        **limits,
    )


MARKETS = {1: market(1, NOVA, USDC), 2: market(2, LYRA, NOVA)}
PAIRS = [
    Pair(m.market_id, m.base.asset_id, m.quote.asset_id, 10, 1, m.reference_price)
    for m in MARKETS.values()
]
VENUE = Venue(USDC, routes_to(USDC.asset_id, PAIRS))


class History:
    """Fills, moves and trades of lists; the first market traded at its command's number from 5 on."""

    def __init__(self, fills: Sequence[FillView], moves: Sequence[Moved]) -> None:
        self.fills = fills
        self.moves = moves

    async def fills_after(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[FillView]:
        assert account_id == ME
        return [fill for fill in self.fills if fill.key > after and fill.sequence <= until][:limit]

    async def moves_after(
        self, account_id: int, after: int, until: int, limit: int
    ) -> Sequence[Moved]:
        assert account_id == ME
        return [move for move in self.moves if after < move.sequence <= until][:limit]

    async def prices_before(self, market_id: int, moments: Sequence[Moment]) -> list[int | None]:
        return [m.sequence - 1 if market_id == 1 and m.sequence > 5 else None for m in moments]


def reading(history: History) -> Happenings:
    catalog = Catalog()
    catalog.markets = MARKETS
    prices = PastPrices(cast("Any", history), cast("Any", None))
    return Happenings(cast("Any", history), cast("Any", history), prices, catalog)


def fill(sequence: int, position: int = 0, market_id: int = 1) -> FillView:
    return FillView(
        market_id, 1, 1, ME, Side.BUY, 5, 4, 20, 1, 2, True, sequence, sequence, position
    )


def move(sequence: int, asset: Asset = USDC) -> Moved:
    return Moved(sequence, 3, sequence, MoveKind.DEPOSIT, asset.asset_id, 9)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(["fill", "two fills", "move"]), max_size=30),
    size=st.integers(1, 5),
)
async def test_pages_hold_everything_once(
    kinds: list[str], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands of all kinds in any order, one after the other, through pages of any size."""
    monkeypatch.setattr(happenings, "PAGE", size)
    fills = [fill(n) for n, kind in enumerate(kinds, 1) if kind != "move"]
    fills += [fill(n, 1) for n, kind in enumerate(kinds, 1) if kind == "two fills"]
    moves = [move(n) for n, kind in enumerate(kinds, 1) if kind == "move"]
    keys = [each.key for each in fills] + [PageKey(each.sequence, each.position) for each in moves]
    reader = reading(History(sorted(fills, key=lambda each: each.key), moves))
    found: list[PageKey] = []
    after: PageKey | None = BEGINNING
    while after is not None:
        page = await reader.page(VENUE, ME, after, len(kinds))
        found += [PageKey(event.sequence, event.position) for event, _ in page.events]
        after = page.after
    assert found == sorted(keys)


async def test_what_needs_a_price_has_it() -> None:
    """Cash and trades for cash need none; others have the last one before, or what the market was listed with."""
    history = History([fill(2), fill(7, market_id=2)], [move(3), move(4, NOVA), move(8, LYRA)])
    page = await reading(history).page(VENUE, ME, BEGINNING, 99)
    assert page.after is None
    told = {event.sequence: price for event, price in page.events}
    over = Price(6 * 7, 10 * 10)
    assert told == {2: None, 3: None, 4: Price(6, 10), 7: Price(6, 10), 8: over}
    [bought] = [event for event, _ in page.events if event.sequence == 2]
    assert bought == Traded(2, 0, 2, True, 2, 1, 40, 20, 1)
