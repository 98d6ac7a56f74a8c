"""Pairs as aggregators name them: base and quote with an underscore between; ours, with a dash, is read too."""

from typing import Annotated

from msgspec import Meta

from cse.gateway.http.market_data import MAX_DEPTH
from cse.gateway.order_requests import market_of
from cse.market_data import DepthSnapshot, MarketDataHub
from cse.messages.catalog import Catalog, Market

PairName = Annotated[str, Meta(max_length=33, examples=["NOVA_USDC"])]
Depth = Annotated[
    int,
    Meta(
        ge=0,
        le=2 * MAX_DEPTH,
        description="Levels of both sides together: 100 means 50 of each. 0: all, at most 1000 of each.",
    ),
]


def pair_name(market: Market) -> str:
    """Return `NOVA_USDC` and the like."""
    return f"{market.base.symbol}_{market.quote.symbol}"


def market_of_pair(catalog: Catalog, pair: str) -> Market:
    """Return the market of a pair.

    Raises:
        ApiProblem: 404.
    """
    return market_of(catalog, pair.replace("_", "-"))


def book_of(hub: MarketDataHub, market: Market, depth: int) -> DepthSnapshot:
    """Return the best levels; `depth` counts those of both sides, 0 means all that are shown."""
    return hub.depth(market.market_id).snapshot((depth + 1) // 2 or MAX_DEPTH)
