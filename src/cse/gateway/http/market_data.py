"""The public calls: markets, assets, order book, trades, tickers, time."""

from collections.abc import Collection
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.core.errors import InvalidAmount
from cse.gateway.cursors import TRADES, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.lists import CursorText, Limit, MarketName
from cse.gateway.http.operations import NO_STATUSES, Call, Handler, Operation
from cse.gateway.http.tags import LISTING, NOT_MODIFIED, EntityTags
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
from cse.gateway.price_steps import step_ticks
from cse.gateway.problems import edge_problem, invalid
from cse.gateway.schemas import TimeMs
from cse.market_data import DepthBook, DepthSnapshot
from cse.market_data.checksum import DEPTH as CHECKSUM_DEPTH
from cse.market_data.grouped import IDLE_MS, TooManySteps
from cse.market_data.ticker import BUCKET_MS
from cse.messages.catalog import Market

TAG = "Market data"
MAX_DEPTH: Final = 1_000
_MARKET = {"market": {"type": "string", "maxLength": 33, "examples": ["NOVA-USDC"]}}
MAX_CACHED_BYTES: Final = 16_777_216
"""Of printed books: there are as many of them as markets times depths, and anybody may ask for each."""


class BookQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the book, and how coarse."""

    depth: Annotated[int, Meta(ge=1, le=MAX_DEPTH, description="Levels of each side.")] = 100
    step: (
        Annotated[
            str,
            Meta(
                max_length=21,
                pattern=r"^(0|[1-9][0-9]*)(\.[0-9]+)?$",
                description="Put levels together by this much of the price, a multiple of the tick: bids are "
                "rounded down, asks up. The checksum is that of the levels so made.",
                examples=["0.01"],
            ),
        ]
        | None
    ) = None


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
        self._tags = EntityTags()
        self._books: dict[tuple[int, int, int], tuple[int, bytes]] = {}
        self._cached_bytes = 0

    async def markets(self, call: Call) -> Answer:
        """Return all markets with their sizes, limits and standard fees."""
        markets = [self._info(market) for market in self._deps.catalog.markets.values()]
        return self._tags.by_content(call, encode(MarketList(markets)))

    async def market(self, call: Call) -> Answer:
        """Return one market."""
        return self._tags.by_content(call, encode(self._info(self._market(call))))

    async def assets(self, call: Call) -> Answer:
        """Return all assets with their decimals."""
        assets = [asset_json(asset) for asset in self._deps.catalog.assets.values()]
        return self._tags.by_content(call, encode(AssetList(assets)), LISTING)

    async def orderbook(self, call: Call) -> Answer:
        """Return the best levels of both sides, with the sequence that the stream goes on from.

        By price step if one is given; the stream of that is `orderbook.MARKET.step=STEP`.
        """
        market = self._market(call)
        wanted: BookQuery = call.query(BookQuery)
        step = 1 if wanted.step is None else _step(wanted.step, market)
        state = self._hub.depth(market.market_id).sequence
        return self._tags.unchanged(call, state) or self._tags.answer(
            state, self._book(market, wanted.depth, step)
        )

    async def trades(self, call: Call) -> Answer:
        """Return a market's trades, newest first."""
        wanted: TradesQuery = call.query(TradesQuery)
        market = market_of(self._deps.catalog, wanted.market)
        key = read_cursor(TRADES, wanted.cursor)
        data = self._hub.market(market.market_id)
        state = f"{data.trade_sequence}-{data.seeded:d}"
        if key is None and (unchanged := self._tags.unchanged(call, state)):
            return unchanged
        found = await self._history.trades(
            market.market_id, key[0] if key else None, wanted.limit + 1
        )
        page = found[: wanted.limit]
        more = len(found) > wanted.limit
        cursor = write_cursor(TRADES, page[-1].trade_id) if more else None
        body = encode(TradeList([trade_json(each, market) for each in page], cursor))
        return Answer(200, body) if key else self._tags.answer(state, body)

    async def ticker(self, call: Call) -> Answer:
        """Return a market's last 24 hours and its best prices."""
        market = self._market(call)
        state = self._moment([market.market_id])
        return self._tags.unchanged(call, state) or self._tags.answer(
            state, encode(self._ticker(market))
        )

    async def tickers(self, call: Call) -> Answer:
        """Return all tickers."""
        markets = self._deps.catalog.markets
        state = self._moment(markets)
        unchanged = self._tags.unchanged(call, state)
        if unchanged is not None:
            return unchanged
        tickers = [self._ticker(market) for market in markets.values()]
        return self._tags.answer(state, encode(TickerList(tickers)))

    async def time(self, _call: Call) -> Answer:
        """Return the exchange's clock."""
        return Answer(200, encode(ServerTime(self._deps.clock.now_ms())))

    def _book(self, market: Market, depth: int, step: int) -> bytes:
        """Return a printed book; those who ask between two changes get the same bytes."""
        book, key = self._hub.depth(market.market_id), (market.market_id, depth, step)
        known = self._books.get(key)
        if known is None or known[0] != book.sequence:
            before = len(known[1]) if known else 0
            printed = encode(book_json(self._levels(book, depth, step), market, depth, step))
            known = (book.sequence, printed)
            self._cached_bytes += len(known[1]) - before
            if self._cached_bytes > MAX_CACHED_BYTES:
                self._books.clear()
                self._cached_bytes = len(known[1])
            self._books[key] = known
        return known[1]

    def _levels(self, book: DepthBook, depth: int, step: int) -> DepthSnapshot:
        limit = max(depth, CHECKSUM_DEPTH)
        if step == 1:
            return book.snapshot(limit)
        try:
            grouped = book.groups.grouped(step, self._deps.clock.now_ms())
        except TooManySteps as error:
            problem = edge_problem("rate_limited", str(error))
            problem.headers["Retry-After"] = str(IDLE_MS // 1_000)
            raise problem from error
        return DepthSnapshot(book.sequence, book.time_ms, *grouped.levels(limit))

    def _moment(self, market_ids: Collection[int]) -> str:
        """Return what tickers depend on: commands, the minutes that fall out of 24 hours, older trades coming in."""
        datas = [self._hub.market(market_id) for market_id in market_ids]
        last = max((max(data.depth.sequence, data.trade_sequence) for data in datas), default=0)
        seeded = sum(data.seeded for data in datas)
        return f"{last}-{self._deps.clock.now_ms() // BUCKET_MS}-{seeded}-{len(datas)}"

    def _market(self, call: Call) -> Market:
        return market_of(self._deps.catalog, call.path["market"])

    def _info(self, market: Market) -> MarketInfo:
        return market_json(market, self._deps.catalog, self._last_price(market))

    def _last_price(self, market: Market) -> int | None:
        return self._hub.ticker(market.market_id).view(self._deps.clock.now_ms()).last

    def _ticker(self, market: Market) -> Ticker:
        view = self._hub.ticker(market.market_id).view(self._deps.clock.now_ms())
        return ticker_json(view, market)


def _step(text: str, market: Market) -> int:
    try:
        return step_ticks(text, market)
    except InvalidAmount as error:
        raise invalid({"step": str(error)}) from error


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
            also=NO_STATUSES if handler == calls.time else NOT_MODIFIED,
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
