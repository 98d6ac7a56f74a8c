"""The bots' view of the market over a real WebSocket: right, and right again after it went wrong."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cse.sandbox.bots.feed import MarketFeed
from cse.sandbox.bots.fleet import read_instruments
from cse.sandbox.client.credentials import new_credentials
from cse.sandbox.client.failures import NoAnswer, Refused
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.stream import Stream
from tests.integration.exchange import Exchange, deposit
from tests.waiting import wait_until_async

MARKET = "NOVA-USDC"


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with Exchange(tmp_path_factory.mktemp("exchange")) as started:
        yield started


@pytest.fixture
def place(exchange: Exchange) -> Iterator[Any]:
    with exchange.person("trader") as trader:
        deposit(trader, "USDC", "1000", "usdc")
        deposit(trader, "NOVA", "1000", "nova")

        def place_one(side: str, price: str, **more: Any) -> None:
            body = {"market": MARKET, "side": side, "type": "limit", "price": price}
            answer = trader.post("/api/orders", json={**body, "quantity": "10.00", **more})
            assert answer.is_success, answer.text

        yield place_one
        trader.delete("/api/orders")


@asynccontextmanager
async def running(task: Any) -> AsyncIterator[None]:
    started = asyncio.create_task(task)
    try:
        yield
    finally:
        started.cancel()
        await asyncio.gather(started, return_exceptions=True)


async def test_the_feed_shows_touch_and_last_price(exchange: Exchange, place: Any) -> None:
    """In ticks, as they change."""
    async with RestClient(exchange.base) as rest:
        feed = MarketFeed(rest, await read_instruments(rest))
        async with running(feed.run()):
            place("buy", "1.2400")
            place("sell", "1.2500")
            await wait_until_async(lambda: feed.view(MARKET).best_ask == 12_500)
            assert feed.view(MARKET).best_bid == 12_400
            place("buy", "1.2500", self_trade_prevention="none")
            await wait_until_async(lambda: feed.view(MARKET).last == 12_500)
            await wait_until_async(lambda: feed.view(MARKET).best_ask is None)


async def test_a_book_that_went_wrong_is_asked_for_again(exchange: Exchange, place: Any) -> None:
    """A level that the exchange does not have: the next checksum tells, and a snapshot mends it."""
    async with RestClient(exchange.base) as rest:
        feed = MarketFeed(rest, await read_instruments(rest))
        async with running(feed.run()):
            place("buy", "1.2400")
            await wait_until_async(lambda: feed.view(MARKET).best_bid == 12_400)
            feed._books[MARKET]._bids.set(19_000, ("1.9000", "5.00"))
            assert feed.view(MARKET).best_bid == 19_000
            place("buy", "1.2410")
            await wait_until_async(lambda: feed.view(MARKET).best_bid == 12_410)
            assert feed.resyncs == 1


async def test_calls_are_answered_by_id_and_refusals_are_told(exchange: Exchange) -> None:
    """Many at once; what the exchange refuses is Refused, what never reached it NoAnswer."""
    async with RestClient(exchange.base, new_credentials("caller")) as rest:
        await rest.log_in()
        stream = Stream(rest, ["user.orders"], lambda _: None, private=True)
        with pytest.raises(NoAnswer):
            await stream.call("ping")
        async with running(stream.run()):
            await wait_until_async(stream.connected.is_set)
            await asyncio.gather(*(stream.call("ping") for _ in range(50)))
            order = {"market": MARKET, "side": "buy", "type": "limit", "price": "1.2500"}
            with pytest.raises(Refused, match="insufficient_funds"):
                await stream.call("order.place", **order, quantity="10.00")
            with pytest.raises(Refused, match="invalid_request"):
                await stream.call("no.such.op")


async def test_a_stale_token_is_renewed_before_the_stream_opens(
    exchange: Exchange,
) -> None:
    """The first `auth` is refused; the client renews its session and goes on."""
    async with RestClient(exchange.base, new_credentials("stale")) as rest:
        await rest.log_in()
        stale = rest.access_token[:-4] + "AAAA"
        rest._access_token = stale
        stream = Stream(rest, ["user.orders"], lambda _: None, private=True)
        async with running(stream.run()):
            await wait_until_async(stream.connected.is_set)
        assert rest.access_token != stale
