"""The asyncio client against a whole exchange as a process: over real sockets, through a kill and a new start."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from cse_sdk import Client, Options
from cse_sdk.outbox import Event
from tests.integration.exchange import Exchange, deposit, get, place
from tests.waiting import wait_until_async

MARKET = "NOVA-USDC"
BOOK, TRADES = f"orderbook.{MARKET}", f"trades.{MARKET}"
CHANNELS = (BOOK, TRADES, f"orderbook.{MARKET}.5@100ms", f"bbo.{MARKET}", "tickers", "status")
OPTIONS = Options(first_pause_ms=50, longest_pause_ms=400)


@contextmanager
def people(exchange: Exchange) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two who can trade with each other."""
    with exchange.person("ann") as ann, exchange.person("bob") as bob:
        for name, person in (("ann", ann), ("bob", bob)):
            deposit(person, "USDC", "1000", f"usdc-{name}")
            deposit(person, "NOVA", "1000", f"nova-{name}")
        yield ann, bob


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
        told = [event["news"]["fills"] for event in self.of("data", "user.orders")]
        return [(fill["trade_id"], fill["order_id"]) for fills in told for fill in fills]


@asynccontextmanager
async def following(
    exchange: Exchange, heard: Heard, *channels: str, who: httpx.Client | None = None
) -> AsyncIterator[Client]:
    """A client of these channels, logged in as `who` when that is given."""

    async def token() -> str | None:
        return None if who is None else who.headers["authorization"].removeprefix("Bearer ")

    url = exchange.base.replace("http", "ws") + "/ws"
    async with Client(url, token=token, on_event=heard.events.append, options=OPTIONS) as client:
        client.subscribe(*channels)
        await wait_until_async(lambda: client.state == "live", what="everything to be live")
        yield client


def shown(client: Client) -> dict[str, Any] | None:
    """The client's book as REST prints it, None while it has none."""
    book = client.book(BOOK)
    if book is None:
        return None
    return {
        "bids": [list(level) for level in book.bids],
        "asks": [list(level) for level in book.asks],
    }


async def expect_the_book_of_rest(client: Client, person: httpx.Client) -> None:
    def same() -> bool:
        told = get(person, f"/api/orderbook/{MARKET}", depth=100)
        return shown(client) == {"bids": told["bids"], "asks": told["asks"]}

    await wait_until_async(same, what="the book of REST")


async def test_a_client_follows_a_kill_and_a_new_start(tmp_path: Path) -> None:
    """Killed with -9 and started again: the book is REST's, orders, balances and fills are complete, none twice."""
    with Exchange(tmp_path) as exchange, people(exchange) as (ann, bob):
        heard = Heard()
        channels = (*CHANNELS, "user.orders", "user.balances")
        async with following(exchange, heard, *channels, who=ann) as client:
            place(ann, "buy", "1.2400", "5.00")
            place(bob, "sell", "1.2400", "2.00")
            place(bob, "sell", "1.2600", "4.00")
            await expect_the_book_of_rest(client, ann)
            port = exchange.base.rsplit(":", 1)[1]
            await asyncio.to_thread(exchange.kill)
            await wait_until_async(lambda: client.state == "connecting", what="the kill to be seen")
            assert client.book(BOOK) is None
            async with started_again(tmp_path, port):
                await while_away(ann, bob)
                await wait_until_async(lambda: client.state == "live", 30, "the client to heal")
                place(bob, "sell", "1.2400", "1.00")
                await expect_the_book_of_rest(client, ann)
                await expect_own_things_of_rest(client, ann, heard)
        assert client.state == "closed"


@asynccontextmanager
async def started_again(folder: Path, port: str) -> AsyncIterator[None]:
    """The exchange of this folder where it was, while the event loop goes on."""
    with ExitStack() as cleanup:
        again = Exchange(folder, "--no-bots", "--port", port)
        cleanup.push(again.__exit__)
        await asyncio.to_thread(again.start)
        yield


async def while_away(ann: httpx.Client, bob: httpx.Client) -> None:
    """A trade which the client may have to make up for."""
    place(ann, "buy", "1.2300", "3.00")
    place(bob, "sell", "1.2400", "1.00")


async def expect_own_things_of_rest(client: Client, ann: httpx.Client, heard: Heard) -> None:
    def orders_are_the_same() -> bool:
        known = client.value("user.orders")
        open_orders = get(ann, "/api/orders", status="open")["orders"]
        return known is not None and _ids(known["orders"]) == _ids(open_orders)

    def balances_are_the_same() -> bool:
        return _by_asset(client.value("user.balances")) == _by_asset(
            get(ann, "/api/balances")["balances"]
        )

    def fills_are_the_same() -> bool:
        listed = get(ann, "/api/fills")["fills"]
        expected = sorted((fill["trade_id"], fill["order_id"]) for fill in listed)
        return len(expected) == 3 and sorted(heard.fills()) == expected

    await wait_until_async(orders_are_the_same, 30, "the orders of REST")
    await wait_until_async(balances_are_the_same, 30, "the balances of REST")
    await wait_until_async(fills_are_the_same, 30, "the fills of REST, each told once")


def _ids(orders: list[dict[str, Any]]) -> list[int]:
    return sorted(order["id"] for order in orders)


def _by_asset(balances: list[dict[str, Any]] | None) -> dict[str, tuple[str, str]]:
    """Those that are not zero, which snapshots leave out."""
    by_asset = {b["asset"]: (b["available"], b["held"]) for b in balances or []}
    return {asset: both for asset, both in by_asset.items() if "".join(both).strip("0.")}
