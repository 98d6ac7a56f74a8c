"""What it costs to find out who calls: a token, and requests signed with either kind of key, against nobody asked."""

import asyncio
import hashlib
import hmac
import tempfile
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benches.report import Figure
from cse.adapters.bus.memory import MemoryBus
from cse.adapters.clock import SystemClock
from cse.adapters.keys.file import FileKeyStore
from cse.adapters.sql import schema
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.http.access import Access, Need
from cse.gateway.http.context import RequestContext
from cse.gateway.limits import RateLimiter, class_limits
from cse.gateway.seen_signatures import SeenSignatures
from cse.gateway.signed import SignedRequests
from cse.users.api_keys import ApiKeys
from cse.users.key_requests import KeyRequest
from cse.users.keys import Keys
from cse.users.model import ED25519, HMAC, Claims, MadeKey, NewUser
from cse.users.secret_box import SecretBox
from cse.users.tokens import AccessTokens

PATH: Final = "/api/balances"
ADDRESS: Final = "203.0.113.7"
ASKED_FOR: Final = "< 15 us for a token"
Headers = dict[bytes, bytes]


def run(*, quick: bool) -> list[Figure]:
    """Admit the same request again and again, in turns, in this process."""
    return asyncio.run(_run(200 if quick else 5_000))


async def _run(requests: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="cse-bench-") as name:
        folder, clock = Path(name), SystemClock()
        url = f"sqlite:///{folder / 'cse.db'}"
        await schema.migrate(url)
        engine = make_engine(url)
        try:
            user = await SqlUserStore(engine).add_user(
                NewUser("bench@example.com", "bench", "bench", "$2b$", 0, clock.now_ms())
            )
            box = SecretBox(FileKeyStore(folder / "sealing-keys.json"))
            keys = ApiKeys(SqlApiKeyStore(engine), MemoryBus(), clock, box)
            tokens = AccessTokens(
                Keys(FileKeyStore(folder / "keys.json"), clock), clock, access_ms=900_000
            )
            wide = (10**6, 10**6)
            access = Access(
                Authenticator(tokens, frozenset(), clock),
                RateLimiter(class_limits(address=wide, account=wide, logins_per_minute=1)),
                ClientAddresses(),
                SignedRequests(lambda: keys, SeenSignatures(clock), clock),
            )
            claims = Claims(user.user_id, user.account_id, "a" * 32, frozenset({"read"}),
                            clock.now_ms() + 900_000)  # fmt: skip
            bearer = f"Bearer {tokens.issue(claims)}".encode()
            ways: dict[str, Callable[[], Headers]] = {
                "a token": lambda: {b"authorization": bearer},
                "HMAC-SHA256": await _signer(keys, user.user_id, HMAC, clock),
                "Ed25519": await _signer(keys, user.user_id, ED25519, clock),
            }
            return await _figures(access, ways, requests)
        finally:
            await engine.dispose()


async def _figures(
    access: Access, ways: dict[str, Callable[[], Headers]], requests: int
) -> list[Figure]:
    nobody: list[float] = []
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(requests):
        nobody.append(await _timed(lambda: access.admit(_context({}), Need.NOBODY)))
        for name, headers in ways.items():
            context = _context(headers())
            took[name].append(await _timed(lambda c=context: access.admit(c, Need.READ)))  # type: ignore[misc]  # a default of a lambda
    base = median(nobody)
    return [
        Figure(
            f"who calls, by {name}: median of {requests} requests",
            median(times) - base,
            "us more",
            "the same without asking",
            base,
            ASKED_FOR,
            "in process, key and token known; GET, so no memory of signatures",
        )
        for name, times in took.items()
    ]


async def _timed(admit: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter_ns()
    await admit()
    return (time.perf_counter_ns() - began) / 1_000


def _context(headers: Headers) -> RequestContext:
    context = RequestContext("GET", PATH, "bench", headers, ADDRESS, secure=True)
    context.route, context.target = PATH, PATH.encode()
    return context


async def _signer(
    keys: ApiKeys, user_id: int, kind: str, clock: SystemClock
) -> Callable[[], Headers]:
    """Return what makes the headers of a request signed now."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw().hex() if kind == ED25519 else None
    made: MadeKey = await keys.create(user_id, KeyRequest(kind, public, ["read"], kind=kind))

    def headers() -> Headers:
        now = str(clock.now_ms()).encode()
        message = now + b"GET" + PATH.encode()
        if made.secret is None:
            signature = b64encode(private.sign(message))
        else:
            mac = hmac.new(made.secret.encode(), message, hashlib.sha256)
            signature = mac.hexdigest().encode()
        return {
            b"x-cse-key": made.key.key_id.encode(),
            b"x-cse-timestamp": now,
            b"x-cse-signature": signature,
        }

    return headers
