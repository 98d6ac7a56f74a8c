"""The TypeScript client under Node against a whole exchange, over a real socket, through a kill and a new start."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.integration.exchange import Exchange, place
from tests.sdk.following import (
    BALANCES,
    BOOK,
    ORDERS,
    TRADES,
    balances_of_rest,
    book_of_rest,
    by_asset,
    complete,
    ids,
    open_orders_of_rest,
    pairs,
    people,
    token_of,
)
from tests.servers.process import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
CHANNELS = (BOOK, TRADES, f"{BOOK}.5@100ms", "tickers", ORDERS, BALANCES)


class Follower:
    """The program `follow.ts`, and the last thing it printed."""

    def __init__(self, printed: Path) -> None:
        self._printed = printed

    @property
    def now(self) -> dict[str, Any]:
        lines = self._printed.read_text().split("\n")[:-1]
        told: dict[str, Any] = json.loads(lines[-1]) if lines else {"state": "", "values": {}}
        return told

    def wait(self, condition: Callable[[dict[str, Any]], object], what: str) -> None:
        wait_until(lambda: condition(self.now), 30, what)


@contextmanager
def following(exchange: Exchange, who: httpx.Client, folder: Path) -> Iterator[Follower]:
    subprocess.run([ROOT / "tools" / "typescript.sh", "build"], check=True)
    program = ROOT / "sdk" / "typescript" / "dist" / "test" / "follow.js"
    url = exchange.base.replace("http", "ws") + "/ws"
    out = folder / "printed"
    with out.open("wb") as printed:
        running = subprocess.Popen(["node", program, url, token_of(who), *CHANNELS], stdout=printed)
    try:
        follower = Follower(out)
        follower.wait(lambda told: told["state"] == "live", "everything to be live")
        yield follower
    finally:
        running.terminate()
        assert running.wait(60) == 0, "it ends when it is told to, and leaves nothing running"


def same_book(told: dict[str, Any], person: httpx.Client) -> bool:
    book = told["values"].get(BOOK)
    return book is not None and book_of_rest(person) == {
        side: [tuple(level) for level in book[side]] for side in ("bids", "asks")
    }


def test_the_browsers_client_follows_a_kill_and_a_new_start(tmp_path: Path) -> None:
    """Killed with -9 and started again: book, orders and balances are REST's, fills complete (following.complete)."""
    port = str(free_port())
    with (
        Exchange(tmp_path, "--no-bots", "--port", port) as exchange,
        people(exchange) as (ann, bob),
        following(exchange, ann, tmp_path) as client,
    ):
        place(ann, "buy", "1.2400", "5.00")
        place(bob, "sell", "1.2400", "2.00")
        place(bob, "sell", "1.2600", "4.00")
        client.wait(lambda told: same_book(told, ann), "the book")
        exchange.kill()
        client.wait(lambda told: told["state"] == "connecting", "the kill to be seen")
        assert client.now["values"][BOOK] is None
        with Exchange(tmp_path, "--no-bots", "--port", port) as again:
            place(bob, "sell", "1.2400", "1.00")
            client.wait(lambda told: told["state"] == "live", "the client to heal")
            place(bob, "sell", "1.2400", "1.00")
            client.wait(lambda told: same_book(told, ann), "the book of REST")
            again.settle()
            client.wait(lambda told: _own_things_are_the_same(told, ann), "own things of REST")


def _own_things_are_the_same(told: dict[str, Any], ann: httpx.Client) -> bool:
    orders, balances = told["values"][ORDERS], told["values"][BALANCES]
    if orders is None or balances is None:
        return False
    return (
        ids(orders["orders"]) == open_orders_of_rest(ann)
        and by_asset(balances) == balances_of_rest(ann)
        and complete(pairs(told["fills"]), ann, missed=told["missed"])
    )
