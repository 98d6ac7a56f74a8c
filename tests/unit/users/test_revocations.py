"""A session that ended is refused here at once and elsewhere soon, with the bus and without it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from cse.adapters.bus.memory import MemoryBus
from cse.core.errors import Unavailable
from cse.messages.bus import BusMessage, Missed
from cse.users.model import RefreshToken, Session
from cse.users.revocations import CHANNEL, Revocations
from tests.unit.users.people import START_MS, FakeClock
from tests.unit.users.stores import MemorySessionStore
from tests.waiting import wait_until_async

ACCESS_MS = 900_000
SID = "a" * 32


class DeadBus:
    """Nothing gets through."""

    async def publish(self, channel: str, payload: bytes) -> None:
        raise Unavailable("no bus")

    @asynccontextmanager
    async def subscribe(
        self, channels: Sequence[str]
    ) -> AsyncIterator[AsyncIterator[BusMessage | Missed]]:
        async def nothing() -> AsyncIterator[BusMessage | Missed]:
            await asyncio.Event().wait()
            yield Missed()

        yield nothing()


class FlakyStore(MemorySessionStore):
    """A database that is away as long as `away` is set."""

    away = False

    async def revoked_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        if self.away:
            raise Unavailable("no database")
        return await super().revoked_since(time_ms)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store() -> FlakyStore:
    made = FlakyStore()
    for number, name in enumerate(("a" * 32, "b" * 32, "c" * 32)):
        session = Session(name, 1, 1_000, START_MS, START_MS + 10**9, START_MS + 10**9)
        await made.add_session(session, RefreshToken(bytes([number]) * 32, 0, 0))
    return made


@asynccontextmanager
async def running(revocations: Revocations) -> AsyncIterator[None]:
    task = asyncio.create_task(revocations.run())
    try:
        yield
        assert not task.done(), "it must go on"
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_log_out_counts_at_once_where_it_happens(
    store: FlakyStore, clock: FakeClock
) -> None:
    """When `revoke` returns, the session is refused and SQL says so; a second time there is nothing to end."""
    here = Revocations(store, MemoryBus(), clock, access_ms=ACCESS_MS)
    assert SID not in here
    assert await here.revoke(SID)
    assert SID in here
    assert store.revoked == {SID: START_MS}
    assert not await here.revoke(SID)


async def test_the_bus_tells_other_processes(store: FlakyStore, clock: FakeClock) -> None:
    """Without reading SQL again: the other one's database is away."""
    bus = MemoryBus()
    here = Revocations(store, bus, clock, access_ms=ACCESS_MS)
    blind = FlakyStore()
    blind.away = True
    there = Revocations(blind, bus, clock, access_ms=ACCESS_MS)
    async with running(there):
        await wait_until_async(lambda: CHANNEL in bus.channels)
        await here.revoke(SID)
        await wait_until_async(lambda: SID in there)


async def test_without_the_bus_sql_tells_other_processes(
    store: FlakyStore, clock: FakeClock
) -> None:
    """A dead bus fails no log-out, and the poll finds it."""
    here = Revocations(store, DeadBus(), clock, access_ms=ACCESS_MS)
    there = Revocations(store, DeadBus(), clock, access_ms=ACCESS_MS)
    async with running(there):
        assert await here.revoke(SID)
        await wait_until_async(lambda: SID in there)


async def test_a_database_outage_is_survived_and_caught_up(
    store: FlakyStore, clock: FakeClock
) -> None:
    """What was revoked while this process could not read is read when it can again."""
    here = Revocations(store, DeadBus(), clock, access_ms=ACCESS_MS)
    there = Revocations(store, DeadBus(), clock, access_ms=ACCESS_MS)
    await there.read()
    store.away = True
    await here.revoke(SID)
    clock.time_ms += 600_000
    with pytest.raises(Unavailable):
        await there.read()
    async with running(there):
        store.away = False
        await wait_until_async(lambda: SID in there)


async def test_a_restart_knows_what_still_matters(store: FlakyStore, clock: FakeClock) -> None:
    """Sessions whose tokens may live are read at the start; older ones are not carried along."""
    await store.revoke("a" * 32, START_MS)
    await store.revoke("b" * 32, START_MS + ACCESS_MS)
    clock.time_ms += ACCESS_MS + 100_000
    fresh = Revocations(store, MemoryBus(), clock, access_ms=ACCESS_MS)
    await fresh.read()
    assert "b" * 32 in fresh
    assert "a" * 32 not in fresh


async def test_memory_is_given_back(store: FlakyStore, clock: FakeClock) -> None:
    """An id is forgotten when no token of its session can be good any more."""
    here = Revocations(store, MemoryBus(), clock, access_ms=ACCESS_MS)
    await here.revoke(SID)
    clock.time_ms += ACCESS_MS
    await here.read()
    assert SID in here
    clock.time_ms += 60_000
    await here.read()
    assert len(here) == 0


async def test_a_log_out_that_sql_did_not_take_is_no_log_out(clock: FakeClock) -> None:
    """With the database away the caller hears it, and nothing pretends that the session is over."""

    class Away(MemorySessionStore):
        async def revoke(self, session_id: str, at_ms: int) -> bool:
            raise Unavailable("no database")

    here = Revocations(Away(), MemoryBus(), clock, access_ms=ACCESS_MS)
    with pytest.raises(Unavailable):
        await here.revoke(SID)
    assert SID not in here


async def test_strange_messages_on_the_bus_are_harmless(
    store: FlakyStore, clock: FakeClock
) -> None:
    """Bytes that are no session id stop nobody."""
    bus = MemoryBus()
    here = Revocations(store, bus, clock, access_ms=ACCESS_MS)
    async with running(here):
        await wait_until_async(lambda: CHANNEL in bus.channels)
        await bus.publish(CHANNEL, b"\xff\xfe")
        await bus.publish(CHANNEL, SID.encode())
        await wait_until_async(lambda: SID in here)
