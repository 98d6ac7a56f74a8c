"""`/api/feeds/coinmarketcap`: what CoinMarketCap asks of an exchange; times are Unix ms.

Decimals of `summary` and `ticker` are JSON numbers, those of books and trades strings, as in its samples.
Source of names: CoinMarketCap's "Ideal API Endpoint Samples" (10 June 2020, section A, spot),
https://docs.google.com/document/d/1S4urpzUnO2t7DmS_1dc4EL4tgnnbTObPYXvDeBnukCg
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from cse.core.money import format_units
from cse.gateway.deps import GatewayDeps
from cse.gateway.feeds.caching import cached
from cse.gateway.feeds.literals import Number, number, percent
from cse.gateway.feeds.pairs import Depth, book_of, market_of_pair, pair_name
from cse.gateway.feeds.trades import MAX_TRADES, TradeWindow, printed
from cse.gateway.http.operations import Call, Handler, Operation
from cse.gateway.http.tags import NOT_MODIFIED
from cse.gateway.market_schemas import Level
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.present_market import STANDARD_FEE_TIER, levels_json, trade_json
from cse.gateway.schemas import Decimal, Id, SideName, TimeMs
from cse.market_data import TickerView
from cse.market_data.tape import TradeLike
from cse.market_data.ticker import WINDOW_MS
from cse.messages.catalog import Market
from cse.messages.wire import MarketStatus

TAG = "Feeds"
LISTING_S: Final = 60
TICKERS_S: Final = 5
BOOK_S: Final = 1
_PPM_DECIMALS: Final = 6
_PAIR = {"market_pair": {"type": "string", "maxLength": 33, "examples": ["NOVA_USDC"]}}


class Summary(msgspec.Struct, frozen=True):
    """A pair's last 24 hours; null where nothing traded or nobody quotes."""

    trading_pairs: str
    base_currency: str
    quote_currency: str
    last_price: Number | None
    lowest_ask: Number | None
    highest_bid: Number | None
    base_volume: Number
    quote_volume: Number
    price_change_percent_24h: Number | None
    highest_price_24h: Number | None
    lowest_price_24h: Number | None


class AssetState(msgspec.Struct, frozen=True):
    """An asset; nothing comes in or goes out over a chain here, so there are no amounts for it."""

    name: str
    unified_cryptoasset_id: int | None
    """CoinMarketCap's own id: null, this exchange does not know it."""
    can_withdraw: bool
    can_deposit: bool
    min_withdraw: Decimal | None
    max_withdraw: Decimal | None
    maker_fee: Decimal
    """Of new accounts, as a fraction: "0.001000" is 0.1 %."""
    taker_fee: Decimal


class PairPrice(msgspec.Struct, frozen=True):
    """A pair's last price and volumes of 24 hours."""

    base_id: int | None
    """As `unified_cryptoasset_id`."""
    quote_id: int | None
    last_price: Number | None
    base_volume: Number
    quote_volume: Number
    isFrozen: int  # noqa: N815  # CoinMarketCap's name
    """1: the market does not trade now."""


class MarketPairBook(msgspec.Struct, frozen=True):
    """A pair's order book, best first."""

    timestamp: TimeMs
    """When the book changed last."""
    bids: list[Level]
    asks: list[Level]


class MarketPairTrade(msgspec.Struct, frozen=True):
    """A trade; `buy` took an ask from the book."""

    trade_id: Id
    price: Decimal
    base_volume: Decimal
    quote_volume: Decimal
    timestamp: TimeMs
    type: SideName


class MarketPairBookQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the book."""

    depth: Depth = 0
    level: Annotated[
        int,
        Meta(
            ge=1, le=2, description="1: the best of each side, 2: price levels. No single orders."
        ),
    ] = 2


class CoinMarketCapCalls:
    """CoinMarketCap's calls over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the views; go to history for what is older."""
        self._deps = deps
        self._trades = TradeWindow(deps)

    async def summary(self, call: Call) -> Answer:
        """Return the last 24 hours of all pairs."""
        markets = self._deps.catalog.markets.values()
        summaries = [_summary(market, self._view(market)) for market in markets]
        return cached(call, encode(summaries), TICKERS_S)

    async def assets(self, call: Call) -> Answer:
        """Return all assets by symbol."""
        fees = self._deps.catalog.fee_tiers.get(STANDARD_FEE_TIER)
        maker = format_units(fees.maker_ppm if fees else 0, _PPM_DECIMALS)
        taker = format_units(fees.taker_ppm if fees else 0, _PPM_DECIMALS)
        assets = {
            symbol: AssetState(symbol, None, False, False, None, None, maker, taker)
            for symbol in self._deps.catalog.assets_by_symbol
        }
        return cached(call, encode(assets), LISTING_S)

    async def ticker(self, call: Call) -> Answer:
        """Return the last prices and volumes of all pairs, by pair."""
        prices = {
            pair_name(market): _price(market, self._view(market))
            for market in self._deps.catalog.markets.values()
        }
        return cached(call, encode(prices), TICKERS_S)

    async def orderbook(self, call: Call) -> Answer:
        """Return a pair's order book."""
        market = market_of_pair(self._deps.catalog, call.path["market_pair"])
        wanted: MarketPairBookQuery = call.query(MarketPairBookQuery)
        book = book_of(self._deps.market_data, market, 2 if wanted.level == 1 else wanted.depth)
        answer = MarketPairBook(
            book.time_ms, levels_json(book.bids, market), levels_json(book.asks, market)
        )
        return cached(call, encode(answer), BOOK_S)

    async def trades(self, call: Call) -> Answer:
        """Return a pair's trades of the last 24 hours, newest first, at most 5000."""
        market = market_of_pair(self._deps.catalog, call.path["market_pair"])
        # The engine's clock may be a moment ahead of this process's.
        now_ms = max(self._deps.clock.now_ms(), self._deps.market_data.time_ms)
        found = await self._trades.newest(market.market_id, now_ms - WINDOW_MS, now_ms, MAX_TRADES)
        trades = await printed(found, lambda trade: _trade(trade, market))
        return cached(call, encode(trades), TICKERS_S)

    def _view(self, market: Market) -> TickerView:
        return self._deps.market_data.ticker(market.market_id).view(self._deps.clock.now_ms())


def _summary(market: Market, view: TickerView) -> Summary:
    change, opened = view.change, view.open
    return Summary(
        trading_pairs=pair_name(market),
        base_currency=market.base.symbol,
        quote_currency=market.quote.symbol,
        last_price=_number(market, view.last),
        lowest_ask=_number(market, view.best_ask[0] if view.best_ask else None),
        highest_bid=_number(market, view.best_bid[0] if view.best_bid else None),
        base_volume=number(market.format_quantity(view.volume)),
        quote_volume=number(market.quote.format(view.quote_volume)),
        price_change_percent_24h=(
            None if change is None or not opened else number(percent(change, opened))
        ),
        highest_price_24h=_number(market, view.high),
        lowest_price_24h=_number(market, view.low),
    )


def _price(market: Market, view: TickerView) -> PairPrice:
    return PairPrice(
        base_id=None,
        quote_id=None,
        last_price=_number(market, view.last),
        base_volume=number(market.format_quantity(view.volume)),
        quote_volume=number(market.quote.format(view.quote_volume)),
        isFrozen=int(market.status is not MarketStatus.OPEN),
    )


def _number(market: Market, ticks: int | None) -> msgspec.Raw | None:
    return None if ticks is None else number(market.format_price(ticks))


def _trade(trade: TradeLike, market: Market) -> MarketPairTrade:
    told = trade_json(trade, market)
    return MarketPairTrade(
        told.trade_id, told.price, told.quantity, told.quote_amount, told.time, told.taker_side
    )


def coinmarketcap_operations(deps: GatewayDeps) -> list[Operation]:
    """Return CoinMarketCap's calls."""
    calls = CoinMarketCapCalls(deps)

    def get(path: str, handler: Handler, summary: str, answer: Any, query: Any = None) -> Operation:
        of_pair = "{market_pair}" in path
        return Operation(
            "GET",
            f"/api/feeds/coinmarketcap/{path}",
            handler,
            f"CoinMarketCap: {summary}",
            TAG,
            answer,
            query=query,
            parameters=_PAIR if of_pair else {},
            statuses=(404,) if of_pair else (),
            also=NOT_MODIFIED,
        )

    return [
        get("summary", calls.summary, "all pairs", list[Summary]),
        get("assets", calls.assets, "assets", dict[str, AssetState]),
        get("ticker", calls.ticker, "last prices", dict[str, PairPrice]),
        get(
            "orderbook/{market_pair}",
            calls.orderbook,
            "order book",
            MarketPairBook,
            MarketPairBookQuery,
        ),
        get("trades/{market_pair}", calls.trades, "trades", list[MarketPairTrade]),
    ]
