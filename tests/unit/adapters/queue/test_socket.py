"""What a socket adds to the queue's contract: lost connections, engines that come back, clients that are
slow or speak nonsense. The contract itself is in tests/contract/test_command_queue.py.
"""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cse.adapters.queue.address import BadAddress, TcpAddress, UnixAddress, parse_address
from cse.adapters.queue.client import SocketQueue
from cse.adapters.queue.server import QueueServer
from cse.adapters.queue.wire import HEADER, Envelope, Kind, decode_refused, encode_hello, envelope
from cse.core.errors import CodecError, OutcomeUnknown, Unavailable
from cse.engine.backend import Engine, new_engine, restore_engine
from cse.messages import commands as c
from cse.messages.events import Applied
from cse.messages.wire import Record
from cse.sequencer.sequencer import Sequencer
from tests.simulation.flow import SetClock, commands
from tests.simulation.memory import MemoryJournal
from tests.waiting import wait_until_async


class EngineProcess:
    """An engine's process in small; it can die and come back on the same journal and socket."""

    def __init__(self, address: str, max_unsent: int) -> None:
        self.address = address
        self.journal = MemoryJournal()
        self._max_unsent = max_unsent

    async def start(self) -> None:
        engine = new_engine()
        for message, _, sequence, time_ms in self.journal.frames:
            engine.apply(sequence, time_ms, message)  # type: ignore[arg-type]  # a journal holds commands
        self.sequencer = Sequencer(engine, self.journal, SetClock())
        self.server = QueueServer(self.sequencer, max_unsent=self._max_unsent)
        self.address = await self.server.start(self.address)

    async def stop(self) -> None:
        """The connections go first, as when a process dies; then what hangs is let go."""
        await self.server.close()
        self.journal.gate.set()
        await self.sequencer.close()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EngineProcess]:
    engine = EngineProcess(f"unix:{tmp_path}/engine.sock", max_unsent=300_000)
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
async def client(engine: EngineProcess) -> AsyncIterator[SocketQueue]:
    client = await SocketQueue.open(engine.address)
    yield client
    await client.close()


@dataclass
class Replica:
    """A gateway's view: a state that is loaded and then kept up to date."""

    engine: Engine = field(default_factory=new_engine)
    loads: int = 0

    def load(self, records: Sequence[Record]) -> None:
        self.engine = restore_engine(records)
        self.loads += 1

    def apply(self, batch: Sequence[Applied]) -> None:
        for applied in batch:
            events = self.engine.apply(applied.sequence, applied.time_ms, applied.command)
            assert events == applied.events


async def test_an_engine_that_hangs_is_an_engine_that_is_lost(engine: EngineProcess) -> None:
    """A command that nobody answers is unknown after a while, not waited for without end; when the engine
    goes on, so does the client, with the whole state.
    """
    client = await SocketQueue.open(engine.address, answer_s=0.05)
    replica = Replica()
    replica.load(list(client.attach(replica.apply, reattach=lambda r: replica.load(list(r)))))
    engine.journal.gate.clear()
    with pytest.raises(OutcomeUnknown, match="does not answer"):
        await client.submit(c.Tick())
    engine.journal.gate.set()
    await wait_until_async(
        lambda: client.connected and replica.engine.sequence == 1, what="the client to be back"
    )
    patient = await SocketQueue.open(
        engine.address
    )  # who is hasty may take a slow machine for lost
    assert (await patient.submit(c.Tick())).sequence == 2
    await wait_until_async(lambda: replica.engine.sequence == 2, what="word of the other's command")
    assert replica.loads == 2
    await patient.close()
    await client.close()


async def test_a_lost_connection_makes_unknown_and_the_next_one_makes_whole(
    engine: EngineProcess, client: SocketQueue
) -> None:
    """What was under way is unknown, new commands are refused while nobody answers, and after the engine
    is back the listener has the whole state again, what was unknown included.
    """
    replica = Replica()
    replica.load(list(client.attach(replica.apply, reattach=lambda r: replica.load(list(r)))))
    flow = commands(seed=2, count=400)
    for command in flow[:200]:
        await client.submit(command)
    engine.journal.gate.clear()
    under_way = [asyncio.ensure_future(client.submit(command)) for command in flow[200:210]]
    await wait_until_async(lambda: engine.sequencer.status.waiting == 10, what="all handed in")
    await engine.stop()
    for answer in under_way:
        with pytest.raises(OutcomeUnknown, match="connection"):
            await answer
    with pytest.raises(Unavailable):
        await client.submit(flow[210])
    assert not client.connected
    await engine.start()
    await wait_until_async(lambda: client.connected, what="the client to be back")
    assert replica.loads == 2
    assert replica.engine.sequence == engine.sequencer.status.sequence == 210
    for command in flow[210:]:
        await client.submit(command)
    assert replica.engine.state_hash() == engine.sequencer.state_hash()


async def test_a_listener_that_cannot_start_over_ends_the_queue(
    engine: EngineProcess, client: SocketQueue
) -> None:
    """It would go on with a gap in what it saw; better nothing at all."""
    client.attach(lambda _: None)
    await client.submit(c.Tick())
    await engine.stop()
    await engine.start()
    await wait_until_async(lambda: "for good" in client.reason, what="the queue to give up")
    with pytest.raises(Unavailable, match="for good"):
        await client.submit(c.Tick())


async def test_attaching_late_is_refused(client: SocketQueue) -> None:
    """The image is that of the connection's beginning; events have been flowing since."""
    await client.submit(c.Tick())
    with pytest.raises(Unavailable, match="attach before"):
        client.attach(lambda _: None)


async def test_several_listeners_share_one_image(
    engine: EngineProcess, client: SocketQueue
) -> None:
    """Attached in one go they all begin at the same place, though commands are applied meanwhile."""
    await engine.sequencer.submit(c.OpenAccount(1_000, 0))
    one, two = Replica(), Replica()
    for replica in (one, two):
        replica.load(list(client.attach(replica.apply)))
    assert one.engine.sequence == two.engine.sequence == 0
    await client.submit(c.OpenAccount(1_001, 0))
    assert one.engine.sequence == two.engine.sequence == 2
    assert one.engine.state_hash() == engine.sequencer.state_hash()


async def test_a_listener_that_raises_starts_over(client: SocketQueue) -> None:
    """Its view may be wrong, so the connection is dropped and it gets the whole state anew."""
    fresh: list[int] = []
    broken = True

    def listener(_: Sequence[Applied]) -> None:
        if broken:
            raise ValueError("cannot")

    client.attach(listener, reattach=lambda records: fresh.append(len(list(records))))
    with pytest.raises(OutcomeUnknown):
        await client.submit(c.Tick())
    broken = False
    await wait_until_async(lambda: client.connected, what="the client to be back")
    assert len(fresh) == 1
    assert (await client.submit(c.Tick())).sequence == 2


class Broken:
    """A waiter with a bug: it raises whatever it is told."""

    told = 0

    def done(self) -> bool:
        return False

    def set_result(self, _: object, /) -> None:
        self.told += 1
        raise ZeroDivisionError("a bug in a waiter")

    def set_exception(self, _: BaseException, /) -> None:
        self.told += 1
        raise ZeroDivisionError("a bug in a waiter")


async def test_a_waiter_that_raises_costs_nobody_the_connection(client: SocketQueue) -> None:
    """Those behind it are answered over the same connection."""
    broken = Broken()
    client.submit_to(broken, [c.Tick()])
    assert (await client.submit(c.Tick())).sequence == 2
    assert broken.told == 2, "first the answer, then that it is lost"
    assert (await client.submit(c.Tick())).sequence == 3


async def test_a_waiter_that_raises_does_not_end_the_queue(
    engine: EngineProcess, client: SocketQueue
) -> None:
    """When the connection is lost the others are told so, and a new one is made."""
    engine.journal.gate.clear()
    client.submit_to(Broken(), [c.Tick()])
    behind = client.submit(c.Tick())
    await wait_until_async(lambda: engine.sequencer.status.waiting == 2, what="both handed in")
    await engine.stop()
    with pytest.raises(OutcomeUnknown, match="connection"):
        await behind
    await engine.start()
    await wait_until_async(lambda: client.connected, what="the client to be back")
    assert (await client.submit(c.Tick())).sequence == 3


async def test_nobody_listening_is_said_so(tmp_path: Path) -> None:
    """With the address and the system's reason."""
    with pytest.raises(Unavailable, match=r"no engine at unix:.*nobody\.sock"):
        await SocketQueue.open(f"unix:{tmp_path}/nobody.sock", timeout_s=0.1)


async def test_only_our_own_user_can_open_the_socket(engine: EngineProcess) -> None:
    """It takes commands for any account: the file's mode is the only door."""
    path = Path(engine.address.removeprefix("unix:"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await engine.stop()
    assert not path.exists()
    await engine.start()


async def test_a_socket_file_of_a_dead_engine_is_replaced(tmp_path: Path) -> None:
    """Kill -9 leaves it behind."""
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    engine = EngineProcess(f"unix:{path}", max_unsent=10**6)
    await engine.start()
    client = await SocketQueue.open(engine.address)
    assert (await client.submit(c.Tick())).sequence == 1
    await client.close()
    await engine.stop()


@dataclass
class Raw:
    """A connection without a client: it says what a test wants and reads when a test wants."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def message(self) -> Envelope:
        length, kind, number = HEADER.unpack(await self.reader.readexactly(HEADER.size))
        return Envelope(kind, number, await self.reader.readexactly(length - HEADER.size))

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


@pytest.fixture
async def raw(engine: EngineProcess) -> AsyncIterator[Raw]:
    path = engine.address.removeprefix("unix:")
    raw = Raw(*await asyncio.open_unix_connection(path))
    yield raw
    await raw.close()


async def test_a_client_that_does_not_read_is_disconnected(engine: EngineProcess, raw: Raw) -> None:
    """Once more than the limit has piled up for it; the engine and other clients do not wait for it."""
    raw.writer.write(encode_hello())
    await wait_until_async(lambda: engine.server.connections == 1, what="the connection")
    quick = await SocketQueue.open(engine.address)
    sent = 0
    while engine.server.connections == 2:
        await quick.submit_batch([c.OpenAccount(10_000 + sent + i, 0) for i in range(500)])
        sent += 500
        assert sent < 100_000, "nobody disconnects it"
    assert engine.server.connections == 1
    assert (await quick.submit(c.Tick())).sequence == sent + 1
    await quick.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        lambda: envelope(Kind.SUBMIT, 1),
        lambda: envelope(Kind.HELLO, 99, b"\x01"),
        lambda: envelope(Kind.HELLO, 1, b"\x63"),
        lambda: encode_hello() + envelope(Kind.READY, 0),
        lambda: HEADER.pack(3, Kind.HELLO, 1),
    ],
    ids=["http", "no hello", "protocol", "codec", "not a client's", "length"],
)
async def test_nonsense_is_answered_with_a_reason_and_the_door(
    raw: Raw, nonsense: Callable[[], bytes]
) -> None:
    """The connection ends; the engine goes on."""
    raw.writer.write(nonsense())
    while (message := await raw.message()).kind in {Kind.IMAGE, Kind.READY}:
        continue
    assert message.kind == Kind.REFUSED
    assert isinstance(decode_refused(message.payload), CodecError)
    assert await raw.reader.read() == b""


async def test_commands_that_do_not_decode_are_refused_and_others_taken(raw: Raw) -> None:
    """A wrong frame costs its sender an error, not the connection."""
    raw.writer.write(encode_hello() + envelope(Kind.SUBMIT, 7, b"not a frame"))
    kinds = [await raw.message() for _ in range(3)]
    refused = next(message for message in kinds if message.kind == Kind.REFUSED)
    assert refused.number == 7
    assert isinstance(decode_refused(refused.payload), CodecError)


def test_addresses() -> None:
    """What names a socket and what does not."""
    assert parse_address("unix:/run/engine.sock") == UnixAddress(Path("/run/engine.sock"))
    assert parse_address("tcp:127.0.0.1:4000") == TcpAddress("127.0.0.1", 4_000)
    assert parse_address("tcp:[::1]:4000") == TcpAddress("::1", 4_000)
    for text in ("", "unix:", "tcp:4000", "tcp:host:", "tcp:host:x", "tcp:host:70000", "http://x"):
        with pytest.raises(BadAddress):
            parse_address(text)
