"""The public calls: markets, assets, order book, trades, tickers, time."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.cursors import TRADES, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.lists import CursorText, Limit, MarketName
from cse.gateway.http.operations import Call, Handler, Operation
from cse.gateway.market_history import MarketHistory
from cse.gateway.market_schemas import Asset, MarketInfo, OrderBook, Ticker, Trade
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import market_of
from cse.gateway.present import encode
from cse.gateway.present_market import (
    asset_json,
    book_json,
    market_json,
    ticker_json,
    trade_json,
)
from cse.gateway.schemas import TimeMs
from cse.market_data.checksum import DEPTH as CHECKSUM_DEPTH
from cse.messages.catalog import Market

TAG = "Market data"
MAX_DEPTH: Final = 1_000
_MARKET = {"market": {"type": "string", "maxLength": 33, "examples": ["NOVA-USDC"]}}
MAX_CACHED_BYTES: Final = 16_777_216
"""Of printed books: there are as many of them as markets times depths, and anybody may ask for each."""


class BookQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the book."""

    depth: Annotated[int, Meta(ge=1, le=MAX_DEPTH, description="Levels of each side.")] = 100


class TradesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which trades."""

    market: MarketName
    limit: Limit = 100
    cursor: CursorText | None = None


class MarketList(msgspec.Struct, frozen=True):
    """All markets."""

    markets: list[MarketInfo]


class AssetList(msgspec.Struct, frozen=True):
    """All assets."""

    assets: list[Asset]


class TradeList(msgspec.Struct, frozen=True):
    """A page of trades, newest first."""

    trades: list[Trade]
    next_cursor: str | None


class TickerList(msgspec.Struct, frozen=True):
    """The tickers of all markets."""

    tickers: list[Ticker]


class ServerTime(msgspec.Struct, frozen=True):
    """The exchange's clock."""

    time: TimeMs


class MarketDataCalls:
    """Market data over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the views; go to history for what is older."""
        self._deps = deps
        self._hub = deps.market_data
        self._history = MarketHistory(deps.market_data, deps.history, deps.gate)
        self._books: dict[tuple[int, int], tuple[int, bytes]] = {}
        self._cached_bytes = 0

    async def markets(self, _call: Call) -> Answer:
        """Return all markets with their sizes, limits and standard fees."""
        markets = [self._info(market) for market in self._deps.catalog.markets.values()]
        return Answer(200, encode(MarketList(markets)))

    async def market(self, call: Call) -> Answer:
        """Return one market."""
        return Answer(200, encode(self._info(self._market(call))))

    async def assets(self, _call: Call) -> Answer:
        """Return all assets with their decimals."""
        assets = [asset_json(asset) for asset in self._deps.catalog.assets.values()]
        return Answer(200, encode(AssetList(assets)))

    async def orderbook(self, call: Call) -> Answer:
        """Return the best levels of both sides, with the sequence that the stream goes on from."""
        market = self._market(call)
        wanted: BookQuery = call.query(BookQuery)
        book, key = self._hub.depth(market.market_id), (market.market_id, wanted.depth)
        known = self._books.get(key)
        if known is None or known[0] != book.sequence:
            snapshot = book.snapshot(max(wanted.depth, CHECKSUM_DEPTH))
            before = len(known[1]) if known else 0
            known = (book.sequence, encode(book_json(snapshot, market, wanted.depth)))
            self._cached_bytes += len(known[1]) - before
            if self._cached_bytes > MAX_CACHED_BYTES:
                self._books.clear()
                self._cached_bytes = len(known[1])
            self._books[key] = known
        return Answer(200, known[1])

    async def trades(self, call: Call) -> Answer:
        """Return a market's trades, newest first."""
        wanted: TradesQuery = call.query(TradesQuery)
        market = market_of(self._deps.catalog, wanted.market)
        key = read_cursor(TRADES, wanted.cursor)
        found = await self._history.trades(
            market.market_id, key[0] if key else None, wanted.limit + 1
        )
        page = found[: wanted.limit]
        more = len(found) > wanted.limit
        cursor = write_cursor(TRADES, page[-1].trade_id) if more else None
        return Answer(200, encode(TradeList([trade_json(each, market) for each in page], cursor)))

    async def ticker(self, call: Call) -> Answer:
        """Return a market's last 24 hours and its best prices."""
        return Answer(200, encode(self._ticker(self._market(call))))

    async def tickers(self, _call: Call) -> Answer:
        """Return all tickers."""
        tickers = [self._ticker(market) for market in self._deps.catalog.markets.values()]
        return Answer(200, encode(TickerList(tickers)))

    async def time(self, _call: Call) -> Answer:
        """Return the exchange's clock."""
        return Answer(200, encode(ServerTime(self._deps.clock.now_ms())))

    def _market(self, call: Call) -> Market:
        return market_of(self._deps.catalog, call.path["market"])

    def _info(self, market: Market) -> MarketInfo:
        return market_json(market, self._deps.catalog, self._last_price(market))

    def _last_price(self, market: Market) -> int | None:
        return self._hub.ticker(market.market_id).view(self._deps.clock.now_ms()).last

    def _ticker(self, market: Market) -> Ticker:
        view = self._hub.ticker(market.market_id).view(self._deps.clock.now_ms())
        return ticker_json(view, market)


def market_data_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the public calls."""
    calls = MarketDataCalls(deps)

    def get(
        path: str, handler: Handler, summary: str, answer: type, query: type | None = None
    ) -> Operation:
        parameters = _MARKET if "{market}" in path else {}
        missing = (404,) if "{market}" in path or query is TradesQuery else ()
        return Operation(
            "GET",
            path,
            handler,
            summary,
            TAG,
            answer,
            query=query,
            parameters=parameters,
            statuses=missing,
        )

    return [
        get("/api/orderbook/{market}", calls.orderbook, "Order book", OrderBook, BookQuery),
        get("/api/ticker/{market}", calls.ticker, "Ticker of a market", Ticker),
        get("/api/tickers", calls.tickers, "All tickers", TickerList),
        get("/api/trades", calls.trades, "Trades of a market", TradeList, TradesQuery),
        get("/api/markets", calls.markets, "All markets", MarketList),
        get("/api/markets/{market}", calls.market, "One market", MarketInfo),
        get("/api/assets", calls.assets, "All assets", AssetList),
        get("/api/time", calls.time, "The exchange's clock", ServerTime),
    ]
