"""Indicators of what really traded: from orders through the engine and SQL, the same after a restart."""

from pathlib import Path
from typing import Any

from tests.integration.http_exchange import MARKET, HttpExchange, good, http_exchange, place

PRICES = ("1.2400", "1.3000", "1.2000", "1.2500", "1.2600")
ASKED = "name=sma(2),medprice,obv,rsi(2)&interval=1w"


async def ask(exchange: HttpExchange) -> Any:
    return good(await exchange.client().get(f"/api/indicators/{MARKET}?{ASKED}"))


async def trade(exchange: HttpExchange) -> None:
    ada = await exchange.trader("ada")
    for price in PRICES:
        await place(ada, "sell", price, "2.50")
        await place(ada, "buy", price, "2.50", self_trade_prevention="none")


async def test_values_are_of_what_traded(tmp_path: Path) -> None:
    """Prices in quote, volumes in base, of the week in which it traded; null where candles lack."""
    async with http_exchange(tmp_path) as exchange:
        await trade(exchange)
        candles = good(await exchange.client().get(f"/api/candles/{MARKET}?interval=1w"))["candles"]
        answer = await ask(exchange)
    assert answer["times"] == [candle["time"] for candle in candles]
    values = {each["name"]: each["values"]["value"] for each in answer["indicators"]}
    assert list(values) == ["sma(2)", "medprice", "obv", "rsi(2)"]
    if len(candles) == 1:  # unless the week ended meanwhile
        assert values == {"sma(2)": [None], "medprice": [1.25], "obv": [12.5], "rsi(2)": [None]}


async def test_a_service_that_knows_nothing_reads_the_same_from_sql(tmp_path: Path) -> None:
    """After memory has forgotten its candles, the values come from the database and are equal."""
    async with http_exchange(tmp_path) as exchange:
        await trade(exchange)
        before = await ask(exchange)
        data = exchange.deps.market_data.market(1)
        forget(exchange, data)
        assert await ask(exchange) == before


def forget(exchange: HttpExchange, data: Any) -> None:
    """Leave the market as a gateway finds it that begins now: all candles in history only."""
    for interval in ("1s", "1w"):
        series = data.candles(interval)
        series.dropped_to = data.trade_sequence
        series._candles.clear()
    data.seed_to = len(PRICES)
    exchange.deps.__post_init__()
