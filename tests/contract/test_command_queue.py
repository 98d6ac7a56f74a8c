"""What every CommandQueue and EventFeed does, in the engine's process or over a socket: the suite of
both ports, and what a socket adds (connections that are lost, clients that are slow).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cse.adapters.queue.client import SocketQueue
from cse.adapters.queue.server import QueueServer
from cse.core.errors import CodecError, OutcomeUnknown, Unavailable
from cse.engine.backend import new_engine, restore_engine
from cse.messages import commands as c
from cse.messages.batch import Outcome
from cse.messages.codec import decode_frames, encode_body, encode_frame
from cse.messages.events import AccountOpened, Applied, Rejected
from cse.messages.ports import CommandQueue, EventFeed, FrameQueue
from cse.messages.wire import Record, Side
from cse.sequencer.sequencer import Sequencer
from tests.simulation.flow import SetClock, commands, listing, order
from tests.simulation.memory import MemoryJournal
from tests.waiting import wait_until_async


@dataclass
class Venue:
    """An engine's process in small, and the queue under test in front of it."""

    sequencer: Sequencer
    journal: MemoryJournal
    queue: Sequencer | SocketQueue
    server: QueueServer | None = None
    address: str = ""


@pytest.fixture(params=["in process", "unix socket", "tcp socket"])
async def venue(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Venue]:
    journal = MemoryJournal()
    sequencer = Sequencer(new_engine(), journal, SetClock(), max_batch=64, max_waiting=200)
    if request.param == "in process":
        yield Venue(sequencer, journal, sequencer)
    else:
        server = QueueServer(sequencer)
        address = f"unix:{tmp_path}/engine.sock" if request.param[0] == "u" else "tcp:127.0.0.1:0"
        address = await server.start(address)
        client = await SocketQueue.open(address)
        yield Venue(sequencer, journal, client, server, address)
        await client.close()
        await server.close()
    journal.gate.set()
    await sequencer.close()


@dataclass
class Watcher:
    """A listener that keeps what it saw."""

    seen: list[Applied] = field(default_factory=list)
    images: list[list[Record]] = field(default_factory=list)

    def apply(self, batch: Sequence[Applied]) -> None:
        self.seen += batch

    def sequences(self) -> list[int]:
        return [applied.sequence for applied in self.seen]


def test_both_ports_are_kept() -> None:
    """The type checker holds the signatures; this says for whom."""
    queues: list[type[CommandQueue]] = [Sequencer, SocketQueue]
    frames: list[type[FrameQueue]] = [Sequencer, SocketQueue]
    feeds: list[type[EventFeed]] = [Sequencer, SocketQueue]
    assert len(queues) == len(frames) == len(feeds) == 2


async def test_an_answer_is_what_was_applied_and_journaled(venue: Venue) -> None:
    """Sequence, command and events come back, and the journal holds the same command by then."""
    for number, command in enumerate(commands(seed=1, count=80), start=1):
        applied = await venue.queue.submit(command)
        assert (applied.sequence, applied.command) == (number, command)
        assert venue.journal.frames[number - 1].message == command
    assert venue.sequencer.status.sequence == 80


async def test_a_refusal_is_an_answer(venue: Venue) -> None:
    """The engine's no is an event like others."""
    applied = await venue.queue.submit(order(7, Side.BUY, 100))
    assert [type(event) for event in applied.events] == [Rejected]


async def test_a_batch_gets_numbers_in_a_row(venue: Venue) -> None:
    """Also while others hand in commands at the same time."""
    batches = [venue.queue.submit_batch(listing()[:20]) for _ in range(3)]
    singles = [venue.queue.submit(c.OpenAccount(5_000 + i, 0)) for i in range(5)]
    for answer in await asyncio.gather(*batches):
        first = answer[0].sequence
        assert [applied.sequence for applied in answer] == [*range(first, first + 20)]
        assert [applied.command for applied in answer] == listing()[:20]
    for i, applied in enumerate(await asyncio.gather(*singles)):
        assert applied.command == c.OpenAccount(5_000 + i, 0)
    assert len(venue.journal.frames) == 65


async def test_listeners_see_everything_in_order_before_the_answer(venue: Venue) -> None:
    """Each answer finds its own command as seen already; nothing is missing, nothing comes twice."""
    watcher = Watcher()
    assert list(venue.queue.attach(watcher.apply)) == list(new_engine().records())
    seen_at_answer = []

    async def one(account_id: int) -> None:
        applied = await venue.queue.submit(c.OpenAccount(account_id, 0))
        seen_at_answer.append((applied.sequence, watcher.seen[-1].sequence))

    await asyncio.gather(*(one(2_000 + i) for i in range(100)))
    assert watcher.sequences() == [*range(1, 101)]
    assert all(own <= last for own, last in seen_at_answer)
    assert all(type(applied.events[0]) in {AccountOpened, Rejected} for applied in watcher.seen)


async def test_the_image_and_what_follows_add_up_to_the_engine(venue: Venue) -> None:
    """An engine restored from the image that applies what the listener saw has the same state hash."""
    flow = commands(seed=9, count=300)
    for command in flow[:150]:
        await venue.sequencer.submit(command)
    late: Sequencer | SocketQueue = venue.queue
    if venue.server is not None:
        late = await SocketQueue.open(venue.address)
    watcher = Watcher()
    replica = restore_engine(late.attach(watcher.apply))
    for command in flow[150:]:
        await venue.sequencer.submit(command)
    await wait_until_async(lambda: len(watcher.seen) == 150, what="all events")
    for applied in watcher.seen:
        assert replica.apply(applied.sequence, applied.time_ms, applied.command) == applied.events
    assert replica.state_hash() == venue.sequencer.state_hash()
    if isinstance(late, SocketQueue):
        await late.close()


async def test_what_does_not_fit_the_codec_is_refused_at_once(venue: Venue) -> None:
    """Nothing of it is accepted, and what is handed in with others does not harm them."""
    good = venue.queue.submit(c.OpenAccount(1_000, 0))
    for bad in (c.OpenAccount(-1, 0), c.OpenAccount(1_000, 256)):
        with pytest.raises(CodecError):
            await venue.queue.submit(bad)
        with pytest.raises(CodecError):
            await venue.queue.submit_batch([c.OpenAccount(2_000, 0), bad])
    with pytest.raises(CodecError):
        await venue.queue.submit_batch([])
    with pytest.raises(CodecError):
        await venue.queue.submit_batch([c.Tick()] * 65)
    assert (await good).sequence == 1
    assert encode_body(venue.journal.frames[0].message) == encode_body(c.OpenAccount(1_000, 0))
    assert len(venue.journal.frames) == 1


async def handed_in(venue: Venue, frames: bytes) -> Outcome:
    """A batch over a socket is too large for the engine at the other end only: the answer says so."""
    answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    venue.queue.submit_frames(frames, answer)
    return await answer


async def test_frames_are_answered_as_objects_are(venue: Venue) -> None:
    """What is handed in as frames comes back as frames and as objects, and listeners saw it before."""
    watcher = Watcher()
    list(venue.queue.attach(watcher.apply))
    row = commands(seed=2, count=60)
    answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    assert venue.queue.submit_frames(b"".join(map(encode_frame, row)), answer) == 60
    outcome = await answer
    assert watcher.seen == list(outcome)
    assert (outcome.first_sequence, len(outcome)) == (1, 60)
    assert [applied.command for applied in outcome] == row
    engine = new_engine()
    for applied in outcome:
        assert engine.apply(applied.sequence, applied.time_ms, applied.command) == applied.events
    frames = list(decode_frames(outcome.events))
    assert [f.message for f in frames] == [e for applied in outcome for e in applied.events]
    assert {f.time_ms for f in frames} == {outcome.time_ms}


async def test_frames_that_are_no_commands_are_refused_whole(venue: Venue) -> None:
    """Nothing of them is journaled, and the queue goes on."""
    good = encode_frame(c.Tick())
    bad = [
        b"",
        good[:-1],
        good + b"\0",
        good + encode_frame(AccountOpened(1_000, 0)),
        good + encode_frame(c.Tick(), sequence=7),
        good + encode_frame(c.Tick(), time_ms=7),
        good + encode_frame(c.Tick(), index=7),
        good * 65,
    ]
    for frames in bad:
        with pytest.raises(CodecError):
            await handed_in(venue, frames)
    assert (await venue.queue.submit(c.Tick())).sequence == 1
    assert len(venue.journal.frames) == 1


async def test_a_waiter_that_gave_up_disturbs_nobody(venue: Venue) -> None:
    """The command of a cancelled waiter is applied all the same, and the others get their answers."""
    venue.journal.gate.clear()
    answers = [
        asyncio.ensure_future(venue.queue.submit(c.OpenAccount(i, 0))) for i in range(2_000, 2_010)
    ]
    await wait_until_async(lambda: venue.sequencer.status.waiting == 10, what="all handed in")
    for answer in answers[::2]:
        answer.cancel()
    venue.journal.gate.set()
    kept = await asyncio.gather(*answers[1::2])
    assert [applied.sequence for applied in kept] == [2, 4, 6, 8, 10]
    assert all(answer.cancelled() for answer in answers[::2])
    assert venue.sequencer.status.waiting == 0


async def test_a_full_queue_refuses(venue: Venue) -> None:
    """More than may wait is Unavailable, and taken again as soon as there is room."""
    venue.journal.gate.clear()
    waiting = [venue.queue.submit_batch([c.Tick()] * 50) for _ in range(4)]
    await wait_until_async(lambda: venue.sequencer.status.waiting == 200, what="a full queue")
    with pytest.raises(Unavailable, match="waiting"):
        await venue.queue.submit(c.Tick())
    venue.journal.gate.set()
    await asyncio.gather(*waiting)
    assert (await venue.queue.submit(c.Tick())).sequence == 201


async def test_a_failing_disk_makes_it_read_only(venue: Venue) -> None:
    """What was given to the disk is unknown, what only gathered is refused, and so is all that follows;
    the state still can be read.
    """
    await venue.queue.submit(c.OpenAccount(1_000, 0))
    venue.journal.gate.clear()
    venue.journal.fail_with = OSError(28, "No space left on device")
    given = asyncio.ensure_future(venue.queue.submit(c.OpenAccount(1_001, 0)))
    await wait_until_async(lambda: venue.sequencer.status.waiting == 1, what="the first")
    await wait_until_async(lambda: venue.journal.appends == 2, what="the append")
    gathered = asyncio.ensure_future(venue.queue.submit(c.OpenAccount(1_002, 0)))
    await wait_until_async(lambda: venue.sequencer.status.waiting == 2, what="the second")
    venue.journal.gate.set()
    with pytest.raises(OutcomeUnknown, match="No space left"):
        await given
    with pytest.raises(Unavailable, match="No space left"):
        await gathered
    with pytest.raises(Unavailable, match="No space left"):
        await venue.queue.submit(c.OpenAccount(1_003, 0))
    assert venue.sequencer.status.state == "read_only"
    assert len(venue.journal.frames) == venue.sequencer.status.sequence == 1
