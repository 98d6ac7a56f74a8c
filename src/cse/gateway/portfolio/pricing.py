"""What assets are worth in the reference asset: now, before a command, and at the ends of steps of time."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.core.money import MAX_SCALE, format_units
from cse.gateway.market_history import MarketHistory
from cse.market_data import INTERVALS, MarketDataHub
from cse.messages.catalog import Asset, Catalog
from cse.portfolio.model import Price
from cse.portfolio.ports import Moment, PortfolioReader
from cse.portfolio.valuing import Pair, Route, Routes, attempts, reference_of, routes_to, through

_SERIES: Final = 2_000
"""How many markets' closes are remembered: closed steps do not change."""


class Venue(NamedTuple):
    """What values depend on of the listed markets."""

    reference: Asset
    routes: Routes


class Venues:
    """Makes a Venue of the catalog, anew when a market was listed."""

    def __init__(self, catalog: Catalog) -> None:
        """Read the catalog."""
        self._catalog: Final = catalog
        self._markets = 0
        self._venue: Venue | None = None

    def now(self) -> Venue:
        """Return it as it is now.

        Raises:
            Unavailable: there is no market yet.
        """
        markets = self._catalog.markets
        if len(markets) != self._markets or self._venue is None:
            pairs = [
                Pair(
                    m.market_id,
                    m.base.asset_id,
                    m.quote.asset_id,
                    m.lot_size,
                    m.unit_notional,
                    m.reference_price,
                )
                for m in markets.values()
            ]
            reference_id = reference_of(pairs)
            if reference_id is None:
                raise Unavailable("There is no market yet that anything could be valued by.")
            reference = self._catalog.assets[reference_id]
            self._venue = Venue(reference, routes_to(reference_id, pairs))
            self._markets = len(markets)
        return self._venue


class LivePrices:
    """Prices by the last trades, however old; of markets that never traded, by what they were listed with."""

    def __init__(self, hub: MarketDataHub, catalog: Catalog, clock: Clock) -> None:
        """Read these."""
        self._hub: Final = hub
        self._catalog: Final = catalog
        self._clock: Final = clock

    def price(self, venue: Venue, asset_id: int) -> Price | None:
        """Return an asset's price now; None: no market leads from it to the reference asset."""
        found = self._find(venue, asset_id)
        return None if found is None else through(*found, listed=True)

    def printed(self, venue: Venue, asset_id: int) -> str | None:
        """Return the price of one whole unit: as its market prints it, or with nine decimals over two markets."""
        found = self._find(venue, asset_id)
        if found is None:
            return None
        route, ticks = found
        if len(route) == 1:
            last = route[0].listed_at if ticks[0] is None else ticks[0]
            return self._catalog.markets[route[0].market_id].format_price(last)
        price = through(route, ticks, listed=True)
        assert price is not None, "every market was listed with a price"
        return per_whole(price, self._catalog.assets[asset_id], venue.reference)

    def _find(self, venue: Venue, asset_id: int) -> tuple[Route, list[int | None]] | None:
        now_ms = self._clock.now_ms()
        for route, listed in attempts(venue.routes, asset_id):
            last = [self._hub.ticker(pair.market_id).view(now_ms).last for pair in route]
            if listed or None not in last:
                return route, last
        return None


def per_whole(price: Price, asset: Asset, reference: Asset) -> str:
    """Print the price of one whole unit with nine decimals, rounded half up."""
    top = price.numerator * 10 ** (asset.scale + MAX_SCALE)
    bottom = price.denominator * 10**reference.scale
    return format_units((2 * top + bottom) // (2 * bottom), MAX_SCALE)


class PastPrices:
    """Prices of the past, from trades and candles."""

    def __init__(self, reader: PortfolioReader, candles: MarketHistory) -> None:
        """Read these."""
        self._reader: Final = reader
        self._candles: Final = candles
        self._closes: Final[OrderedDict[tuple[int, str, int, int], list[int | None]]] = (
            OrderedDict()
        )

    async def before(
        self, venue: Venue, asset_id: int, moments: Sequence[Moment]
    ) -> dict[int, Price]:
        """Return an asset's price before each command, by command; those without one are left out."""
        found: dict[int, Price] = {}
        left = list(moments)
        for route, listed in attempts(venue.routes, asset_id):
            columns = [await self._reader.prices_before(pair.market_id, left) for pair in route]
            for moment, *ticks in zip(left, *columns, strict=True):
                price = through(route, ticks, listed=listed)
                if price is not None:
                    found[moment.sequence] = price
            left = [moment for moment in left if moment.sequence not in found]
            if not left:
                break
        return found

    async def at_ends(
        self, venue: Venue, asset_id: int, interval: str, ends_ms: Sequence[int]
    ) -> list[Price | None]:
        """Return an asset's price at the end of each step, by candles of `interval` that ended by then."""
        found: list[Price | None] = [None] * len(ends_ms)
        for route, listed in attempts(venue.routes, asset_id):
            columns = [await self._series(pair.market_id, interval, ends_ms) for pair in route]
            for index, ticks in enumerate(zip(*columns, strict=True)):
                if found[index] is None:
                    found[index] = through(route, ticks, listed=listed)
            if None not in found:
                break
        return found

    async def _series(
        self, market_id: int, interval: str, ends_ms: Sequence[int]
    ) -> list[int | None]:
        """Return a market's closes at these times, rising; None before its first trade."""
        key = (market_id, interval, ends_ms[0], ends_ms[-1])
        known = self._closes.get(key)
        if known is not None:
            self._closes.move_to_end(key)
            return known
        length_ms, last_ms = INTERVALS[interval], ends_ms[-1]
        most = (last_ms - ends_ms[0]) // length_ms + 2
        candles = await self._candles.latest_candles(market_id, interval, 0, last_ms, most)
        ended = [candle.open_time_ms + length_ms for candle in candles]
        places = [bisect_right(ended, end) - 1 for end in ends_ms]
        series = [candles[place].close if place >= 0 else None for place in places]
        self._closes[key] = series
        if len(self._closes) > _SERIES:
            self._closes.popitem(last=False)
        return series
