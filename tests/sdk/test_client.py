"""The asyncio client against a whole exchange as a process: over real sockets, through a kill and a new start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx

from cse_sdk import Client, Options
from cse_sdk.outbox import Event
from tests.integration.exchange import Exchange, place
from tests.sdk.following import (
    BALANCES,
    BOOK,
    MARKET,
    ORDERS,
    TRADES,
    balances_of_rest,
    book_of_rest,
    by_asset,
    complete,
    ids,
    open_orders_of_rest,
    people,
    token_of,
)
from tests.servers.process import free_port
from tests.waiting import wait_until_async

CHANNELS = (BOOK, TRADES, f"orderbook.{MARKET}.5@100ms", f"bbo.{MARKET}", "tickers", "status")
OPTIONS = Options(first_pause_ms=50, longest_pause_ms=400)


class Heard:
    """What a client was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def of(self, kind: str, channel: str | None = None) -> list[Event]:
        return [
            event
            for event in self.events
            if event["type"] == kind and channel in {None, event.get("channel")}
        ]

    def fills(self) -> list[tuple[int, int]]:
        """Trade and order of every fill that was told, in this order."""
        told = [event["news"]["fills"] for event in self.of("data", ORDERS)]
        return [(fill["trade_id"], fill["order_id"]) for fills in told for fill in fills]

    def missed(self) -> bool:
        """Whether the client said that some may be missing."""
        return any(event["news"]["missed"] for event in self.of("data", ORDERS))


@asynccontextmanager
async def following(
    exchange: Exchange, heard: Heard, *channels: str, who: httpx.Client | None = None
) -> AsyncIterator[Client]:
    """A client of these channels, logged in as `who` when that is given."""

    async def token() -> str | None:
        return None if who is None else token_of(who)

    url = exchange.base.replace("http", "ws") + "/ws"
    async with Client(url, token=token, on_event=heard.events.append, options=OPTIONS) as client:
        client.subscribe(*channels)
        await wait_until_async(lambda: client.state == "live", what="everything to be live")
        yield client


async def expect_the_book_of_rest(client: Client, person: httpx.Client) -> None:
    def same() -> bool:
        book = client.book(BOOK)
        told = book_of_rest(person)
        return book is not None and {"bids": book.bids, "asks": book.asks} == told

    await wait_until_async(same, what="the book of REST")


async def test_a_client_follows_a_kill_and_a_new_start(tmp_path: Path) -> None:
    """Killed with -9 and started again: book, orders and balances are REST's, fills complete (following.complete)."""
    port = str(free_port())
    with (
        Exchange(tmp_path, "--no-bots", "--port", port) as exchange,
        people(exchange) as (ann, bob),
    ):
        heard = Heard()
        channels = (*CHANNELS, ORDERS, BALANCES)
        async with following(exchange, heard, *channels, who=ann) as client:
            place(ann, "buy", "1.2400", "5.00")
            place(bob, "sell", "1.2400", "2.00")
            place(bob, "sell", "1.2600", "4.00")
            await expect_the_book_of_rest(client, ann)
            await asyncio.to_thread(exchange.kill)
            await wait_until_async(lambda: client.state == "connecting", what="the kill to be seen")
            assert client.book(BOOK) is None
            async with started_again(tmp_path, port) as again:
                await while_away(ann, bob)
                await wait_until_async(lambda: client.state == "live", 60, "the client to heal")
                place(bob, "sell", "1.2400", "1.00")
                await expect_the_book_of_rest(client, ann)
                await asyncio.to_thread(again.settle)
                await expect_own_things_of_rest(client, ann, heard)
        assert client.state == "closed"


@asynccontextmanager
async def started_again(folder: Path, port: str) -> AsyncIterator[Exchange]:
    """The exchange of this folder where it was, while the event loop goes on."""
    with ExitStack() as cleanup:
        again = Exchange(folder, "--no-bots", "--port", port)
        cleanup.push(again.__exit__)
        yield await asyncio.to_thread(again.start)


async def while_away(ann: httpx.Client, bob: httpx.Client) -> None:
    """A trade which the client may have to make up for."""
    place(ann, "buy", "1.2300", "3.00")
    place(bob, "sell", "1.2400", "1.00")


async def expect_own_things_of_rest(client: Client, ann: httpx.Client, heard: Heard) -> None:
    def orders_are_the_same() -> bool:
        known = client.value(ORDERS)
        return known is not None and ids(known["orders"]) == open_orders_of_rest(ann)

    def fills_are_the_same() -> bool:
        return complete(heard.fills(), ann, missed=heard.missed())

    await wait_until_async(orders_are_the_same, 60, "the orders of REST")
    await wait_until_async(
        lambda: by_asset(client.value(BALANCES)) == balances_of_rest(ann), 30, "REST's balances"
    )
    await wait_until_async(fills_are_the_same, 60, "the fills of REST, each told once")
