"""Whose sub-account it is, as a process knows it: unknown until read, then current, whatever is away."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from cse.adapters.bus.memory import MemoryBus
from cse.core.errors import Unavailable
from cse.users.sub_accounts.model import Owned
from cse.users.sub_accounts.ownership import Ownership
from cse.users.sub_accounts.ports import SubAccountStore
from tests.unit.users.people import FakeClock
from tests.waiting import wait_until_async


class Opened:
    """A store that knows when what was opened; `fails` is raised instead."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Owned]] = []
        self.asked: list[int] = []
        self.fails: Exception | None = None

    async def opened_since(self, time_ms: int) -> Sequence[Owned]:
        self.asked.append(time_ms)
        if self.fails is not None:
            raise self.fails
        return [owned for at_ms, owned in self.rows if at_ms >= time_ms]


class DeadBus(MemoryBus):
    """A Redis that is away."""

    async def publish(self, channel: str, payload: bytes) -> None:
        raise Unavailable("redis is out of reach")


def ownership(
    store: Opened, clock: FakeClock | None = None, bus: MemoryBus | None = None
) -> Ownership:
    return Ownership(cast("SubAccountStore", store), bus or MemoryBus(), clock or FakeClock())


async def test_before_anything_was_read_nobody_is_told_that_there_is_none() -> None:
    """A 404 then would be a lie; 503 says what is so."""
    store = Opened()
    owners = ownership(store)
    with pytest.raises(Unavailable):
        owners.owner_of(2_000)
    store.fails = Unavailable("the database is away")
    with pytest.raises(Unavailable):
        await owners.read()
    store.fails = None
    await owners.read()
    assert owners.owner_of(2_000) is None


async def test_later_reads_take_in_what_is_new_and_what_came_late() -> None:
    """From two minutes before the last read on, for clocks differ; what is known stays known."""
    store, clock = Opened(), FakeClock()
    owners = ownership(store, clock)
    store.rows = [(clock.now_ms(), Owned(2_000, 1))]
    await owners.read()
    clock.time_ms += 1_000
    store.rows.append((clock.now_ms() - 100_000, Owned(2_001, 2)))
    await owners.read()
    assert store.asked == [0, clock.now_ms() - 1_000 - 120_000]
    assert (owners.owner_of(2_000), owners.owner_of(2_001)) == (1, 2)


async def test_what_is_opened_here_is_known_at_once_and_elsewhere_over_the_bus() -> None:
    """The other process reads when it is told."""
    store, bus = Opened(), MemoryBus()
    here, there = ownership(store, bus=bus), ownership(store, bus=bus)
    running = asyncio.create_task(there.run())
    await wait_until_async(lambda: _asked(store, 1), what="the first read")
    store.rows = [(FakeClock().now_ms(), Owned(2_000, 1))]
    await here.opened(2_000, 1)
    assert here.owner_of(2_000) == 1
    await wait_until_async(lambda: _knows(there, 2_000), what="the owner")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_with_the_bus_or_the_database_away_what_is_known_counts_on() -> None:
    """Opening does not fail because nobody could be told."""
    store = Opened()
    owners = ownership(store, bus=DeadBus())
    await owners.read()
    await owners.opened(2_000, 1)
    store.fails = Unavailable("the database is away")
    with pytest.raises(Unavailable):
        await owners.read()
    assert owners.owner_of(2_000) == 1
    assert owners.owner_of(2_001) is None


async def _asked(store: Opened, times: int) -> bool:
    return len(store.asked) >= times


async def _knows(owners: Ownership, account_id: int) -> bool:
    return owners.owner_of(account_id) is not None
