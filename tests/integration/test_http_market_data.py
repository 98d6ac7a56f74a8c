"""Market data over HTTP: what everybody sees is what the orders made, from memory and from history alike."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.integration.http_exchange import (
    MARKET,
    HttpExchange,
    good,
    http_exchange,
    place,
    problem,
)


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def get(exchange: HttpExchange, path: str, **params: Any) -> Any:
    return good(await exchange.client().get(path, params=params))


async def test_the_book_is_what_rests(exchange: HttpExchange) -> None:
    """Best first, fixed decimals, a checksum that a client can compute, cut to the wanted depth."""
    ada = await exchange.trader("ada")
    for index in range(12):
        await place(ada, "buy", f"1.2{index:02}0", "1.00")
    await place(ada, "sell", "1.3000", "2.50")
    await place(ada, "sell", "1.3000", "1.50")
    book = await get(exchange, f"/api/orderbook/{MARKET}")
    assert book["asks"] == [["1.3000", "4.00"]]
    assert book["bids"][0] == ["1.2110", "1.00"]
    assert len(book["bids"]) == 12
    top = [f"{p}:{q}" for p, q in [*book["bids"][:10], *book["asks"][:10]]]
    assert book["checksum"] == crc32("|".join(top).encode())
    shallow = await get(exchange, f"/api/orderbook/{MARKET}", depth=1)
    assert (shallow["bids"], shallow["checksum"]) == (book["bids"][:1], book["checksum"])
    await place(ada, "sell", "1.2110", "1.00", self_trade_prevention="none")
    after = await get(exchange, f"/api/orderbook/{MARKET}")
    assert after["sequence"] > book["sequence"]
    assert after["bids"][0] == ["1.2100", "1.00"]


async def test_trades_page_from_memory_into_history(exchange: HttpExchange) -> None:
    """Pages go on where memory ends, ids fall by one: no holes, no doubles."""
    ada = await exchange.trader("ada")
    for _ in range(9):
        await place(ada, "sell", "1.2400", "1.00")
        await place(ada, "buy", "1.2400", "1.00", self_trade_prevention="none")
    tape = exchange.deps.market_data.trades(1)
    tape._trades = type(tape._trades)(list(tape._trades)[-4:], 4)  # memory keeps only four here
    seen: list[int] = []
    cursor: str | None = None
    while True:
        params = {"market": MARKET, "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = await get(exchange, "/api/trades", **params)
        seen += [trade["trade_id"] for trade in page["trades"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(9, 0, -1))
    trade = (await get(exchange, "/api/trades", market=MARKET, limit=1))["trades"][0]
    assert {**trade, "time": 0} == {
        "trade_id": 9,
        "price": "1.2400",
        "quantity": "1.00",
        "quote_amount": "1.240000",
        "taker_side": "buy",
        "time": 0,
    }


@pytest.mark.parametrize(
    "interval",
    ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w"],
)
async def test_candles_of_every_interval(exchange: HttpExchange, interval: str) -> None:
    """Open, high, low, close and volume of what traded; the window is [from, to)."""
    ada = await exchange.trader("ada")
    for price in ("1.2400", "1.3000", "1.2000", "1.2500"):
        await place(ada, "sell", price, "1.00")
        await place(ada, "buy", price, "1.00", self_trade_prevention="none")
    answer = await get(exchange, f"/api/candles/{MARKET}", interval=interval)
    candles = answer["candles"]
    assert (answer["market"], answer["interval"]) == (MARKET, interval)
    assert sum(candle["trades"] for candle in candles) == 4
    if len(candles) == 1:  # unless the clock passed a border meanwhile
        assert {name: candles[0][name] for name in ("open", "high", "low", "close", "volume")} == {
            "open": "1.2400",
            "high": "1.3000",
            "low": "1.2000",
            "close": "1.2500",
            "volume": "4.00",
        }
    first = candles[0]["time"]
    inside = {"interval": interval, "from": first, "to": first + 1}
    assert (await get(exchange, f"/api/candles/{MARKET}", **inside))["candles"] == candles[:1]
    outside = {"interval": interval, "from": 0, "to": first}
    assert (await get(exchange, f"/api/candles/{MARKET}", **outside))["candles"] == []


async def test_a_ticker_tells_the_day(exchange: HttpExchange) -> None:
    """Last, open, extremes, volumes and the best of the book; nulls where there is nothing."""
    ada = await exchange.trader("ada")
    empty = await get(exchange, f"/api/ticker/{MARKET}")
    assert [empty[name] for name in ("last", "open", "change", "best_bid")] == [None] * 4
    await place(ada, "sell", "1.2400", "1.00")
    await place(ada, "buy", "1.2500", "3.00", self_trade_prevention="none")
    ticker = await get(exchange, f"/api/ticker/{MARKET}")
    assert (ticker["last"], ticker["volume"], ticker["trades"]) == ("1.2400", "1.00", 1)
    assert (ticker["best_bid"], ticker["best_bid_quantity"]) == ("1.2500", "2.00")
    assert ticker in (await get(exchange, "/api/tickers"))["tickers"]


async def test_listings_tell_sizes_limits_and_fees(exchange: HttpExchange) -> None:
    """A client can round and check an order by the market's listing alone."""
    market = await get(exchange, f"/api/markets/{MARKET}")
    assert market == {
        "market": MARKET,
        "market_id": 1,
        "base": "NOVA",
        "quote": "USDC",
        "tick_size": "0.0001",
        "lot_size": "0.01",
        "min_quantity": "0.10",
        "max_quantity": "1000000.00",
        "min_notional": "1.000000",
        "price_band": "0.200000",
        "reference_price": "1.2500",
        "status": "open",
        "maker_fee_ppm": 1_000,
        "taker_fee_ppm": 2_000,
        "max_open_orders": 200,
        "price_decimals": 4,
        "quantity_decimals": 2,
    }
    assert market in (await get(exchange, "/api/markets"))["markets"]
    assert {"asset": "USDC", "decimals": 6} in (await get(exchange, "/api/assets"))["assets"]


async def test_what_is_not_there(exchange: HttpExchange) -> None:
    """Unknown markets are 404, unknown intervals and depths out of range 400, on every call."""
    client = exchange.client()
    for path in ("orderbook/NO-SUCH", "ticker/NO-SUCH", "candles/NO-SUCH", "markets/NO-SUCH"):
        problem(await client.get(f"/api/{path}"), 404, "market_not_found")
    problem(await client.get("/api/trades?market=NO-SUCH"), 404, "market_not_found")
    for path in (f"candles/{MARKET}?interval=7m", f"orderbook/{MARKET}?depth=1001", "trades"):
        problem(await client.get(f"/api/{path}"), 400, "invalid_request")
