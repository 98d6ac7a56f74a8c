"""`GET /api/candles/{market}`: candles in pages, empty intervals filled on request or not.

With `from`, pages go from there towards `to`; without it the first page is the newest and the next ones go
into the past. Within a page the oldest candle is always first.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cse.gateway.candle_pages import CandlePage, CandlePages
from cse.gateway.cursors import CANDLES_AFTER, CANDLES_BEFORE, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.lists import CursorText, Limit
from cse.gateway.http.operations import Call, Operation
from cse.gateway.market_history import MarketHistory
from cse.gateway.market_schemas import Candle
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import market_of
from cse.gateway.present import encode
from cse.gateway.present_market import candles_json
from cse.gateway.problems import edge_problem, invalid
from cse.gateway.schemas import TimeMs
from cse.market_data import INTERVALS
from cse.market_data.candles import open_time

TAG = "Market data"

Interval = Annotated[
    str, Meta(extra_json_schema={"enum": list(INTERVALS)}, description="Length of a candle.")
]
Fill = Annotated[
    Literal["true", "false"],
    Meta(
        description="true: every interval from the first trade until now has a candle, an empty one with the close"
        " before it as its prices and volume zero. false: only intervals that traded."
    ),
]


class CandlesQuery(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """Which candles: those that begin in [from, to), oldest first, at most `limit` per page."""

    interval: Interval = "1m"
    from_: Annotated[
        TimeMs | None,
        Meta(
            description="Pages go on from here towards `to`. Without it, the first page is the newest before `to`"
            " and the next ones go into the past."
        ),
    ] = None
    to: Annotated[TimeMs | None, Meta(description="Default: now; never beyond it.")] = None
    limit: Limit = 500
    cursor: CursorText | None = None
    fill: Fill = "true"


class CandleList(msgspec.Struct, frozen=True):
    """A page of candles, oldest first."""

    market: str
    interval: str
    candles: list[Candle]
    next_cursor: str | None


class CandleCalls:
    """Candles over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read memory first, history behind it."""
        self._deps = deps
        history = MarketHistory(deps.market_data, deps.history, deps.gate)
        self._pages = CandlePages(history)

    async def candles(self, call: Call) -> Answer:
        """Return a page of a market's candles."""
        market = market_of(self._deps.catalog, call.path["market"])
        wanted: CandlesQuery = call.query(CandlesQuery)
        if wanted.interval not in INTERVALS:
            raise invalid({"interval": f"must be one of {', '.join(INTERVALS)}"})
        page = await self._page(market.market_id, wanted)
        cursor = None
        if page.next_ms is not None:
            cursor = write_cursor(_kind(wanted), page.next_ms, INTERVALS[wanted.interval])
        candles = candles_json(page.candles, market)
        return Answer(200, encode(CandleList(market.symbol, wanted.interval, candles, cursor)))

    async def _page(self, market_id: int, wanted: CandlesQuery) -> CandlePage:
        # The engine's clock may be a moment ahead of this process's.
        now_ms = max(self._deps.clock.now_ms(), self._deps.market_data.time_ms)
        to_ms = now_ms + 1 if wanted.to is None else min(wanted.to, now_ms + 1)
        goes_on_ms = _read(wanted)
        interval, limit, fill = wanted.interval, wanted.limit, wanted.fill == "true"
        if wanted.from_ is None:
            to_ms = to_ms if goes_on_ms is None else min(to_ms, goes_on_ms)
            return await self._pages.backward(market_id, interval, to_ms, limit, fill=fill)
        from_ms = wanted.from_ if goes_on_ms is None else max(wanted.from_, goes_on_ms)
        return await self._pages.forward(market_id, interval, from_ms, to_ms, limit, fill=fill)


def _kind(wanted: CandlesQuery) -> int:
    return CANDLES_BEFORE if wanted.from_ is None else CANDLES_AFTER


def _read(wanted: CandlesQuery) -> int | None:
    """Return where a cursor says that its page begins or ends.

    Raises:
        ApiProblem: 400 `invalid_cursor`: it is of another list, direction or interval.
    """
    key = read_cursor(_kind(wanted), wanted.cursor)
    if key is None:
        return None
    open_ms, interval_ms = key
    if interval_ms != INTERVALS[wanted.interval] or open_time(open_ms, interval_ms) != open_ms:
        raise edge_problem("invalid_cursor")
    return open_ms


def candle_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the call about candles."""
    return [
        Operation(
            "GET",
            "/api/candles/{market}",
            CandleCalls(deps).candles,
            "Candles of a market",
            TAG,
            CandleList,
            query=CandlesQuery,
            parameters={
                "market": {"type": "string", "maxLength": 33, "examples": ["NOVA-USDC"]},
            },
            statuses=(404,),
        )
    ]
