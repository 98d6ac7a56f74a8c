"""A portfolio in the shape of the API: positions of a book, valued by prices of now."""

from collections.abc import Callable
from typing import Final, NamedTuple

from cse.core.money import MAX_SCALE, format_units
from cse.gateway.http.portfolio_schemas import (
    BasisName,
    Portfolio,
    PortfolioAsset,
    PortfolioTotal,
)
from cse.gateway.portfolio.keeping import Kept
from cse.gateway.portfolio.pricing import LivePrices, Venue
from cse.messages.catalog import Asset, Catalog
from cse.portfolio.book import Position
from cse.portfolio.model import Basis

_BASES: Final[dict[Basis, BasisName]] = {
    Basis.TRADED: "traded",
    Basis.MARKET: "market",
    Basis.NONE: "none",
}
_PPM: Final = 1_000_000


class _Valued(NamedTuple):
    """A position, and what it is worth; None: nobody says."""

    position: Position
    asset: Asset
    value: int | None

    @property
    def cost(self) -> int:
        return self.position.lots.cost


class Teller:
    """Tells what is kept in the words of the API."""

    def __init__(self, catalog: Catalog, prices: LivePrices) -> None:
        """Print by the catalog, value by the prices."""
        self._catalog: Final = catalog
        self._prices: Final = prices

    def portfolio(self, venue: Venue, kept: Kept, time_ms: int) -> Portfolio:
        """Return a portfolio as of now."""
        valued = [
            self._valued(venue, position)
            for position in kept.book.positions.values()
            if _worth_telling(position)
        ]
        valued.sort(key=_by_value)
        whole = sum(each.value or 0 for each in valued)
        method = kept.book.method.value
        return Portfolio(
            "fifo" if method == "fifo" else "average",
            venue.reference.symbol,
            kept.sequence,
            time_ms,
            [self._asset(venue, each, whole) for each in valued],
            _total(venue.reference.format, valued, kept),
        )

    def _valued(self, venue: Venue, position: Position) -> _Valued:
        asset_id, quantity = position.asset_id, position.lots.quantity
        asset = self._catalog.assets[asset_id]
        if asset_id == venue.reference.asset_id or not quantity:
            return _Valued(position, asset, quantity)
        price = self._prices.price(venue, asset_id)
        return _Valued(position, asset, None if price is None else price.value(quantity))

    def _asset(self, venue: Venue, valued: _Valued, whole: int) -> PortfolioAsset:
        position, asset, value = valued
        lots, show = position.lots, venue.reference.format
        unrealised = None if value is None else value - lots.cost
        is_reference = asset.asset_id == venue.reference.asset_id
        return PortfolioAsset(
            asset=asset.symbol,
            quantity=asset.format(lots.quantity),
            cost_basis=show(lots.cost),
            average_cost=_average_cost(valued, venue.reference),
            basis=_BASES[lots.basis] if lots.quantity else None,
            last_price=show(10**venue.reference.scale)
            if is_reference
            else self._prices.printed(venue, asset.asset_id),
            value=None if value is None else show(value),
            allocation_ppm=value * _PPM // whole if value is not None and whole else None,
            unrealised=None if unrealised is None else show(unrealised),
            unrealised_ppm=None
            if unrealised is None or not lots.cost
            else unrealised * _PPM // lots.cost,
            realised=show(position.realised),
            realised_by_moves=show(position.realised_by_moves),
            fees=asset.format(position.fees),
            fees_value=show(position.fees_value),
        )


def _total(show: Callable[[int], str], valued: list[_Valued], kept: Kept) -> PortfolioTotal:
    priced = [(each, each.value) for each in valued if each.value is not None]
    unpriced = [each for each in valued if each.value is None]
    positions = kept.book.positions.values()
    value = sum(value for _, value in priced)
    cost = sum(each.cost for each, _ in priced)
    realised = sum(position.realised for position in positions)
    by_moves = sum(position.realised_by_moves for position in positions)
    return PortfolioTotal(
        value=show(value),
        cost_basis=show(cost),
        unrealised=show(value - cost),
        realised=show(realised),
        realised_by_moves=show(by_moves),
        fees_value=show(sum(position.fees_value for position in positions)),
        net_deposits=show(sum(position.invested for position in positions)),
        profit=show(value - cost + realised + by_moves),
        unpriced_assets=len(unpriced),
        unpriced_cost_basis=show(sum(each.cost for each in unpriced)),
    )


def _average_cost(valued: _Valued, reference: Asset) -> str | None:
    quantity = valued.position.lots.quantity
    if not quantity:
        return None
    top = valued.cost * 10 ** (valued.asset.scale + MAX_SCALE)
    bottom = quantity * 10**reference.scale
    return format_units((2 * top + bottom) // (2 * bottom), MAX_SCALE)


def _by_value(valued: _Valued) -> tuple[bool, int, str]:
    return valued.value is None, -(valued.value or 0), valued.asset.symbol


def _worth_telling(position: Position) -> bool:
    """Tell whether the account has, or earned, or paid anything of it."""
    return bool(
        position.lots.quantity
        or position.realised
        or position.realised_by_moves
        or position.fees
        or position.invested
    )
