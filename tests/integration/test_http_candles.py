"""`GET /api/candles/{market}` in pages: memory and history as one, filled or not, cursors that cannot be mixed up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cse.market_data import INTERVALS
from cse.market_data.candles import open_time
from tests.integration.http_exchange import (
    MARKET,
    HttpExchange,
    good,
    http_exchange,
    place,
    problem,
)

PATH = f"/api/candles/{MARKET}"
SECOND = 1_000


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def trade(exchange: HttpExchange, *prices: str) -> None:
    ada = await exchange.trader("ada")
    for price in prices:
        await place(ada, "sell", price, "1.00")
        await place(ada, "buy", price, "1.00", self_trade_prevention="none")


async def walk(exchange: HttpExchange, **params: Any) -> list[dict[str, Any]]:
    """All pages, in the order of time."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = good(await exchange.client().get(PATH, params=params | more))
        assert len(page["candles"]) <= params["limit"]
        cursor = page["next_cursor"]
        found = [*found, *page["candles"]] if "from" in params else [*page["candles"], *found]
        if cursor is None:
            return found


async def test_pages_in_both_directions_are_one_list(exchange: HttpExchange) -> None:
    """Every second from the first trade until `to`, once: empty ones carry the close; `fill=false` leaves them out."""
    first_ms = open_time(exchange.deps.clock.now_ms(), SECOND) - 10 * SECOND
    await trade(exchange, "1.2400", "1.3000")
    now_ms = exchange.deps.clock.now_ms()
    exchange.deps.clock = _Ahead(now_ms, 30 * SECOND)  # half a minute without a trade
    to_ms = now_ms + 20 * SECOND
    query = {"interval": "1s", "to": to_ms, "fill": "true"}
    forward = await walk(exchange, **query, **{"from": first_ms, "limit": 7})
    backward = await walk(exchange, **query, limit=4)
    assert forward == backward
    times = [candle["time"] for candle in forward]
    assert times == list(range(times[0], to_ms, SECOND))
    assert forward[0]["trades"] > 0
    empty = forward[-1]
    assert [empty[name] for name in ("open", "high", "low", "close")] == ["1.3000"] * 4
    assert (empty["volume"], empty["quote_volume"], empty["trades"]) == ("0.00", "0.000000", 0)
    traded = await walk(exchange, **query | {"fill": "false"}, limit=1)
    assert traded == [candle for candle in forward if candle["trades"]]
    assert sum(candle["trades"] for candle in traded) == 2


async def test_nothing_is_told_of_the_future_or_of_before_the_first_trade(
    exchange: HttpExchange,
) -> None:
    """The last candle is the one that goes on now, however far `to` lies; a market that never traded has none."""
    assert good(await exchange.client().get(PATH))["candles"] == []
    await trade(exchange, "1.2400")
    far: dict[str, Any] = {"interval": "1s", "from": 0, "to": 2**53 - 1, "limit": 1_000}
    page = good(await exchange.client().get(PATH, params=far))
    assert page["next_cursor"] is None
    assert page["candles"][0]["trades"] == 1
    assert page["candles"][-1]["time"] <= exchange.deps.clock.now_ms()
    ahead: dict[str, Any] = {"interval": "1s", "from": exchange.deps.clock.now_ms() + 60_000}
    assert good(await exchange.client().get(PATH, params=ahead))["candles"] == []


async def test_a_cursor_belongs_to_its_list(exchange: HttpExchange) -> None:
    """Of another interval, another direction or another call, or made up: 400, and nothing is guessed."""
    await trade(exchange, "1.2400")
    clock = exchange.deps.clock
    exchange.deps.clock = _Ahead(clock.now_ms(), 10 * SECOND)
    client = exchange.client()
    page = good(await client.get(PATH, params={"interval": "1s", "limit": 2}))
    cursor = page["next_cursor"]
    assert cursor
    wrong: list[dict[str, Any]] = [
        {"interval": "1m", "cursor": cursor},
        {"interval": "1s", "from": 5, "cursor": cursor},
        {"interval": "1s", "cursor": cursor[:-1]},
        {"interval": "1s", "cursor": "x"},
    ]
    for params in wrong:
        problem(await client.get(PATH, params=params), 400, "invalid_cursor")
    trades: dict[str, Any] = {"market": MARKET, "cursor": cursor}
    problem(await client.get("/api/trades", params=trades), 400, "invalid_cursor")


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 1_001},
        {"interval": "7m"},
        {"from": -1},
        {"fill": "x"},
        {"to": "now"},
    ],
)
async def test_what_cannot_be_asked(exchange: HttpExchange, params: dict[str, Any]) -> None:
    """Out of range or unknown: 400 with the field's name."""
    problem(await exchange.client().get(PATH, params=params), 400, "invalid_request")


async def test_memory_and_history_join_while_the_projector_writes(exchange: HttpExchange) -> None:
    """Candles that memory has dropped come from SQL, those it has from memory: no hole, no double, all the trades."""
    await trade(exchange, *["1.2400", "1.2500"] * 6)
    whole = {
        name: await walk(exchange, interval=name, limit=1_000, fill="false") for name in INTERVALS
    }
    data = exchange.deps.market_data.market(1)
    for name in INTERVALS:
        series = data.candles(name)
        series._candles = type(series._candles)([series._candles[-1]], 1)
        series.dropped_to = data.trade_sequence
    asked = [walk(exchange, interval=name, limit=1, fill="false") for name in INTERVALS]
    for name, found in zip(INTERVALS, await asyncio.gather(*asked), strict=True):
        assert found == whole[name], name
        assert sum(candle["trades"] for candle in found) == 12


class _Ahead:
    """A clock that stands still, some time after another one."""

    def __init__(self, now_ms: int, ahead_ms: int) -> None:
        self._now_ms = now_ms + ahead_ms

    def now_ms(self) -> int:
        return self._now_ms
