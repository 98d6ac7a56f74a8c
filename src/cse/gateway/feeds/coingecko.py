"""`/api/feeds/coingecko`: what CoinGecko asks of an exchange; decimals are strings, times Unix ms.

Source of names: CoinGecko's "API standards for exchanges" (section A, spot),
https://docs.google.com/document/d/1v27QFoQq1SKT3Priq3aqPgB70Xd_PnDzbOCiuoCyixw
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cse.gateway.deps import GatewayDeps
from cse.gateway.feeds.caching import cached
from cse.gateway.feeds.pairs import Depth, PairName, book_of, market_of_pair, pair_name
from cse.gateway.feeds.trades import MAX_TRADES, TradeWindow, printed
from cse.gateway.http.operations import Call, Handler, Operation
from cse.gateway.http.tags import NOT_MODIFIED
from cse.gateway.market_schemas import Level
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.present_market import levels_json, trade_json
from cse.gateway.schemas import Decimal, Id, SideName, TimeMs
from cse.market_data.tape import TradeLike
from cse.messages.catalog import Market
from cse.messages.wire import Side

TAG = "Feeds"
LISTING_S: Final = 60
TICKERS_S: Final = 5
BOOK_S: Final = 1
_LATEST: Final = 2**53 - 1


class Pair(msgspec.Struct, frozen=True):
    """A pair that trades here."""

    ticker_id: str
    base: str
    target: str


class PairTicker(msgspec.Struct, frozen=True):
    """A pair's last 24 hours; null where nothing traded or nobody quotes."""

    ticker_id: str
    base_currency: str
    target_currency: str
    last_price: Decimal | None
    base_volume: Decimal
    target_volume: Decimal
    bid: Decimal | None
    ask: Decimal | None
    high: Decimal | None
    low: Decimal | None


class PairBook(msgspec.Struct, frozen=True):
    """A pair's order book, best first."""

    ticker_id: str
    timestamp: TimeMs
    """When the book changed last."""
    bids: list[Level]
    asks: list[Level]


class PairTrade(msgspec.Struct, frozen=True):
    """A trade; `buy` took an ask from the book."""

    trade_id: Id
    price: Decimal
    base_volume: Decimal
    target_volume: Decimal
    trade_timestamp: TimeMs
    type: SideName


class PairTrades(msgspec.Struct, frozen=True, omit_defaults=True):
    """Trades by what the taker did, newest first; only the side that was asked for."""

    buy: list[PairTrade] | UnsetType = UNSET
    sell: list[PairTrade] | UnsetType = UNSET


class PairBookQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which book."""

    ticker_id: PairName
    depth: Depth = 100


class PairTradesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which trades: the newest `limit` in [start_time, end_time]."""

    ticker_id: PairName
    type: Literal["buy", "sell"] | None = None
    limit: Annotated[int, Meta(ge=0, le=MAX_TRADES, description="0: all, at most 5000.")] = 200
    start_time: TimeMs = 0
    end_time: TimeMs = _LATEST


class CoinGeckoCalls:
    """CoinGecko's calls over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the views; go to history for what is older."""
        self._deps = deps
        self._trades = TradeWindow(deps)

    async def pairs(self, call: Call) -> Answer:
        """Return all pairs."""
        pairs = [
            Pair(pair_name(market), market.base.symbol, market.quote.symbol)
            for market in self._deps.catalog.markets.values()
        ]
        return cached(call, encode(pairs), LISTING_S)

    async def tickers(self, call: Call) -> Answer:
        """Return the last 24 hours of all pairs."""
        tickers = [self._ticker(market) for market in self._deps.catalog.markets.values()]
        return cached(call, encode(tickers), TICKERS_S)

    async def orderbook(self, call: Call) -> Answer:
        """Return a pair's order book."""
        wanted: PairBookQuery = call.query(PairBookQuery)
        market = market_of_pair(self._deps.catalog, wanted.ticker_id)
        book = book_of(self._deps.market_data, market, wanted.depth)
        answer = PairBook(
            pair_name(market),
            book.time_ms,
            levels_json(book.bids, market),
            levels_json(book.asks, market),
        )
        return cached(call, encode(answer), BOOK_S)

    async def historical_trades(self, call: Call) -> Answer:
        """Return a pair's trades; at most the newest 5000 trades of the time are looked through."""
        wanted: PairTradesQuery = call.query(PairTradesQuery)
        market = market_of_pair(self._deps.catalog, wanted.ticker_id)
        trades = await self._trades.newest(
            market.market_id,
            wanted.start_time,
            wanted.end_time,
            wanted.limit or MAX_TRADES,
            lambda trade: wanted.type in {None, _side(trade)},
        )
        told = await printed(trades, lambda trade: _trade(trade, market))
        sides = {
            side: [trade for trade in told if trade.type == side]
            for side in (("buy", "sell") if wanted.type is None else (wanted.type,))
        }
        return cached(call, encode(PairTrades(**sides)), TICKERS_S)

    def _ticker(self, market: Market) -> PairTicker:
        view = self._deps.market_data.ticker(market.market_id).view(self._deps.clock.now_ms())

        def price(ticks: int | None) -> str | None:
            return None if ticks is None else market.format_price(ticks)

        return PairTicker(
            ticker_id=pair_name(market),
            base_currency=market.base.symbol,
            target_currency=market.quote.symbol,
            last_price=price(view.last),
            base_volume=market.format_quantity(view.volume),
            target_volume=market.quote.format(view.quote_volume),
            bid=price(view.best_bid[0] if view.best_bid else None),
            ask=price(view.best_ask[0] if view.best_ask else None),
            high=price(view.high),
            low=price(view.low),
        )


def _side(trade: TradeLike) -> str:
    return "buy" if trade.taker_side is Side.BUY else "sell"


def _trade(trade: TradeLike, market: Market) -> PairTrade:
    told = trade_json(trade, market)
    return PairTrade(
        told.trade_id, told.price, told.quantity, told.quote_amount, told.time, told.taker_side
    )


def coingecko_operations(deps: GatewayDeps) -> list[Operation]:
    """Return CoinGecko's calls."""
    calls = CoinGeckoCalls(deps)

    def get(name: str, handler: Handler, summary: str, answer: Any, query: Any = None) -> Operation:
        missing = (404,) if query else ()
        return Operation(
            "GET",
            f"/api/feeds/coingecko/{name}",
            handler,
            f"CoinGecko: {summary}",
            TAG,
            answer,
            query=query,
            statuses=missing,
            also=NOT_MODIFIED,
        )

    return [
        get("pairs", calls.pairs, "pairs", list[Pair]),
        get("tickers", calls.tickers, "tickers", list[PairTicker]),
        get("orderbook", calls.orderbook, "order book", PairBook, PairBookQuery),
        get("historical_trades", calls.historical_trades, "trades", PairTrades, PairTradesQuery),
    ]
