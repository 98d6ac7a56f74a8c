"""Nobody learns from the exchange who is registered: answers and work are the same for known and unknown addresses.

Work is counted and never timed: password hashes, and the statements that reach the database.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import bcrypt
import httpx
import pytest
from sqlalchemy import event

from cse.settings import Settings
from cse.users.throttle import PER_NETWORK
from tests.integration.http_exchange import PASSWORD, HttpExchange, good, http_exchange
from tests.integration.outbox import letters_of, tokens_of

KNOWN, UNKNOWN = "ada@example.com", "eve@example.com"
_VARYING = {"x-request-id", "ratelimit-remaining", "ratelimit-reset", "date"}
"""Headers whose values differ between any two answers."""


class Seen(NamedTuple):
    """All that somebody outside sees of an answer, and what it cost."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]
    hashes: int
    statements: tuple[str, ...]


class Meter:
    """Counts password hashes and statements."""

    def __init__(self, exchange: HttpExchange) -> None:
        self.exchange = exchange
        self.hashes = 0
        self.statements: list[str] = []
        self.task: asyncio.Task[Any] | None = None

    def note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        """A statement of the request reaches the database; of its text the beginning says what it does.

        The projector's go on beside it, in a task of their own.
        """
        if asyncio.current_task() is not self.task:
            return
        self.statements.append(" ".join(statement.split()[:3]))

    async def post(self, call: str, body: dict[str, str]) -> Seen:
        """One request by somebody without a log-in, and what it cost until it was answered."""
        return await self.of(self.exchange.client(), call, body)

    async def of(self, client: httpx.AsyncClient, call: str, body: dict[str, str]) -> Seen:
        """One request by this client, and what it cost until it was answered."""
        self.task = asyncio.current_task()
        self.hashes, self.statements = 0, []
        answer = await client.post(f"/api/auth/{call}", json=body)
        self.task = None
        return self._seen(answer)

    def _seen(self, answer: httpx.Response) -> Seen:
        """What somebody outside sees, without what differs between any two answers."""
        shown = [
            (name, "" if name in _VARYING else value) for name, value in answer.headers.items()
        ]
        told = answer.content.replace(answer.headers["x-request-id"].encode(), b"")
        return Seen(
            answer.status_code, told, tuple(sorted(shown)), self.hashes, tuple(self.statements)
        )


@contextmanager
def metered(exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meter]:
    """Count what this exchange does."""
    meter = Meter(exchange)
    for name in ("hashpw", "checkpw"):
        real = getattr(bcrypt, name)

        def counted(*given: bytes, real: object = real) -> object:
            meter.hashes += 1
            assert callable(real)
            return real(*given)

        monkeypatch.setattr(bcrypt, name, counted)
    event.listen(exchange.engine.sync_engine, "before_cursor_execute", meter.note)
    yield meter
    event.remove(exchange.engine.sync_engine, "before_cursor_execute", meter.note)


@pytest.fixture
async def meter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meter]:
    """An exchange as in production; Ada is registered, with a proved address."""
    fields = {"data_dir": tmp_path, "registration": {"verify_email": True}}
    async with http_exchange(tmp_path, settings=Settings.model_validate(fields)) as exchange:
        client = exchange.client()
        who = {"email": KNOWN, "password": PASSWORD, "handle": "ada"}
        good(await client.post("/api/auth/register", json=who), 202)
        (token,) = await tokens_of(exchange)
        good(
            await client.post(
                "/api/auth/verify-email", json={"token": token, "password": PASSWORD}
            ),
            201,
        )
        with metered(exchange, monkeypatch) as made:
            yield made


async def test_registering_does_not_tell(meter: Meter) -> None:
    """One hash, the same statements, the same answer; what differs is in the mailboxes."""
    seen = [
        await meter.post("register", {"email": email, "password": PASSWORD, "handle": handle})
        for email, handle in ((KNOWN, "first"), (UNKNOWN, "second"))
    ]
    assert seen[0] == seen[1]
    assert (seen[0].status, seen[0].hashes) == (202, 1)
    assert any(statement.startswith("INSERT") for statement in seen[0].statements)
    assert [one.to for one in await letters_of(meter.exchange)] == [KNOWN, UNKNOWN]


async def test_registering_again_does_not_tell(meter: Meter) -> None:
    """Neither does a second try with the same handle, nor one after the address had its letters for the hour."""
    for _ in range(5):
        seen = [
            await meter.post("register", {"email": email, "password": PASSWORD, "handle": "same"})
            for email in (KNOWN, UNKNOWN)
        ]
        assert seen[0] == seen[1]
        assert (seen[0].status, seen[0].hashes) == (202, 1)


async def test_a_taken_handle_does_not_tell(meter: Meter) -> None:
    """Handles are public; that one is taken is said before anything is done about the address."""
    seen = [
        await meter.post("register", {"email": email, "password": PASSWORD, "handle": "ADA"})
        for email in (KNOWN, UNKNOWN)
    ]
    assert seen[0] == seen[1]
    assert (seen[0].status, seen[0].hashes) == (409, 0)


async def test_logging_in_does_not_tell(meter: Meter) -> None:
    """One hash, the same statements, the same 401."""
    seen = [
        await meter.post("login", {"email": email, "password": "some wrong password"})
        for email in (KNOWN, UNKNOWN)
    ]
    assert seen[0] == seen[1]
    assert (seen[0].status, seen[0].hashes) == (401, 1)


async def test_being_throttled_does_not_tell(meter: Meter) -> None:
    """The refusal that makes us write to the owner is the same for an address without one."""
    seen: list[Seen] = []
    for email in (KNOWN, UNKNOWN):
        for _ in range(PER_NETWORK):
            await meter.post("login", {"email": email, "password": "some wrong password"})
        seen.append(await meter.post("login", {"email": email, "password": PASSWORD}))
    assert seen[0] == seen[1]
    assert (seen[0].status, seen[0].hashes, seen[0].statements) == (429, 0, ())


@pytest.mark.parametrize("call", ["password-reset", "verify-email/resend"])
async def test_asking_for_a_letter_does_not_tell(meter: Meter, call: str) -> None:
    """202 before anybody looks: no hash, no statement."""
    seen = [await meter.post(call, {"email": email}) for email in (KNOWN, UNKNOWN)]
    assert seen[0] == seen[1]
    assert (seen[0].status, seen[0].hashes, seen[0].statements) == (202, 0, ())


async def test_a_change_of_address_does_not_tell(meter: Meter) -> None:
    """Somebody who is logged in asks for an address that is taken and for one that is free: the same."""
    exchange = meter.exchange
    client = exchange.client()
    who = {"email": "bob@example.com", "password": PASSWORD, "handle": "bob"}
    good(await client.post("/api/auth/register", json=who), 202)
    (token,) = await tokens_of(exchange)
    good(
        await client.post("/api/auth/verify-email", json={"token": token, "password": PASSWORD}),
        201,
    )
    del who["handle"]
    tokens = good(await client.post("/api/auth/login", json=who))
    client.headers["authorization"] = f"Bearer {tokens['access_token']}"
    seen = [await meter.of(client, "email", {"email": email}) for email in (KNOWN, UNKNOWN)]
    assert seen[0] == seen[1]
    assert seen[0].status == 202
