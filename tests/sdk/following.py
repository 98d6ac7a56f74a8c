"""What tests of clients against a whole exchange share: people who trade, and what REST says is so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.integration.exchange import Exchange, deposit, get

MARKET = "NOVA-USDC"
BOOK, TRADES = f"orderbook.{MARKET}", f"trades.{MARKET}"
ORDERS, BALANCES = "user.orders", "user.balances"


@contextmanager
def people(exchange: Exchange) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two who can trade with each other."""
    with exchange.person("ann") as ann, exchange.person("bob") as bob:
        for name, person in (("ann", ann), ("bob", bob)):
            deposit(person, "USDC", "1000", f"usdc-{name}")
            deposit(person, "NOVA", "1000", f"nova-{name}")
        yield ann, bob


def token_of(person: httpx.Client) -> str:
    return str(person.headers["authorization"]).removeprefix("Bearer ")


def book_of_rest(person: httpx.Client) -> dict[str, Any]:
    told = get(person, f"/api/orderbook/{MARKET}", depth=100)
    return {side: [tuple(level) for level in told[side]] for side in ("bids", "asks")}


def open_orders_of_rest(person: httpx.Client) -> list[int]:
    return ids(get(person, "/api/orders", status="open")["orders"])


def balances_of_rest(person: httpx.Client) -> dict[str, tuple[str, str]]:
    return by_asset(get(person, "/api/balances")["balances"])


def fills_of_rest(person: httpx.Client) -> list[tuple[int, int]]:
    return pairs(get(person, "/api/fills")["fills"])


def ids(orders: list[dict[str, Any]]) -> list[int]:
    return sorted(order["id"] for order in orders)


def pairs(fills: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Trade and order of each."""
    return sorted((fill["trade_id"], fill["order_id"]) for fill in fills)


def by_asset(balances: list[dict[str, Any]] | None) -> dict[str, tuple[str, str]]:
    """Those that are not zero, which snapshots leave out."""
    both = {b["asset"]: (b["available"], b["held"]) for b in balances or []}
    return {asset: amounts for asset, amounts in both.items() if "".join(amounts).strip("0.")}


def complete(told: list[tuple[int, int]], person: httpx.Client, *, missed: bool) -> bool:
    """Whether every fill that REST has was told, none twice; or the client said that it missed some.

    That is what the exchange sends a snapshot for when history is still behind after a start.
    """
    listed = fills_of_rest(person)
    once = len(told) == len(set(told)) and set(told) <= set(listed)
    return len(listed) == 3 and once and (missed or sorted(told) == listed)
