"""How assets are valued in the reference asset: by the last trade of a market, or of two one after the other.

While nobody has traded, a market's price is the one that it was listed with, as for the engine's own bands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cse.portfolio.model import Price

MAX_ROUTES: Final = 4
"""How many ways to a price are tried for an asset."""


class Pair(NamedTuple):
    """A market, as far as values depend on it. None of it ever changes."""

    market_id: int
    base_id: int
    quote_id: int
    lot_size: int
    """Base units."""
    unit_notional: int
    """Quote units for one lot at a price of one tick."""
    listed_at: int
    """The price that it was listed with, in ticks."""

    def price(self, ticks: int) -> Price:
        """Return what one base unit costs in quote units."""
        return Price(ticks * self.unit_notional, self.lot_size)


Route = tuple[Pair, ...]
"""The markets that lead from an asset to the reference asset."""
Routes = Mapping[int, Sequence[Route]]


def reference_of(pairs: Iterable[Pair]) -> int | None:
    """Return the asset that everything is valued in: what the first market is quoted in; None: there is no market."""
    first = min(pairs, default=None)
    return None if first is None else first.quote_id


def routes_to(reference_id: int, pairs: Iterable[Pair]) -> Routes:
    """Return the ways to price each asset, in the order in which they are tried.

    First the markets that trade it for the reference asset, oldest first; then those that trade it for an asset which
    such a market prices.
    """
    listed = sorted(pairs)
    direct: dict[int, list[Route]] = {}
    for pair in listed:
        if pair.quote_id == reference_id:
            direct.setdefault(pair.base_id, []).append((pair,))
    found = {asset_id: list(routes) for asset_id, routes in direct.items()}
    for pair in listed:
        if reference_id in (pair.base_id, pair.quote_id):
            continue
        for first in direct.get(pair.quote_id, ()):
            found.setdefault(pair.base_id, []).append((pair, *first))
    return {asset_id: routes[:MAX_ROUTES] for asset_id, routes in found.items()}


def attempts(routes: Routes, asset_id: int) -> Iterator[tuple[Route, bool]]:
    """Yield the ways to try, and whether a market may answer with the price that it was listed with.

    The first way that had a trade counts, so that a market that is listed later changes no price that there was.
    """
    found = routes.get(asset_id, ())
    for route in found:
        yield route, False
    if found:
        yield found[0], True


def through(route: Route, ticks: Sequence[int | None], *, listed: bool) -> Price | None:
    """Return the price along a route, given the last trade's ticks of each of its markets.

    Where a market had none, it is the price that it was listed with if `listed`, else there is none.
    """
    numerator = denominator = 1
    for pair, last in zip(route, ticks, strict=True):
        price = pair.listed_at if last is None and listed else last
        if price is None:
            return None
        step = pair.price(price)
        numerator *= step.numerator
        denominator *= step.denominator
    return Price(numerator, denominator)
