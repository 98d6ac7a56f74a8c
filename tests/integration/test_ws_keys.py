"""A program logs in to the WebSocket with its API key: by the handshake's headers, or by `auth`."""

import hashlib
import hmac
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from cse.adapters.bus.memory import MemoryBus
from cse.gateway.limits import RouteClass, class_limits
from cse.gateway.ws.options import WsOptions
from cse.users.api_keys import ApiKeys
from cse.users.key_requests import KeyRequest
from cse.users.model import HMAC
from cse.users.secret_box import SecretBox
from tests.unit.gateway.ws.client import Client, Message, client
from tests.unit.gateway.ws.venue import ALICE, WsVenue
from tests.unit.users.key_stores import MemoryApiKeyStore
from tests.unit.users.stores import MemoryKeyStore, MemoryUserStore

BUY = {
    "market": "GOLD-USD1", "side": "buy", "type": "limit", "price": "0.0990", "quantity": "0.05",
}  # fmt: skip


class OfAlice(MemoryApiKeyStore):
    """Keys whose owner's account is Alice's."""

    def _account(self, user_id: int) -> int:
        return ALICE


class Keyed:
    """A venue that knows API keys, and programs of Alice's."""

    def __init__(self, **options: int) -> None:
        self.venue = WsVenue(WsOptions(check_session_ms=50, **options))
        self.keys = ApiKeys(
            OfAlice(MemoryUserStore()),
            MemoryBus(),
            self.venue.clock,
            SecretBox(MemoryKeyStore()),
        )
        self.venue.deps.users = SimpleNamespace(api_keys=self.keys)  # type: ignore[assignment]  # all that is asked of it

    async def program(self, *scopes: str, **changes: Any) -> "Program":
        asked = KeyRequest("bot", None, scopes or ("read", "trade"), kind=HMAC, **changes)
        made = await self.keys.create(1, asked)
        assert made.secret is not None
        return Program(made.key.key_id, made.secret, self.venue)


class Program:
    """Signs log-ins."""

    def __init__(self, key_id: str, secret: str, venue: WsVenue) -> None:
        self.key_id, self.secret, self.venue = key_id, secret, venue

    def sign(self, target: str, late_ms: int = 0) -> tuple[int, str]:
        at_ms = self.venue.clock.now_ms() - late_ms
        message = f"{at_ms}GET{target}".encode()
        return at_ms, hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()

    def headers(self, target: str = "/ws") -> dict[str, str]:
        at_ms, signature = self.sign(target)
        names = ("X-CSE-KEY", "X-CSE-TIMESTAMP", "X-CSE-SIGNATURE")
        return dict(zip(names, (self.key_id, str(at_ms), signature), strict=True))

    def auth(self, late_ms: int = 0) -> dict[str, Any]:
        at_ms, signature = self.sign("/ws", late_ms)
        return {"key": self.key_id, "timestamp": at_ms, "signature": signature}


def code(answer: Message) -> str:
    assert answer["ok"] is False, answer
    found: str = answer["error"]["code"]
    return found


async def test_a_key_logs_in_by_the_handshake_or_by_auth() -> None:
    """Own orders are streamed and placed; the query is signed, too."""
    keyed = Keyed()
    bot = await keyed.program()
    async with keyed.venue.serve() as venue:
        target = "/ws?cancel_on_disconnect=true"
        headers = bot.headers(target)
        async with connect(
            venue.url + "?cancel_on_disconnect=true", additional_headers=headers
        ) as socket:
            assert (await Client(socket).ask("subscribe", channels=["user.orders"]))["ok"]
        async with client(venue.url) as reader:
            assert code(await reader.ask("order.place", **BUY)) == "not_authenticated"
            assert (await reader.ask("auth", **bot.auth()))["ok"]
            assert (await reader.ask("order.place", **BUY))["status"] == 201


async def test_a_log_in_is_good_once_and_for_its_window() -> None:
    """Handshake and `auth` share one memory; what is wrong is told, the connection goes on."""
    keyed = Keyed()
    bot = await keyed.program()
    async with keyed.venue.serve() as venue:
        headers = bot.headers()
        async with connect(venue.url, additional_headers=headers):
            pass
        with pytest.raises(InvalidStatus) as refused:
            await connect(venue.url, additional_headers=headers)
        assert refused.value.response.status_code == 401
        async with client(venue.url) as reader:
            same = {
                "key": bot.key_id,
                "timestamp": int(headers["X-CSE-TIMESTAMP"]),
                "signature": headers["X-CSE-SIGNATURE"],
            }
            assert code(await reader.ask("auth", **same)) == "signature_used"
            late = bot.auth(late_ms=5_001)
            assert code(await reader.ask("auth", **late)) == "timestamp_outside_window"
            wrong = {**bot.auth(late_ms=1), "signature": "0" * 64}
            assert code(await reader.ask("auth", **wrong)) == "invalid_api_key"
            half = {"key": bot.key_id, "timestamp": 1}
            assert code(await reader.ask("auth", **half)) == "invalid_request"
            both = {**bot.auth(late_ms=2), "token": venue.token(ALICE)}
            assert code(await reader.ask("auth", **both)) == "invalid_request"
            assert code(await reader.ask("auth")) == "invalid_request"
            assert (await reader.ask("auth", **bot.auth(late_ms=3)))["ok"]


async def test_a_key_s_scopes_hold_on_the_socket() -> None:
    """`read` streams and does not trade, `trade` trades and does not stream."""
    keyed = Keyed()
    reads, trades = await keyed.program("read"), await keyed.program("trade")
    async with keyed.venue.serve() as venue:
        async with client(venue.url) as reader:
            assert (await reader.ask("auth", **reads.auth()))["ok"]
            assert (await reader.ask("subscribe", channels=["user.orders"]))["ok"]
            assert code(await reader.ask("order.place", **BUY)) == "forbidden"
        async with client(venue.url) as trader:
            assert (await trader.ask("auth", **trades.auth()))["ok"]
            assert code(await trader.ask("subscribe", channels=["user.orders"])) == "forbidden"
            assert (await trader.ask("order.place", **BUY))["status"] == 201


async def test_a_revoked_key_s_connection_is_nobody_s() -> None:
    """Its private channels end, its orders are refused at once; an address off its list never came in."""
    keyed = Keyed()
    bot = await keyed.program()
    elsewhere = await keyed.program(ip_allowlist=["203.0.113.0/24"])
    async with keyed.venue.serve() as venue, client(venue.url) as reader:
        assert code(await reader.ask("auth", **elsewhere.auth())) == "invalid_api_key"
        assert (await reader.ask("auth", **bot.auth()))["ok"]
        assert (await reader.ask("subscribe", channels=["user.orders"]))["ok"]
        await keyed.keys.revoke(1, bot.key_id)
        refused = await reader.ask("order.place", **BUY)
        assert code(refused) in {"invalid_api_key", "not_authenticated"}
        closed = next(
            (each for each in reader.received if each.get("type") == "closed"), None
        ) or await reader.until(lambda each: each.get("type") == "closed")
        assert closed["code"] == "invalid_api_key"


async def test_orders_of_a_key_are_charged_to_it() -> None:
    """Its bucket is the one of its REST requests."""
    keyed = Keyed()
    wide = (1_000, 1_000)
    limits = class_limits(address=wide, account=wide, logins_per_minute=99, key=(1, 2))
    keyed.venue.limits[RouteClass.KEYS] = limits[RouteClass.KEYS]
    users = keyed.venue.deps.users
    keyed.venue.few_orders(1_000)
    keyed.venue.deps.users = users
    bot = await keyed.program()
    async with keyed.venue.serve() as venue, client(venue.url) as trader:
        assert (await trader.ask("auth", **bot.auth()))["ok"]
        statuses = [(await trader.ask("order.place", **BUY)).get("status") for _ in range(3)]
        assert statuses == [201, 201, None]
