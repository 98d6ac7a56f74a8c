"""CoinGecko and CoinMarketCap find every field that their public documents name, with what traded here.

The lists were taken down from CoinGecko's "API standards for exchanges" (section A, spot;
docs.google.com/document/d/1v27QFoQq1SKT3Priq3aqPgB70Xd_PnDzbOCiuoCyixw) and CoinMarketCap's "Ideal API
Endpoint Samples" (10 June 2020, section A, spot;
docs.google.com/document/d/1S4urpzUnO2t7DmS_1dc4EL4tgnnbTObPYXvDeBnukCg).
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.gateway.feeds import trades as trade_window
from cse.messages.wire import Side
from tests.integration.feeds.past import DAY_MS, MINUTE_MS, MONDAY_MS, Past, past_exchange
from tests.integration.http_exchange import good, problem

PAIR = "NOVA_USDC"
GECKO, CMC = "/api/feeds/coingecko", "/api/feeds/coinmarketcap"

GECKO_PAIR = {"ticker_id", "base", "target"}
GECKO_TICKER = {
    "ticker_id",
    "base_currency",
    "target_currency",
    "last_price",
    "base_volume",
    "target_volume",
    "bid",
    "ask",
    "high",
    "low",
}
GECKO_BOOK = {"ticker_id", "timestamp", "bids", "asks"}
GECKO_TRADE = {"trade_id", "price", "base_volume", "target_volume", "trade_timestamp", "type"}
CMC_SUMMARY = {
    "trading_pairs",
    "base_currency",
    "quote_currency",
    "last_price",
    "lowest_ask",
    "highest_bid",
    "base_volume",
    "quote_volume",
    "price_change_percent_24h",
    "highest_price_24h",
    "lowest_price_24h",
}
CMC_ASSET = {
    "name",
    "unified_cryptoasset_id",
    "can_withdraw",
    "can_deposit",
    "min_withdraw",
    "max_withdraw",
    "maker_fee",
    "taker_fee",
}
CMC_TICKER = {"base_id", "quote_id", "last_price", "base_volume", "quote_volume", "isFrozen"}
CMC_BOOK = {"timestamp", "bids", "asks"}
CMC_TRADE = {"trade_id", "price", "base_volume", "quote_volume", "timestamp", "type"}


@pytest.fixture
async def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Past]:
    """Trades 1 (bought) and 2 (sold) a minute apart, 26 hours later 3 (sold), and a book of two levels a side."""
    async with past_exchange(tmp_path, monkeypatch) as running:
        await running.trade(MONDAY_MS, 12_500)
        await running.trade(MONDAY_MS + MINUTE_MS, 12_400, 200, taker=Side.SELL)
        await running.trade(MONDAY_MS + 26 * 60 * MINUTE_MS, 12_000, taker=Side.SELL)
        for side, ticks in (
            (Side.BUY, 11_900),
            (Side.BUY, 11_800),
            (Side.SELL, 12_100),
            (Side.SELL, 12_200),
        ):
            await running.rest(side, ticks)
        yield running


async def get(past: Past, path: str, **params: Any) -> Any:
    answer = await past.exchange.client().get(path, params=params)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=lambda digits: f"number {digits}")


async def test_coingecko_pairs_and_tickers(past: Past) -> None:
    """One of each per market, exact decimal strings of the last 24 hours, nulls where there is nothing."""
    pairs = await get(past, f"{GECKO}/pairs")
    assert {frozenset(each) for each in pairs} == {frozenset(GECKO_PAIR)}
    tickers = {each["ticker_id"]: each for each in await get(past, f"{GECKO}/tickers")}
    assert {each["ticker_id"] for each in pairs} == set(tickers)
    assert {frozenset(each) for each in tickers.values()} == {frozenset(GECKO_TICKER)}
    assert tickers[PAIR] == {
        "ticker_id": PAIR,
        "base_currency": "NOVA",
        "target_currency": "USDC",
        "last_price": "1.2000",
        "base_volume": "1.00",
        "target_volume": "1.200000",
        "bid": "1.1900",
        "ask": "1.2100",
        "high": "1.2000",
        "low": "1.2000",
    }
    assert tickers["LUMEN_USDC"]["last_price"] is None


async def test_coingecko_order_book(past: Past) -> None:
    """`depth` counts both sides; 0 is all; a pair is found by our own name too."""
    book = await get(past, f"{GECKO}/orderbook", ticker_id=PAIR, depth=2)
    assert set(book) == GECKO_BOOK
    assert (book["bids"], book["asks"]) == ([["1.1900", "1.00"]], [["1.2100", "1.00"]])
    whole = await get(past, f"{GECKO}/orderbook", ticker_id="NOVA-USDC", depth=0)
    assert [len(whole["bids"]), len(whole["asks"])] == [2, 2]
    assert whole["ticker_id"] == PAIR


async def test_coingecko_trades(past: Past) -> None:
    """Split by what the taker did; type, limit and times choose; times are milliseconds."""
    path = f"{GECKO}/historical_trades"
    both = await get(past, path, ticker_id=PAIR)
    assert set(both) == {"buy", "sell"}
    assert [trade["trade_id"] for trade in both["sell"]] == [3, 2]
    assert both["buy"] == [
        {
            "trade_id": 1,
            "price": "1.2500",
            "base_volume": "1.00",
            "target_volume": "1.250000",
            "trade_timestamp": MONDAY_MS,
            "type": "buy",
        }
    ]
    assert set(both["buy"][0]) == GECKO_TRADE
    sold = await get(past, path, ticker_id=PAIR, type="sell", limit=1)
    assert list(sold) == ["sell"]
    assert [trade["trade_id"] for trade in sold["sell"]] == [3]
    window = {"start_time": MONDAY_MS + 1, "end_time": MONDAY_MS + DAY_MS}
    inside = await get(past, path, ticker_id=PAIR, limit=0, **window)
    assert ([each["trade_id"] for each in inside["sell"]], inside["buy"]) == ([2], [])


async def test_old_trades_come_from_history(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time that memory has forgotten is found by time in history, in pages, without a hole."""
    monkeypatch.setattr(trade_window, "_PAGE", 1)
    monkeypatch.setattr(trade_window, "MAX_TRADES", 10)
    tape = past.exchange.deps.market_data.trades(1)
    tape._trades = type(tape._trades)(list(tape._trades)[-1:], 1)
    path = f"{GECKO}/historical_trades"
    old = await get(past, path, ticker_id=PAIR, end_time=MONDAY_MS + MINUTE_MS)
    assert [trade["trade_id"] for side in ("buy", "sell") for trade in old[side]] == [1, 2]
    oldest = await get(past, path, ticker_id=PAIR, end_time=MONDAY_MS)
    assert ([each["trade_id"] for each in oldest["buy"]], oldest["sell"]) == ([1], [])
    assert await get(past, path, ticker_id=PAIR, end_time=1) == {"buy": [], "sell": []}


async def test_coinmarketcap_summary_assets_and_ticker(past: Past) -> None:
    """Exact JSON numbers, percentages from integers, and every asset."""
    [summary] = [
        each for each in await get(past, f"{CMC}/summary") if each["trading_pairs"] == PAIR
    ]
    assert set(summary) == CMC_SUMMARY
    assert summary["last_price"] == "number 1.2000"
    assert summary["price_change_percent_24h"] == "number 0.00"
    assert (summary["lowest_ask"], summary["highest_bid"]) == ("number 1.2100", "number 1.1900")
    assert (summary["base_volume"], summary["quote_volume"]) == ("number 1.00", "number 1.200000")
    assets = await get(past, f"{CMC}/assets")
    assert {frozenset(each) for each in assets.values()} == {frozenset(CMC_ASSET)}
    assert (assets["NOVA"]["maker_fee"], assets["NOVA"]["taker_fee"]) == ("0.001000", "0.002000")
    tickers = await get(past, f"{CMC}/ticker")
    assert {frozenset(each) for each in tickers.values()} == {frozenset(CMC_TICKER)}
    assert (tickers[PAIR]["last_price"], tickers[PAIR]["isFrozen"]) == ("number 1.2000", 0)


async def test_coinmarketcap_book_and_trades(past: Past) -> None:
    """Level 1 is the best of each side, 2 the levels; single orders are refused; trades are of 24 hours."""
    best = await get(past, f"{CMC}/orderbook/{PAIR}", level=1)
    assert set(best) == CMC_BOOK
    assert (best["bids"], best["asks"]) == ([["1.1900", "1.00"]], [["1.2100", "1.00"]])
    whole = await get(past, f"{CMC}/orderbook/{PAIR}", depth=0, level=2)
    assert [len(whole["bids"]), len(whole["asks"])] == [2, 2]
    client = past.exchange.client()
    problem(await client.get(f"{CMC}/orderbook/{PAIR}?level=3"), 400, "invalid_request")
    trades = await get(past, f"{CMC}/trades/{PAIR}")
    assert [trade["trade_id"] for trade in trades] == [3]
    assert set(trades[0]) == CMC_TRADE


@pytest.mark.parametrize(
    "path",
    [
        f"{GECKO}/orderbook?ticker_id=NO_PAIR",
        f"{GECKO}/historical_trades?ticker_id=NO_PAIR",
        f"{CMC}/orderbook/NO_PAIR",
        f"{CMC}/trades/NO_PAIR",
    ],
)
async def test_unknown_pairs_are_not_found(past: Past, path: str) -> None:
    """404 as everywhere."""
    problem(await past.exchange.client().get(path), 404, "market_not_found")


async def test_who_has_it_gets_304(past: Past) -> None:
    """A tag and a short Cache-Control; the same bytes again are 304 without a body, changed ones 200."""
    client, path = past.exchange.client(), f"{GECKO}/orderbook?ticker_id={PAIR}"
    first = await client.get(path)
    assert first.headers["cache-control"] == "public, max-age=1"
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert "content-length" not in again.headers
    await past.rest(Side.BUY, 11_950)
    changed: httpx.Response = await client.get(path, headers={"if-none-match": known[:-1]})
    assert good(changed)["bids"][0] == ["1.1950", "1.00"]
