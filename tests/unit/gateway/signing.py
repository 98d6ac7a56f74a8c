"""Programs that sign requests, and a gateway whose people are real: for the tests of signed requests."""

import hashlib
import hmac
from base64 import b64encode
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry

from cse.gateway.app import create_app
from cse.messages.commands import OpenAccount
from cse.users.key_requests import KeyRequest
from cse.users.model import ED25519, HMAC
from tests.unit.gateway.http.test_key_routes import Bench
from tests.unit.users.people import START_MS

KINDS = (ED25519, HMAC)


class SignedBench(Bench):
    """One whose people and whose gateway go by the same clock."""

    def __init__(self) -> None:
        super().__init__()
        deps = self.gateway.deps
        deps.clock = self.people.clock
        deps.__post_init__()
        self.rebuild()

    async def start(self) -> None:
        await super().start()
        for user in self.people.users.users:
            self.gateway.queue.apply(OpenAccount(user[0].account_id, 0))

    def now_ns(self) -> int:
        """The same clock, for limits: nothing comes back while a test goes on."""
        return self.people.clock.time_ms * 1_000_000

    def rebuild(self) -> None:
        """Make the application again, of changed parts."""
        self.gateway.deps.registry = CollectorRegistry()
        self.app = create_app(self.gateway.deps)


class Program:
    """An API key's holder: signs as docs/reference/api-keys.md says."""

    def __init__(self, key_id: str, secret: str | None, private: Ed25519PrivateKey) -> None:
        self.key_id = key_id
        self.secret = secret
        self.private = private

    def sign(self, message: bytes) -> str:
        if self.secret is not None:
            return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()
        return b64encode(self.private.sign(message)).decode()

    def headers(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        at_ms: int = START_MS,
        window: int | None = None,
    ) -> dict[str, str]:
        message = f"{at_ms}{method}{target}".encode() + body
        made = {
            "X-CSE-KEY": self.key_id,
            "X-CSE-TIMESTAMP": str(at_ms),
            "X-CSE-SIGNATURE": self.sign(message),
        }
        return made if window is None else {**made, "X-CSE-RECV-WINDOW": str(window)}


async def program(bench: Bench, kind: str = HMAC, user_id: int = 1, **changes: Any) -> Program:
    """A key of somebody, with the scopes read and trade unless told otherwise."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw().hex() if kind == ED25519 else None
    asked = {"name": "bot", "scopes": ["read", "trade"], **changes}
    made = await bench.keys.create(user_id, KeyRequest(public_key=public, kind=kind, **asked))
    return Program(made.key.key_id, made.secret, private)


class Caller:
    """Sends requests to a gateway without a log-in."""

    def __init__(self, bench: Bench, address: str = "203.0.113.7") -> None:
        transport = httpx.ASGITransport(
            app=bench.app, raise_app_exceptions=False, client=(address, 5)
        )
        self.client = httpx.AsyncClient(transport=transport, base_url="http://cse.test")

    async def send(
        self,
        who: Program,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        extra: dict[str, str] | None = None,
        **how: Any,
    ) -> httpx.Response:
        headers = {**who.headers(method, target, body, **how), **(extra or {})}
        if body:
            headers["content-type"] = "application/json"
        return await self.client.request(method, target, content=body, headers=headers)
