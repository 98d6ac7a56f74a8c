"""Markets as UDF symbols: found by name, described, searched."""

from collections.abc import Iterable
from typing import Final

from cse.gateway.order_requests import market_of
from cse.gateway.udf.bars import RESOLUTIONS
from cse.gateway.udf.schemas import (
    EXCHANGE,
    SYMBOL_TYPE,
    Choice,
    Config,
    Found,
    SearchQuery,
    SymbolInfo,
    TypeChoice,
)
from cse.messages.catalog import Catalog, Market

CONFIG: Final = Config(
    supported_resolutions=list(RESOLUTIONS),
    supports_group_request=False,
    supports_marks=True,
    supports_search=True,
    supports_timescale_marks=True,
    supports_time=True,
    exchanges=[
        Choice("", "All exchanges", ""),
        Choice(EXCHANGE, EXCHANGE, "CS Exchange"),
    ],
    symbols_types=[TypeChoice("All types", ""), TypeChoice("Crypto", SYMBOL_TYPE)],
)


def find_market(catalog: Catalog, symbol: str) -> Market:
    """Return the market of a symbol, given with or without the exchange before it.

    Raises:
        ApiProblem: 404.
    """
    return market_of(catalog, symbol.removeprefix(f"{EXCHANGE}:"))


def describe(market: Market) -> str:
    """Return what the chart's legend says."""
    return f"{market.base.symbol} / {market.quote.symbol}"


def symbol_info(market: Market) -> SymbolInfo:
    """Return a market as a symbol; a tick of 0.0005 is minmov 5 of pricescale 10000."""
    return SymbolInfo(
        name=market.symbol,
        ticker=market.symbol,
        description=describe(market),
        type=SYMBOL_TYPE,
        exchange=EXCHANGE,
        listed_exchange=EXCHANGE,
        session="24x7",
        timezone="Etc/UTC",
        minmov=market.tick_size,
        pricescale=10**market.price_scale,
        minmov2=0,
        has_intraday=True,
        has_seconds=True,
        has_daily=True,
        has_weekly_and_monthly=True,
        seconds_multipliers=["1"],
        intraday_multipliers=[name for name in RESOLUTIONS if name.isdigit()],
        daily_multipliers=["1"],
        weekly_multipliers=["1"],
        supported_resolutions=list(RESOLUTIONS),
        volume_precision=market.quantity_scale,
        currency_code=market.quote.symbol,
        data_status="streaming",
        format="price",
    )


def search(markets: Iterable[Market], wanted: SearchQuery) -> list[Found]:
    """Return the markets whose name contains what was typed, at most `limit`."""
    if wanted.type not in {"", SYMBOL_TYPE} or wanted.exchange not in {"", EXCHANGE}:
        return []
    typed = wanted.query.upper().removeprefix(f"{EXCHANGE}:").replace("/", "-").replace(" ", "")
    found = [market for market in markets if typed in market.symbol.upper()]
    found.sort(key=lambda market: (not market.symbol.upper().startswith(typed), market.symbol))
    return [
        Found(
            symbol=market.symbol,
            full_name=f"{EXCHANGE}:{market.symbol}",
            description=describe(market),
            exchange=EXCHANGE,
            ticker=market.symbol,
            type=SYMBOL_TYPE,
        )
        for market in found[: wanted.limit]
    ]
