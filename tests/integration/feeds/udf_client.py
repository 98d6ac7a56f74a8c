"""A client of UDF datafeeds, written from the public specification and from how the library's adapter calls.

Source: https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF; it looks at bodies
alone, sends `from`, `to` and `countback`, follows `nextTime`, and asks for quotes of many symbols at once.
"""

import json
from typing import Any, NamedTuple

import httpx

SYMBOL_FIELDS = {
    "name",
    "ticker",
    "description",
    "type",
    "exchange",
    "listed_exchange",
    "session",
    "timezone",
    "minmov",
    "pricescale",
    "minmov2",
    "has_intraday",
    "has_seconds",
    "has_daily",
    "has_weekly_and_monthly",
    "supported_resolutions",
    "volume_precision",
    "data_status",
    "format",
}
"""Of LibrarySymbolInfo, what a datafeed of all kinds of bars has to say."""

QUOTE_FIELDS = {
    "ch",
    "chp",
    "short_name",
    "exchange",
    "original_name",
    "description",
    "lp",
    "ask",
    "bid",
    "spread",
    "open_price",
    "high_price",
    "low_price",
    "prev_close_price",
    "volume",
}


class UdfError(Exception):
    """The server said `s: error`."""


class Bar(NamedTuple):
    time: int
    open: str
    high: str
    low: str
    close: str
    volume: str


class Page(NamedTuple):
    """What `getBars` hands to the chart."""

    bars: list[Bar]
    no_data: bool
    next_time: int | None


class UdfClient:
    """Numbers are kept as the digits that came."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, name: str, **params: Any) -> Any:
        text = (await self._http.get(f"/udf/{name}", params=params)).text
        return json.loads(text, parse_float=str)

    async def time(self) -> int:
        return int((await self._http.get("/udf/time")).text)

    async def resolve(self, symbol: str) -> dict[str, Any]:
        """As the adapter: an answer with `s` is no symbol."""
        found: dict[str, Any] = await self.get("symbols", symbol=symbol)
        if "s" in found:
            raise UdfError(found["errmsg"])
        return found

    async def bars(self, symbol: str, resolution: str, **period: int) -> Page:
        """One `getBars`; `from_` stands for `from`."""
        params = {name.rstrip("_"): value for name, value in period.items()}
        found = await self.get("history", symbol=symbol, resolution=resolution, **params)
        if found["s"] not in {"ok", "no_data"}:
            raise UdfError(found["errmsg"])
        if found["s"] == "no_data":
            assert set(found) <= {"s", "nextTime"}
            return Page([], no_data=True, next_time=found.get("nextTime"))
        columns = [found[name] for name in "tohlcv"]
        assert len({len(column) for column in columns}) == 1, "columns of a table are alike"
        rows = [Bar(t, *map(str, rest)) for t, *rest in zip(*columns, strict=True)]
        assert rows == sorted(set(rows)), "bars rise"
        return Page(rows, no_data=False, next_time=None)

    async def scroll_back(self, symbol: str, resolution: str, to: int, countback: int) -> list[Bar]:
        """All bars before `to`, as a user who scrolls to the left: page by page until there is no data."""
        bars: list[Bar] = []
        while True:
            page = await self.bars(
                symbol, resolution, from_=to - countback, to=to, countback=countback
            )
            if page.no_data and page.next_time is None:
                return bars
            bars = page.bars + bars
            to = page.next_time + 1 if page.next_time is not None else page.bars[0].time

    async def quotes(self, *symbols: str) -> dict[str, dict[str, Any]]:
        found = await self.get("quotes", symbols=",".join(symbols))
        if found["s"] != "ok":
            raise UdfError(found["errmsg"])
        return {each["n"]: each for each in found["d"]}
