"""A million people: what a log-in takes beside its bcrypt alone, and finding a key among more and more of them."""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, NamedTuple

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from benches.report import Figure
from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.memory import MemoryCache
from cse.adapters.clock import SystemClock
from cse.adapters.keys.file import FileKeyStore
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.authority import sql_authority
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.schema import migrate
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.user_tables import account_openings, api_keys, users
from cse.adapters.sql.users import SqlUserStore
from cse.users.assembly import UserOptions, UserPorts, assemble
from cse.users.passwords import PasswordHasher
from cse.users.service import UserService
from tests.servers import PrivatePostgres
from tests.servers.databases import fresh_database

PASSWORD: Final = "a long pass phrase of 9 words"
THREADS: Final = 2
"""Passwords that are checked at once, as the exchange is set by default."""
_ROWS: Final = 2_000
"""Inserted at once."""
_LOOKUPS: Final = 500


class Size(NamedTuple):
    """How many people there are in the end, how many log-ins are measured, and bcrypt's cost."""

    people: int
    logins: int
    cost: int


def run(*, quick: bool) -> list[Figure]:
    """Measure SQLite and PostgreSQL."""
    size = Size(10_000, 60, 8) if quick else Size(1_000_000, 300, 12)
    with tempfile.TemporaryDirectory(prefix="cse-bench-") as name:
        folder = Path(name)
        figures = asyncio.run(_measure("SQLite", f"sqlite:///{folder / 'cse.db'}", folder, size))
        server = PrivatePostgres(folder / "postgres")
        server.start()
        try:
            with fresh_database(server.url) as url:
                figures += asyncio.run(_measure("PostgreSQL", url, folder, size))
        finally:
            server.stop()
    return figures


async def _measure(name: str, url: str, folder: Path, size: Size) -> list[Figure]:
    await migrate(url)
    engine = make_engine(url)
    try:
        figures, known, hashed = [], 0, await _hashed(size.cost)
        first: float | None = None
        for people in _steps(size.people):
            await _seed(engine, range(known + 1, people + 1), hashed)
            known = people
            took = await _key_lookup(engine, people)
            first = took if first is None else first
            figures.append(
                Figure(
                    f"{name}: a key among {people:,}: median of {_LOOKUPS} look-ups",
                    took, "us", "the same among 1,000", first, "O(1)", "by its unique index",
                )
            )  # fmt: skip
        return figures + await _logins(name, engine, folder, size)
    finally:
        await engine.dispose()


def _steps(people: int) -> Iterator[int]:
    at = 1_000
    while at <= people:
        yield at
        at *= 10


async def _seed(engine: AsyncEngine, numbers: range, hashed: str) -> None:
    """Insert people with one key each, many at once; all have one password, hashed once."""
    for at in range(0, len(numbers), _ROWS):
        chunk = numbers[at : at + _ROWS]
        async with engine.begin() as connection:
            await connection.execute(insert(account_openings), [_opening(n) for n in chunk])
            await connection.execute(insert(users), [_person(n, hashed) for n in chunk])
            await connection.execute(insert(api_keys), [_key(n) for n in chunk])


async def _hashed(cost: int) -> str:
    hasher = PasswordHasher(cost)
    try:
        return await hasher.hash(PASSWORD)
    finally:
        hasher.close()


def _opening(number: int) -> dict[str, Any]:
    return {"account_id": number, "fee_tier": 0, "created_at": 1, "done_at": 1}


def _person(number: int, hashed: str) -> dict[str, Any]:
    return {
        "user_id": number,
        "email": _email(number),
        "handle": f"p{number}",
        "handle_key": f"p{number}",
        "password_hash": hashed,
        "account_id": number,
        "created_at": 1,
        "verified_at": 1,
    }


def _key(number: int) -> dict[str, Any]:
    return {
        "key_id": f"{number:032x}",
        "user_id": number,
        "name": "bench",
        "kind": "ed25519",
        "public_key": number.to_bytes(32, "little"),
        "scopes": "read",
        "ip_allowlist": "",
        "created_at": 1,
    }


def _email(number: int) -> str:
    return f"p{number}@example.com"


async def _key_lookup(engine: AsyncEngine, people: int) -> float:
    """Return the median time of finding a key in the database, in us; nothing is remembered in between."""
    store, rng = SqlApiKeyStore(engine), random.Random(people)
    took = []
    for _ in range(_LOOKUPS):
        key_id = f"{rng.randint(1, people):032x}"
        began = time.perf_counter_ns()
        assert await store.key(key_id) is not None
        took.append((time.perf_counter_ns() - began) / 1_000)
    return median(took)


async def _logins(name: str, engine: AsyncEngine, folder: Path, size: Size) -> list[Figure]:
    service = _service(engine, folder, size)
    hasher = PasswordHasher(size.cost, threads=THREADS)
    hashed = await hasher.hash(PASSWORD)
    rng = random.Random(1)
    try:
        alone = await _timed(lambda: hasher.verify(PASSWORD, hashed), size.logins)
        logins = await _timed(
            lambda: service.login(_email(rng.randint(1, size.people)), PASSWORD), size.logins
        )
    finally:
        hasher.close()
        service.close()
    note = f"{size.people:,} people, bcrypt cost {size.cost}, {THREADS} at a time"
    return [
        Figure(
            f"{name}: log-in, {which} of {size.logins}",
            of(logins), "ms", "bcrypt alone", of(alone), "bound by bcrypt alone", note,
        )
        for which, of in (("p50", median), ("p99", lambda took: quantiles(took, n=100)[98]))
    ]  # fmt: skip


async def _timed(work: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """Return how long each took, in ms, when as many are under way as passwords are checked at once."""
    took: list[float] = []
    left = iter(range(times))

    async def one_after_another() -> None:
        for _ in left:
            began = time.perf_counter_ns()
            await work()
            took.append((time.perf_counter_ns() - began) / 1_000_000)

    await asyncio.gather(*(one_after_another() for _ in range(THREADS)))
    return took


def _service(engine: AsyncEngine, folder: Path, size: Size) -> UserService:
    clock = SystemClock()
    ports = UserPorts(
        users=SqlUserStore(engine),
        sessions=SqlSessionStore(engine),
        api_keys=SqlApiKeyStore(engine),
        queue=None,  # type: ignore[arg-type]  # nobody registers here
        bus=MemoryBus(),
        cache=MemoryCache(now_ms=clock.now_ms),
        keys=FileKeyStore(folder / "keys.json"),
        clock=clock,
        authority=sql_authority(engine, clock),
        factors=SqlFactorStore(engine),
        sealing_keys=FileKeyStore(folder / "sealing-keys.json"),
    )
    options = UserOptions(bcrypt_cost=size.cost, password_threads=THREADS)
    return assemble(ports, options).service
