"""Bugs of those around the sequencer - waiters, listeners, a committer, an engine that panics - harm nobody
else: everybody is told, counts come right, and it can be closed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.engine.backend import new_engine
from cse.engine.machine import PythonEngine
from cse.messages import commands as c
from cse.messages.events import Applied
from cse.messages.wire import Command, Event
from cse.sequencer.commit import Batch
from cse.sequencer.sequencer import Machinery, Sequencer, State
from tests.simulation.flow import SetClock
from tests.simulation.memory import MemoryJournal
from tests.waiting import wait_until_async


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def sequencer(journal: MemoryJournal, clock: SetClock) -> AsyncIterator[Sequencer]:
    sequencer = Sequencer(new_engine(), journal, clock)
    yield sequencer
    journal.gate.set()
    await sequencer.close()


async def appends(journal: MemoryJournal, count: int) -> None:
    await wait_until_async(lambda: journal.appends == count, what=f"append {count}")


async def refused(answers: Iterable[Awaitable[object]], error: type[Exception]) -> None:
    for answer in answers:
        with pytest.raises(error):
            await answer


class Broken:
    """A waiter with a bug: it raises when it is told, whatever it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def done(self) -> bool:
        return False

    def set_result(self, result: object, /) -> None:
        self.told.append(result)
        raise ZeroDivisionError("a bug in a waiter")

    def set_exception(self, exception: BaseException, /) -> None:
        self.told.append(exception)
        raise ZeroDivisionError("a bug in a waiter")


async def test_a_waiter_that_raises_harms_nobody_else(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """Those behind it are answered, the count comes right, the exchange goes on and can be closed; the waiter
    is told that it will learn no more.
    """
    broken = Broken()
    before = sequencer.submit(c.Tick())
    sequencer.submit_to(broken, [c.Tick()])
    behind = sequencer.submit(c.Tick())
    assert [(await before).sequence, (await behind).sequence] == [1, 3]
    assert journal.batches == [3]
    assert isinstance(broken.told[-1], OutcomeUnknown)
    assert sequencer.status.waiting == 0
    assert (await sequencer.submit(c.Tick())).sequence == 4
    assert sequencer.status.state is State.RUNNING


async def test_a_waiter_that_raises_does_not_hide_a_failed_disk(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """Everybody is told of the halt, those that were under way and those that only gathered."""
    journal.gate.clear()
    sequencer.submit_to(Broken(), [c.Tick()])
    first = sequencer.submit(c.Tick())
    await appends(journal, 1)
    sequencer.submit_to(Broken(), [c.Tick()])
    second = sequencer.submit(c.Tick())
    journal.fail_with = OSError(28, "No space left on device")
    journal.gate.set()
    await refused([first], OutcomeUnknown)
    await refused([second], Unavailable)
    assert sequencer.status.state is State.READ_ONLY
    assert sequencer.status.waiting == 0


class Refusing:
    """A committer that raises when it is given a batch, as one that was closed may."""

    def hand(self, batch: Batch) -> None:
        raise RuntimeError("the journal thread is gone")

    def close(self) -> None:
        """There is nothing to end."""


async def test_a_journal_that_takes_no_batch_halts_it(
    journal: MemoryJournal, clock: SetClock
) -> None:
    """Nobody waits for ever, and closing does not either."""
    told: list[str] = []
    machinery = Machinery(committer=lambda *_: Refusing())
    sequencer = Sequencer(new_engine(), journal, clock, on_halt=told.append, machinery=machinery)
    answers = [sequencer.submit(c.Tick()), sequencer.submit_batch([c.Tick()] * 2)]
    await refused(answers, OutcomeUnknown)
    assert sequencer.status.waiting == 0
    assert "the journal thread is gone" in told[0]
    await sequencer.close()


class Panic(BaseException):
    """What a panic in a native module looks like where nothing turns it into an ordinary exception."""


class Panicking(PythonEngine):
    """An engine that panics."""

    def apply(self, sequence: int, time_ms: int, command: Command) -> list[Event]:
        raise Panic(sequence)


async def test_who_is_told_of_a_halt_may_raise(journal: MemoryJournal, clock: SetClock) -> None:
    """The stop that follows still comes to its end."""

    def raises(reason: str) -> None:
        raise KeyError(reason)

    sequencer = Sequencer(Panicking(), journal, clock, on_halt=raises)
    answer = sequencer.submit(c.Tick())
    closing = asyncio.ensure_future(sequencer.close())
    await refused([answer], OutcomeUnknown)
    await closing


async def test_a_panic_in_the_engine_halts_it(journal: MemoryJournal, clock: SetClock) -> None:
    """An engine that was left half changed is never given another command."""
    sequencer = Sequencer(Panicking(), journal, clock)
    await refused([sequencer.submit(c.Tick())], OutcomeUnknown)
    assert sequencer.status.state is State.READ_ONLY
    await sequencer.close()


async def test_a_panic_in_the_journal_halts_it(clock: SetClock) -> None:
    """The thread says what ended it, rather than ending without a word."""

    class Lost(MemoryJournal):
        def append(self, frames: bytes) -> None:
            raise Panic(len(frames))

    sequencer = Sequencer(new_engine(), Lost(), clock)
    await refused([sequencer.submit(c.Tick())], OutcomeUnknown)
    with pytest.raises(Unavailable, match="Panic"):
        sequencer.submit(c.Tick())
    await sequencer.close()


async def test_a_listener_may_leave_while_it_is_told(sequencer: Sequencer) -> None:
    """Those behind it hear of the same batch all the same."""
    heard: list[Applied] = []

    def leaves(_: Sequence[Applied]) -> None:
        sequencer.detach(leaves)

    sequencer.attach(leaves)
    sequencer.attach(heard.extend)
    await sequencer.submit(c.Tick())
    assert len(heard) == 1


async def test_who_has_given_up_is_applied_but_not_told(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """A cancelled wait takes nothing back and keeps no count."""
    journal.gate.clear()
    given_up = asyncio.ensure_future(sequencer.submit(c.Tick()))
    behind = sequencer.submit(c.Tick())
    await appends(journal, 1)
    given_up.cancel()
    journal.gate.set()
    assert (await behind).sequence == 2
    assert sequencer.status.waiting == 0


async def test_a_list_that_was_handed_in_is_the_callers_again(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """What is done to it afterwards changes nothing of what was handed in; nor does it halt the exchange."""
    heard: list[Applied] = []
    sequencer.attach(heard.extend)
    journal.gate.clear()
    mine: list[Command] = [c.Tick(), c.OpenAccount(1_000, 0)]
    answer = sequencer.submit_batch(mine)
    mine.clear()
    journal.gate.set()
    assert [applied.command for applied in await answer] == [c.Tick(), c.OpenAccount(1_000, 0)]
    assert len(heard) == 2
