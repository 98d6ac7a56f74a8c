"""Proves when the projector writes, what it does while the database is away, and that it holds little."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from cse.core.errors import Unavailable
from cse.engine.backend import new_engine
from cse.messages.events import Applied
from cse.projections.changes import Changes
from cse.projections.errors import ImpossibleEvent
from cse.projections.fold import Fold
from cse.projections.projector import Pace, Projector
from tests.unit.projections.flow import Flow
from tests.waiting import wait_until_async

NEVER_S = 1_000.0


class MemoryStore:
    """Keeps what it is given; `away` makes every call fail."""

    def __init__(self) -> None:
        self.written: list[Changes] = []
        self.checked: list[int] = []
        self.away = False
        self.calls = 0

    def _answer(self) -> None:
        self.calls += 1
        if self.away:
            raise Unavailable("away")

    async def load(self, genesis: Fold) -> Fold:
        self._answer()
        return genesis

    async def write(self, changes: Changes) -> None:
        self._answer()
        self.written.append(changes)

    async def checkpoint(self, sequence: int, state_hash: bytes) -> None:
        self._answer()
        self.checked.append(sequence)


class Source:
    """Hands out one command at a time, and counts how many were asked for."""

    def __init__(self, applied: Sequence[Applied], *, ends: bool) -> None:
        self.pulled = 0
        self._applied = applied
        self._ends = ends

    async def batches(self) -> AsyncIterator[Sequence[Applied]]:
        for one in self._applied:
            self.pulled += 1
            yield [one]
        if not self._ends:
            await asyncio.Event().wait()


def made(store: MemoryStore, max_commands: int = 10, max_delay_s: float = NEVER_S) -> Projector:
    pace = Pace(max_commands, max_delay_s, retry_s=0.001, max_retry_s=0.002)
    return Projector(store, list(new_engine().records()), pace)


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_writes_when_there_are_enough_commands() -> None:
    """1,000 commands (here 10) make a batch; what is left when the source ends is written too."""
    store = MemoryStore()
    applied = list(Flow(1).run(12))
    await made(store).run(Source(applied, ends=True).batches())
    sizes = [changes.commands for changes in store.written]
    assert sizes == [10] * (len(applied) // 10) + [len(applied) % 10]
    assert [changes.after for changes in store.written[1:]] == [
        changes.sequence for changes in store.written[:-1]
    ]


async def test_it_writes_when_commands_have_waited_long_enough() -> None:
    """A few commands are written without more of them coming."""
    store = MemoryStore()
    projector = made(store, max_commands=10_000, max_delay_s=0.01)
    task = asyncio.create_task(projector.run(Source(list(Flow(2).run(5)), ends=False).batches()))
    await wait_until_async(lambda: projector.written == 28, what="the last command to be written")
    await stop(task)


async def test_it_pulls_no_further_than_it_can_write() -> None:
    """While the database is away one batch waits, one item is in hand, and the source stands still."""
    store = MemoryStore()
    projector = made(store)
    await projector.start()
    store.away = True
    source = Source(list(Flow(3).run(200)), ends=True)
    task = asyncio.create_task(projector.run(source.batches()))
    await wait_until_async(lambda: store.calls > 20, what="many tries")
    assert source.pulled <= 11
    assert projector.failures > 10
    store.away = False
    await task
    assert sum(changes.commands for changes in store.written) == source.pulled == 223
    assert projector.failures == 0


async def test_it_waits_for_the_database_at_start_and_at_checkpoints() -> None:
    """A database that is away is waited for; nothing is raised."""
    store = MemoryStore()
    store.away = True
    projector = made(store)
    starting = asyncio.create_task(projector.start())
    await wait_until_async(lambda: store.calls > 3, what="some tries")
    store.away = False
    assert await starting == 0
    store.away = True
    noting = asyncio.create_task(projector.checkpoint(5, bytes(32)))
    await wait_until_async(lambda: store.calls > 10, what="some tries")
    store.away = False
    await noting
    assert store.checked == [5]


async def test_commands_that_were_written_are_passed_over() -> None:
    """A source that begins before the position gives the same rows as one that begins at it."""
    store, applied = MemoryStore(), list(Flow(4).run(40))
    projector = made(store)
    await projector.run(Source(applied[:30], ends=True).batches())
    await projector.run(Source(applied, ends=True).batches())
    assert sum(changes.commands for changes in store.written) == len(applied)


async def test_a_source_that_fails_is_told() -> None:
    """What the source raises comes out of `run`: nothing is swallowed."""

    async def failing() -> AsyncIterator[Sequence[Applied]]:
        yield list(Flow(5).run(1))
        raise RuntimeError("the journal is damaged")

    with pytest.raises(RuntimeError, match="damaged"):
        await made(MemoryStore()).run(failing())


async def test_history_is_compared_with_a_replica() -> None:
    """`audit` accepts the records of an engine at the same command, and refuses any other."""
    flow, store = Flow(6), MemoryStore()
    projector = made(store)
    await projector.run(Source(list(flow.run(30)), ends=True).batches())
    projector.audit(flow.engine.records())
    with pytest.raises(ImpossibleEvent, match="differ in"):
        projector.audit(new_engine().records())
