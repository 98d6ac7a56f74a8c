"""A WebSocket connection is about one account of a person's: which one, its log-in says; nobody else's ever."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from cse.adapters.bus.memory import MemoryBus
from cse.gateway.problems import ApiProblem
from cse.gateway.ws.assembly import gateway_websockets
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.proofs import Proofs
from cse.users.sub_accounts.model import Owned
from cse.users.sub_accounts.ownership import Ownership
from cse.users.sub_accounts.ports import SubAccountStore
from tests.unit.gateway.ws.client import Client, Message, client
from tests.unit.gateway.ws.venue import ALICE, BOB, CAROL, WsVenue

SUB = BOB
"""Alice's sub-account here; Carol's account is her own."""
BUY = {
    "market": "GOLD-USD1", "side": "buy", "type": "limit", "price": "0.0990", "quantity": "0.05",
}  # fmt: skip


class Opened:
    """What the store says was opened."""

    async def opened_since(self, time_ms: int) -> Sequence[Owned]:
        return [Owned(SUB, ALICE)]


async def venue(options: WsOptions | None = None) -> WsVenue:
    """A venue that knows whose sub-account it is."""
    made = WsVenue(options)
    owners = Ownership(cast("SubAccountStore", Opened()), MemoryBus(), made.clock)
    await owners.read()
    made.deps.concerns.sub_accounts = cast("Any", SimpleNamespace(ownership=owners))
    made.deps.registry = CollectorRegistry()
    made.server = gateway_websockets(made.deps, made.streams)
    return made


@asynccontextmanager
async def _connected(url: str, headers: dict[str, str]) -> AsyncIterator[Client]:
    async with connect(url, additional_headers=headers) as connection:
        yield Client(connection)


def code(answer: Message) -> str:
    assert answer["ok"] is False, answer
    found: str = answer["error"]["code"]
    return found


async def is_about(reader: Client, served: WsVenue, account_id: int) -> bool:
    """Whether an order of this connection is the account's, and its channel tells of it."""
    assert (await reader.ask("subscribe", channels=["user.orders"]))["ok"]
    answer = await reader.ask("order.place", **BUY)
    assert answer["ok"], answer
    order_id = answer["result"]["order"]["id"]
    told = await reader.next("user.orders", "update")
    assert [order["id"] for order in told["orders"]] == [order_id]
    return order_id in [view.order_id for view in served.live.open_orders(account_id)]


async def test_auth_names_a_sub_account() -> None:
    """Orders and private channels are that account's; without it they are the first account's."""
    made = await venue()
    async with made.serve() as served, client(served.url) as one, client(served.url) as two:
        assert (await one.ask("auth", token=served.token(ALICE), account=SUB))["ok"]
        assert (await two.ask("auth", token=served.token(ALICE)))["ok"]
        assert await is_about(one, served, SUB)
        assert await is_about(two, served, ALICE)


async def test_the_handshake_names_a_sub_account() -> None:
    """By the header, as a request does."""
    made = await venue()
    headers = {"Authorization": f"Bearer {made.token(ALICE)}", "X-CSE-ACCOUNT": str(SUB)}
    async with made.serve() as served, _connected(served.url, headers) as one:
        assert await is_about(one, served, SUB)


async def test_nobody_elses_account_is_opened() -> None:
    """A stranger's, somebody's first one and none are told alike, by `auth` and in the handshake."""
    made = await venue()
    async with made.serve() as served, client(served.url) as carol:
        for account in (SUB, ALICE, 999_999):
            answer = await carol.ask("auth", token=served.token(CAROL), account=account)
            assert code(answer) == "account_not_found"
            headers = {
                "Authorization": f"Bearer {served.token(CAROL)}",
                "X-CSE-ACCOUNT": str(account),
            }
            with pytest.raises(InvalidStatus) as refused:
                async with _connected(served.url, headers):
                    pass
            assert refused.value.response.status_code == 404
        assert code(await carol.ask("order.place", **BUY)) == "not_authenticated"


async def test_a_connection_stays_with_its_account() -> None:
    """Another account of the same person needs another connection: orders and channels never mix."""
    made = await venue()
    async with made.serve() as served, client(served.url) as one:
        token = served.token(ALICE)
        assert (await one.ask("auth", token=token, account=SUB))["ok"]
        assert code(await one.ask("auth", token=token)) == "forbidden"
        assert (await one.ask("auth", token=served.token(ALICE), account=SUB))["ok"]
        assert await is_about(one, served, SUB)


async def test_a_session_that_ends_ends_on_its_sub_account_too() -> None:
    """What was shown rested on the log-in, whichever account it was about."""
    made = await venue(WsOptions(check_session_ms=3_600_000))  # it is the order that asks
    async with made.serve() as served, client(served.url) as one:
        assert (await one.ask("auth", token=served.token(ALICE), account=SUB))["ok"]
        served.revoked.add(f"s{ALICE}")
        assert code(await one.ask("order.place", **BUY)) == "session_revoked"


async def test_what_goes_with_a_key_is_no_account() -> None:
    """A key has one; where sub-accounts are not known, as at a streamer, none can be named."""
    made = await venue()
    async with made.serve() as served, client(served.url) as one:
        fields = {"key": "f" * 32, "timestamp": served.clock.now_ms(), "signature": "0" * 64}
        answer = await one.ask("auth", **fields, account=SUB)
        assert code(answer) == "invalid_request"
    async with WsVenue().serve() as served, client(served.url) as one:
        answer = await one.ask("auth", token=served.token(ALICE), account=SUB)
        assert code(answer) == "account_not_found"
        proofs = Proofs(served.deps.authenticator, None)
        with pytest.raises(ApiProblem) as refused:
            proofs.of_token(f"Bearer {served.token(ALICE)}", b"%d" % ALICE)
        assert (refused.value.status, refused.value.code) == (400, "invalid_request")
