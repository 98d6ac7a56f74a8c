"""The sequencer's own promises, over a journal in memory whose syncs the tests hold back or fail; what it
shares with other queues is proved in tests/contract/test_command_queue.py.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.engine.backend import Engine, new_engine
from cse.engine.machine import PythonEngine
from cse.messages import commands as c
from cse.messages.events import Applied, OrderClosed
from cse.messages.wire import (
    Command,
    Event,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cse.sequencer.sequencer import Sequencer, State
from tests.simulation.flow import ACCOUNTS, START_MS, SetClock, listing, order
from tests.simulation.memory import MemoryJournal
from tests.waiting import wait_until_async

pytestmark = pytest.mark.usefixtures("either_engine")


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def sequencer(journal: MemoryJournal, clock: SetClock) -> AsyncIterator[Sequencer]:
    sequencer = Sequencer(new_engine(), journal, clock, max_batch=100)
    yield sequencer
    journal.gate.set()
    await sequencer.close()


async def appends(journal: MemoryJournal, count: int) -> None:
    await wait_until_async(lambda: journal.appends == count, what=f"append {count}")


async def test_what_comes_in_during_a_sync_shares_the_next_one(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """Group commit: one command is being synced, fifty gather meanwhile, and one sync covers them."""
    journal.gate.clear()
    first = sequencer.submit(c.Tick())
    await appends(journal, 1)
    others = [sequencer.submit(c.Tick()) for _ in range(50)]
    journal.gate.set()
    await asyncio.gather(first, *others)
    assert journal.batches == [1, 50]


async def test_nothing_is_applied_or_answered_before_it_is_durable(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """While the sync hangs the engine stands still and no listener hears anything."""
    heard: list[Applied] = []
    sequencer.attach(heard.extend)
    journal.gate.clear()
    answer = asyncio.ensure_future(sequencer.submit(c.OpenAccount(1_000, 0)))
    await appends(journal, 1)
    assert (sequencer.status.sequence, heard, answer.done()) == (0, [], False)
    journal.gate.set()
    assert (await answer).sequence == 1
    assert [applied.sequence for applied in heard] == [1]


async def test_the_disk_works_on_the_next_batch_while_one_is_applied(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """A listener of the first batch finds the second one with the disk already."""
    under_way: list[int] = []
    sequencer.attach(lambda _: under_way.append(sequencer.status.waiting))
    journal.gate.clear()
    first = sequencer.submit(c.Tick())
    await appends(journal, 1)
    second = sequencer.submit(c.Tick())
    journal.gate.set()
    await asyncio.gather(first, second)
    assert journal.batches == [1, 1]
    assert under_way == [2, 1]


async def test_a_batch_is_never_larger_than_allowed(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """Nor does it split what was handed in together."""
    journal.gate.clear()
    answers = [sequencer.submit(c.Tick())]
    await appends(journal, 1)
    groups = [sequencer.submit_batch([c.Tick()] * 40) for _ in range(5)]
    journal.gate.set()
    await asyncio.gather(*answers, *groups)
    assert journal.batches == [1, 80, 80, 40]


async def test_time_never_runs_backwards(
    sequencer: Sequencer, journal: MemoryJournal, clock: SetClock
) -> None:
    """The wall clock may be set back; the commands' time stands still until it has caught up."""
    times = []
    for step in (0, 5, -60_000, 30_000, 30_010):
        clock.time_ms += step
        times.append((await sequencer.submit(c.Tick())).time_ms - START_MS)
    assert times == [0, 5, 5, 5, 15]


def expiring(expires_at: int) -> c.PlaceOrder:
    return c.PlaceOrder(
        account_id=ACCOUNTS[0],
        market_id=1,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTD,
        stp=SelfTradePrevention.NONE,
        post_only=False,
        price=9_000,
        trigger_price=0,
        quantity=10,
        quote_quantity=0,
        expires_at=expires_at,
        client_order_id="",
    )


async def test_a_tick_comes_when_something_is_due(
    sequencer: Sequencer, journal: MemoryJournal, clock: SetClock
) -> None:
    """A GTD order expires by a Tick in the journal, once its time has come and not before."""
    closed: list[OrderClosed] = []
    sequencer.attach(
        lambda batch: closed.extend(
            e for a in batch for e in a.events if isinstance(e, OrderClosed)
        )
    )
    await sequencer.submit_batch(listing())
    await sequencer.submit(expiring(START_MS + 20))
    await sequencer.submit(expiring(START_MS + 10_000))
    clock.time_ms += 19
    await sequencer.submit(order(ACCOUNTS[1], Side.BUY, 9_000))
    assert not any(isinstance(frame.message, c.Tick) for frame in journal.frames)
    clock.time_ms += 1
    await wait_until_async(lambda: closed, what="the order to expire")
    assert isinstance(journal.frames[-1].message, c.Tick)
    assert journal.frames[-1].time_ms == START_MS + 20
    assert len(closed) == 1


async def test_a_new_sequencer_ticks_for_what_became_due_while_it_was_down(
    sequencer: Sequencer, journal: MemoryJournal, clock: SetClock
) -> None:
    """Nobody has to hand in a command first."""
    await sequencer.submit_batch(listing())
    await sequencer.submit(expiring(START_MS + 20))
    await sequencer.close()
    clock.time_ms += 60_000
    again = Sequencer(rebuilt(journal), journal, clock)
    await wait_until_async(lambda: isinstance(journal.frames[-1].message, c.Tick), what="the tick")
    await again.close()
    assert again.status.sequence == len(journal.frames)


async def test_a_cascade_goes_on_at_once_although_the_clock_was_set_back(
    journal: MemoryJournal, clock: SetClock
) -> None:
    """Triggered orders that wait for the next Tick do not wait for a wall clock that runs an hour behind."""
    clock.time_ms += 3_600_000
    first = Sequencer(new_engine(), journal, clock)
    await first.submit(c.Tick())
    await first.close()
    clock.time_ms -= 3_600_000
    engine = rebuilt(journal)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            type(engine), "next_tick_at", lambda self: self.time_ms
        )  # as with a full queue
        again = Sequencer(engine, journal, clock)
        await wait_until_async(lambda: len(journal.frames) > 2, what="ticks that go on")
        await again.close()
    assert {frame.time_ms for frame in journal.frames} == {START_MS + 3_600_000}


def rebuilt(journal: MemoryJournal) -> Engine:
    engine = new_engine()
    for message, _, sequence, time_ms in journal.frames:
        assert isinstance(message, Command)
        engine.apply(sequence, time_ms, message)
    return engine


async def test_closing_answers_what_is_under_way_and_takes_nothing_new(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """A clean stop loses nothing: both the batch with the disk and the one that gathers are answered."""
    journal.gate.clear()
    first = sequencer.submit(c.Tick())
    await appends(journal, 1)
    second = sequencer.submit(c.Tick())
    closing = asyncio.ensure_future(sequencer.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="stopping"):
        sequencer.submit(c.Tick())
    journal.gate.set()
    await closing
    assert [(await first).sequence, (await second).sequence] == [1, 2]
    assert sequencer.status.state is State.STOPPING
    await sequencer.close()


class Breaking(PythonEngine):
    """An engine with a bug: it raises at one sequence."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at

    def apply(self, sequence: int, time_ms: int, command: Command) -> list[Event]:
        if sequence == self._at:
            raise ZeroDivisionError("a bug in matching")
        return super().apply(sequence, time_ms, command)


async def refused(answers: Iterable[object], error: type[Exception]) -> None:
    for answer in answers:
        with pytest.raises(error):
            await answer  # type: ignore[misc]  # all are awaitable


async def test_a_bug_in_the_engine_halts_it_loudly(journal: MemoryJournal, clock: SetClock) -> None:
    """The state is not known any more: whole batch unknown, the next one too, all else refused, and the
    one who supervises is told.
    """
    told: list[str] = []
    sequencer = Sequencer(Breaking(at=3), journal, clock, on_halt=told.append)
    await sequencer.submit(c.Tick())
    journal.gate.clear()
    first = sequencer.submit_batch([c.Tick()] * 4)
    await appends(journal, 2)
    second = sequencer.submit(c.Tick())
    journal.gate.set()
    await refused([first, second], OutcomeUnknown)
    with pytest.raises(Unavailable, match="a bug in matching"):
        sequencer.submit(c.Tick())
    assert sequencer.status.state is State.READ_ONLY
    assert sequencer.status.waiting == 0
    assert len(told) == 1
    assert "a bug in matching" in told[0]
    await sequencer.close()
    assert len(journal.frames) == 6


async def test_a_listener_that_raises_halts_it_too(journal: MemoryJournal, clock: SetClock) -> None:
    """Its view is wrong from then on, and nobody may be served from it."""
    sequencer = Sequencer(new_engine(), journal, clock)

    def raises(batch: Sequence[Applied]) -> None:
        raise KeyError(batch[0].sequence)

    sequencer.attach(raises)
    await refused([sequencer.submit(c.Tick())], OutcomeUnknown)
    assert sequencer.status.state is State.READ_ONLY
    await sequencer.close()


async def test_a_failed_disk_is_not_tried_again(
    sequencer: Sequencer, journal: MemoryJournal
) -> None:
    """After a failure nothing more reaches the journal, though it would work again."""
    journal.fail_with = OSError(5, "Input/output error")
    await refused([sequencer.submit(c.Tick())], OutcomeUnknown)
    journal.fail_with = None
    with pytest.raises(Unavailable, match="Input/output error"):
        sequencer.submit(c.Tick())
    assert journal.appends == 1
    assert journal.frames == []


async def test_it_begins_only_where_the_journal_ends(
    journal: MemoryJournal, clock: SetClock
) -> None:
    """An engine that stands elsewhere would give out sequences twice, or skip some."""
    engine = new_engine()
    engine.apply(1, START_MS, c.Tick())
    with pytest.raises(AssertionError, match="where the journal ends"):
        Sequencer(engine, journal, clock)


async def test_a_detached_listener_hears_nothing_more(sequencer: Sequencer) -> None:
    """Connections come and go."""
    heard: list[Applied] = []
    listener = heard.extend
    sequencer.attach(listener)
    await sequencer.submit(c.Tick())
    sequencer.detach(listener)
    await sequencer.submit(c.Tick())
    assert len(heard) == 1
