"""The calls under `/udf`."""

from typing import Any

from cse.gateway.candle_pages import CandlePages
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.operations import Call, Handler, Operation
from cse.gateway.market_history import MarketHistory
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, invalid
from cse.gateway.udf import schemas as s
from cse.gateway.udf.bars import BarHistory
from cse.gateway.udf.marks import MarkHistory
from cse.gateway.udf.quotes import quote
from cse.gateway.udf.refusals import udf_handler
from cse.gateway.udf.symbols import CONFIG, find_market, search, symbol_info
from cse.messages.catalog import Market

TAG = "Charts"


class UdfCalls:
    """UDF over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read memory first, history behind it."""
        self._deps = deps
        history = MarketHistory(deps.market_data, deps.history, deps.gate)
        self._bars = BarHistory(CandlePages(history))
        self._marks = MarkHistory(self._bars)

    async def config(self, _call: Call) -> Answer:
        """Return what the datafeed can do."""
        return Answer(200, encode(CONFIG))

    async def symbols(self, call: Call) -> Answer:
        """Return a market as a symbol of the chart."""
        wanted: s.SymbolQuery = call.query(s.SymbolQuery)
        return Answer(200, encode(symbol_info(self._market(wanted.symbol))))

    async def search(self, call: Call) -> Answer:
        """Return the symbols whose name contains what the user typed."""
        wanted: s.SearchQuery = call.query(s.SearchQuery)
        return Answer(200, encode(search(self._deps.catalog.markets.values(), wanted)))

    async def history(self, call: Call) -> Answer:
        """Return bars, oldest first, at most 2000, the newest of those asked for."""
        wanted: s.HistoryQuery = call.query(s.HistoryQuery)
        market = self._market(wanted.symbol)
        return Answer(200, encode(await self._bars.bars(market, wanted, self._now_ms())))

    async def time(self, _call: Call) -> Answer:
        """Return the exchange's clock in Unix seconds, as plain text."""
        return Answer(200, str(self._now_ms() // 1_000).encode("ascii"))

    async def quotes(self, call: Call) -> Answer:
        """Return the quotes of several symbols."""
        wanted: s.QuotesQuery = call.query(s.QuotesQuery)
        asked = wanted.symbols.split(",")
        if len(asked) > s.MAX_SYMBOLS:
            raise invalid({"symbols": f"must be at most {s.MAX_SYMBOLS}"})
        return Answer(200, encode(s.Quotes("ok", [self._quote(symbol) for symbol in asked])))

    async def marks(self, call: Call) -> Answer:
        """Return the marks on a market's bars: its first trade."""
        wanted: s.MarksQuery = call.query(s.MarksQuery)
        market = self._market(wanted.symbol)
        return Answer(200, encode(await self._marks.marks(market, wanted, self._now_ms())))

    async def timescale_marks(self, call: Call) -> Answer:
        """Return the marks on a market's time axis: its first trade."""
        wanted: s.MarksQuery = call.query(s.MarksQuery)
        market = self._market(wanted.symbol)
        return Answer(
            200, encode(await self._marks.timescale_marks(market, wanted, self._now_ms()))
        )

    def _quote(self, asked: str) -> s.Quote:
        try:
            market = self._market(asked)
        except ApiProblem as problem:
            return s.Quote("error", asked, errmsg=problem.detail)
        return quote(
            asked, market, self._deps.market_data.ticker(market.market_id).view(self._now_ms())
        )

    def _market(self, symbol: str) -> Market:
        return find_market(self._deps.catalog, symbol)

    def _now_ms(self) -> int:
        # The engine's clock may be a moment ahead of this process's.
        return max(self._deps.clock.now_ms(), self._deps.market_data.time_ms)


def udf_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls of the datafeed."""
    calls = UdfCalls(deps)

    def get(name: str, handler: Handler, summary: str, answer: Any, query: Any = None) -> Operation:
        return Operation(
            "GET",
            f"/udf/{name}",
            udf_handler(handler),
            f"UDF: {summary}",
            TAG,
            answer,
            query=query,
            statuses=(404,),
            media="text/plain" if answer is None else "application/json",
        )

    return [
        get("config", calls.config, "what the datafeed can do", s.Config),
        get("symbols", calls.symbols, "one symbol", s.SymbolInfo, s.SymbolQuery),
        get("search", calls.search, "symbols by name", list[s.Found], s.SearchQuery),
        get("history", calls.history, "bars", s.Bars, s.HistoryQuery),
        get("time", calls.time, "the exchange's clock", None),
        get("quotes", calls.quotes, "quotes of symbols", s.Quotes, s.QuotesQuery),
        get("marks", calls.marks, "marks on bars", s.Marks, s.MarksQuery),
        get(
            "timescale_marks",
            calls.timescale_marks,
            "marks on the time axis",
            list[s.TimescaleMark],
            s.MarksQuery,
        ),
    ]
