"""Clients that send nonsense, too much, or nothing at all: each is told by name and closed, nobody else is harmed.

After every attack an honest client still trades on the same exchange.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import session as s
from cse.messages.codec import HEADER, encode_frame
from cse.messages.session import SessionError
from cse.messages.wire import Command
from tests.integration.entry.world import ANN, BOB, Venue, order, sell, venue
from tests.waiting import wait_until_async

pytestmark = pytest.mark.usefixtures("engine")
LARGEST = 117_000


@asynccontextmanager
async def attacked(folder: Path, **options: Any) -> AsyncIterator[Venue]:
    """A venue where Bob trades before and after whatever a test does."""
    async with venue(folder, **options) as v:
        bob = v.client(BOB)
        await bob.connect()
        await bob.place(order(BOB))
        yield v
        assert isinstance((await bob.place(order(BOB))).events[0], e.OrderAccepted)
        assert bob.refusal is None


def header(number: int, length: int, version: int = 1, index: int = 0) -> bytes:
    return HEADER.pack(length, version, number, index, 1, 0)


STREAMS: dict[str, tuple[bytes, SessionError]] = {
    "text": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", SessionError.MALFORMED_FRAME),
    "zeros": (bytes(1_000), SessionError.MALFORMED_FRAME),
    "another version": (header(193, 157, version=2), SessionError.MALFORMED_FRAME),
    "an unknown type": (header(250, 157), SessionError.UNEXPECTED_MESSAGE),
    "a bare command": (encode_frame(c.CancelAll(ANN, 0)), SessionError.UNEXPECTED_MESSAGE),
    "an event": (encode_frame(c.Tick()), SessionError.UNEXPECTED_MESSAGE),
    "a server's message": (encode_frame(s.Executions(0, 0)), SessionError.UNEXPECTED_MESSAGE),
    "a wrong length": (header(193, 158), SessionError.MALFORMED_FRAME),
    "a huge length": (header(196, 2**32 - 1), SessionError.MALFORMED_FRAME),
    "an index": (header(196, 30, index=1), SessionError.MALFORMED_FRAME),
    "a huge size": (encode_frame(s.Submit(1, LARGEST + 1), 1), SessionError.FRAME_TOO_LARGE),
    "a foreign flag": (
        header(193, 153) + bytes(60) + b"\x02" + bytes(68),
        SessionError.MALFORMED_FRAME,
    ),
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("logged_in", [False, True])
async def test_nonsense_is_named_and_closed(tmp_path: Path, name: str, *, logged_in: bool) -> None:
    """Before the log-in and after it: a typed refusal, then the end of this connection alone."""
    data, code = STREAMS[name]
    async with attacked(tmp_path) as v:
        raw = await (v.logged_in(ANN) if logged_in else v.raw())
        raw.send(data)
        refused = await raw.refusal()
        assert (refused.code, refused.closes) == (code, True)
        await raw.ended()


@pytest.mark.parametrize(
    "message", [s.Heartbeat(0), s.Submit(1, 76), s.Resend(1), s.Logout()], ids=repr
)
async def test_nothing_is_done_before_the_login(tmp_path: Path, message: s.SessionMessage) -> None:
    """Every message but Login: NOT_LOGGED_IN."""
    async with attacked(tmp_path) as v:
        raw = await v.raw()
        raw.send(encode_frame(message, 1) + encode_frame(c.CancelOrder(ANN, 1, "")))
        assert (await raw.refusal()).code is SessionError.NOT_LOGGED_IN
        await raw.ended()


async def test_a_second_login_is_refused(tmp_path: Path) -> None:
    """One session per connection."""
    async with attacked(tmp_path) as v:
        raw = await v.logged_in(ANN)
        raw.send(raw.login(*v.keys.issue(ANN)))
        assert (await raw.refusal()).code is SessionError.UNEXPECTED_MESSAGE


async def test_whoever_does_not_log_in_is_closed(tmp_path: Path) -> None:
    """Silence from the beginning."""
    async with attacked(tmp_path) as v:
        raw = await v.raw()
        (silent,) = [each for each in v.desk._connections if each.session is None]
        silent._opened_at -= 60
        assert (await raw.refusal()).code is SessionError.LOGIN_TIMEOUT
        await raw.ended()


@pytest.mark.parametrize("cut", [1, 23, 24, 29, 30, 80])
async def test_half_a_message_is_not_waited_for(tmp_path: Path, cut: int) -> None:
    """A Submit cut anywhere and then silence, in spite of a heartbeat of a minute."""
    async with attacked(tmp_path, frame_timeout_ms=50) as v:
        raw = await v.logged_in(ANN)
        frames = encode_frame(order(ANN))
        whole = encode_frame(s.Submit(1, len(frames)), 1) + frames
        raw.send(whole[:cut])
        assert (await raw.refusal()).code is SessionError.INCOMPLETE_FRAME
        await raw.ended()


async def test_a_message_may_come_byte_by_byte(tmp_path: Path) -> None:
    """How the network cuts it does not matter."""
    async with attacked(tmp_path) as v:
        raw = await v.logged_in(ANN)
        frames = encode_frame(order(ANN))
        for byte in encode_frame(s.Submit(1, len(frames)), 1) + frames:
            raw.send(bytes([byte]))
            await asyncio.sleep(0)
        assert isinstance(await raw.take(), s.Answer)


@pytest.mark.parametrize(
    ("count", "commands", "code"),
    [
        (0, [], SessionError.INVALID_COUNT),
        (1_001, [c.CancelAll(ANN, 1)] * 1_001, SessionError.INVALID_COUNT),
        (65_535, [c.CancelAll(ANN, 1)], SessionError.INVALID_COUNT),
        (2, [c.CancelAll(ANN, 1)], SessionError.INVALID_COUNT),
        (1, [c.Tick()], SessionError.COMMAND_NOT_ALLOWED),
        (1, [c.CreditDeposit(ANN, 1, 10**12, bytes(16))], SessionError.COMMAND_NOT_ALLOWED),
        (1, [c.Transfer(BOB, ANN, 1, 10**12, bytes(16))], SessionError.COMMAND_NOT_ALLOWED),
        (1, [c.OpenAccount(ANN, 0)], SessionError.COMMAND_NOT_ALLOWED),
        (1, [c.CancelAll(BOB, 0)], SessionError.FOREIGN_ACCOUNT),
        (1, [c.CancelAll(0, 0)], SessionError.FOREIGN_ACCOUNT),
    ],
)
async def test_bad_batches_are_refused_and_the_session_goes_on(
    tmp_path: Path, count: int, commands: list[Command], code: SessionError
) -> None:
    """Counts that lie, commands that are not for sessions, other people's accounts; nothing is journaled."""
    async with attacked(tmp_path, order_burst=100_000) as v:
        raw = await v.logged_in(ANN)
        before = v.journal.last_sequence
        frames = b"".join(map(encode_frame, commands))
        raw.send(encode_frame(s.Submit(count, len(frames)), 1) + frames)
        refused = await raw.refusal()
        assert (refused.code, refused.closes, refused.submit) == (code, False, 1)
        assert v.journal.last_sequence == before
        raw.submit(2, order(ANN))
        assert isinstance(await raw.take(), s.Answer)


@pytest.mark.parametrize("at", [4, 5, 6, 8, 16, 36, 37, 38, 39, 40, 81, 116])
async def test_broken_commands_are_refused(tmp_path: Path, at: int) -> None:
    """One byte of an order made foreign: version, type, numbers, enums, flag, text."""
    async with attacked(tmp_path) as v:
        raw = await v.logged_in(ANN)
        frame = bytearray(encode_frame(order(ANN, name="x")))
        frame[at] = 0xEE
        raw.send(encode_frame(s.Submit(1, len(frame)), 1) + frame)
        refused = await raw.refusal()
        assert refused.code in {SessionError.INVALID_COMMAND, SessionError.COMMAND_NOT_ALLOWED}
        assert not refused.closes


@pytest.mark.parametrize("number", [0, 2, 7, 2**64 - 1])
async def test_a_wrong_number_ends_the_connection(tmp_path: Path, number: int) -> None:
    """A gap is a bug of the client: told what was expected, and closed. The session can be gone on with."""
    async with attacked(tmp_path) as v:
        raw = await v.logged_in(ANN)
        raw.submit(number, order(ANN))
        refused = await raw.refusal()
        assert (refused.code, refused.closes, refused.place) == (
            SessionError.SEQUENCE_GAP,
            True,
            1,
        )
        await raw.ended()


async def test_a_flood_of_small_messages_is_ended(tmp_path: Path) -> None:
    """Thousands of heartbeats, or asking for everything again and again."""
    async with attacked(tmp_path) as v:
        for message in (s.Heartbeat(0), s.Resend(1)):
            raw = await v.logged_in(ANN)
            raw.send(encode_frame(message) * 5_000)
            while not isinstance(said := await raw.take(), s.Refused):
                continue
            assert said.code is SessionError.TOO_MANY_MESSAGES
            await raw.ended()


async def test_a_flood_of_orders_is_slowed_not_refused(tmp_path: Path) -> None:
    """More Submits than may be under way: reading pauses, all are answered in turn, memory is bounded."""
    async with attacked(tmp_path, max_in_flight=4) as v:
        raw = await v.logged_in(ANN)
        v.journal.gate.clear()
        for number in range(1, 301):
            raw.submit(number, *[order(ANN)] * 10)
        await wait_until_async(lambda: v.sequencer.status.waiting >= 40, what="four to be taken")
        assert v.sequencer.status.waiting <= 40 + 1
        v.journal.gate.set()
        for number in range(1, 301):
            answer = await raw.take()
            assert isinstance(answer, s.Answer)
            assert answer.submit == number


async def test_a_flood_leaves_room_for_others(tmp_path: Path) -> None:
    """All sessions together may have so many commands under way; then none is read, and none is refused."""
    async with attacked(tmp_path, max_under_way=100) as v:
        flood = [await v.logged_in(ANN) for _ in range(3)]
        v.journal.gate.clear()
        for raw in flood:
            for number in range(1, 11):
                raw.submit(number, *[c.CancelOrder(ANN, 10**9, "")] * 50)
        await wait_until_async(lambda: v.sequencer.status.waiting >= 100, what="the flood")
        assert v.sequencer.status.waiting <= 100 + 50
        elsewhere = v.sequencer.submit(c.CancelAll(BOB, 0))  # REST, say
        v.journal.gate.set()
        await elsewhere
        for raw in flood:
            for number in range(1, 11):
                answer = await raw.take()
                while isinstance(answer, s.Executions):
                    answer = await raw.take()
                assert isinstance(answer, s.Answer)
                assert answer.submit == number


async def test_floods_take_turns_with_others(tmp_path: Path) -> None:
    """Two sessions fill all the room again and again; a third one's order is taken after one Submit of each."""
    async with attacked(tmp_path, max_under_way=100) as v:
        floods = [await v.logged_in(ANN) for _ in range(2)]
        modest = await v.logged_in(BOB)
        v.journal.gate.clear()
        for raw in floods:
            for number in range(1, 101):
                raw.submit(number, *[c.CancelOrder(ANN, 10**9, "")] * 50)
        await wait_until_async(lambda: v.sequencer.status.waiting >= 100, what="the flood")
        modest.submit(1, c.CancelOrder(BOB, 10**9, ""))
        await wait_until_async(lambda: len(v.desk.submits._starved) == 3, what="all to wait")
        v.journal.gate.set()
        assert isinstance(await modest.take(), s.Answer)
        taken = [frame.message for frame in v.journal.frames]
        before = taken.index(c.CancelOrder(BOB, 10**9, ""))
        assert before < 20 * 50, "it did not wait for the floods to end"
        for raw in floods:
            raw.drop()


async def test_who_does_not_read_is_slowed_then_dropped(tmp_path: Path) -> None:
    """Answers pile up unread: the connection is not read any more and then ended; others never wait."""
    async with attacked(tmp_path, write_timeout_ms=300, order_burst=10**6) as v:
        raw = await v.logged_in(ANN)
        raw.reader._limit = 1  # asyncio's own reading stops at once
        for number in range(1, 3_000):
            raw.submit(number, *[c.CancelOrder(ANN, 10**9, "")] * 100)
            if number % 50 == 0:
                await asyncio.sleep(0)
        await wait_until_async(lambda: v.desk.connections == 1, 60, "the slow client to be dropped")
        assert len(v.desk.sessions) == 2  # its session can be gone on with


async def test_who_only_listens_and_does_not_read_is_dropped(tmp_path: Path) -> None:
    """Executions that nobody reads are bounded in bytes."""
    limits = {"orders_per_second": 10**9, "order_burst": 10**9}
    async with attacked(tmp_path, max_unsent_bytes=20_000, write_timeout_ms=60_000, **limits) as v:
        deaf = await v.logged_in(ANN)
        deaf.reader._limit = 1
        other = v.client(ANN)
        await other.connect()

        async def dropped() -> bool:
            await other.submit([order(ANN), c.CancelAll(ANN, 0)] * 500)
            return v.desk.connections == 2

        await wait_until_async(dropped, 60, "the deaf client to be dropped")


async def test_connections_are_limited(tmp_path: Path) -> None:
    """Over the limit of an address or of all: told and closed; a place that becomes free can be had."""
    async with attacked(tmp_path, max_connections_per_address=3) as v:
        first, _ = await v.raw(), await v.raw()
        extra = await v.raw()
        assert (await extra.refusal()).code is SessionError.TOO_MANY_CONNECTIONS
        await extra.ended()
        first.drop()
        await wait_until_async(lambda: v.desk.connections == 2, what="the place to become free")
        local = v.client(ANN, v.unix)
        await local.connect()  # a Unix socket has no address
        again = await v.logged_in(ANN)
        again.submit(1, order(ANN))
        assert isinstance(await again.take(), s.Answer)


async def test_all_connections_together_are_limited(tmp_path: Path) -> None:
    """The cap of the whole exchange holds for Unix sockets too."""
    async with attacked(tmp_path, max_connections=2) as v:
        await v.raw()
        extra = await v.raw()
        assert (await extra.refusal()).code is SessionError.TOO_MANY_CONNECTIONS


async def test_guessing_signatures_is_slowed(tmp_path: Path) -> None:
    """Log-ins of an address are counted; over the rate no key is looked up."""
    async with attacked(tmp_path, logins_per_minute=5) as v:
        codes = []
        for _ in range(6):
            raw = await v.raw()
            key_id, _ = v.keys.issue(ANN)
            _, wrong = v.keys.issue(BOB)
            raw.send(raw.login(key_id, wrong))
            codes.append((await raw.refusal()).code)
        assert codes == [SessionError.NOT_AUTHENTICATED] * 4 + [SessionError.TOO_MANY_LOGINS] * 2
        assert v.keys.asked == 5


async def test_a_login_and_what_follows_may_come_at_once(tmp_path: Path) -> None:
    """What is sent behind the log-in waits until that is verified."""
    async with attacked(tmp_path) as v:
        raw = await v.raw()
        frames = encode_frame(order(ANN))
        submit = encode_frame(s.Submit(1, len(frames)), 1) + frames
        raw.send(raw.login(*v.keys.issue(ANN)) + submit + submit[: len(submit) // 2])
        raw.send(b"")
        assert isinstance(await raw.take(), s.LoggedIn)
        assert isinstance(await raw.take(), s.Answer)


async def test_hanging_up_at_any_moment_harms_nobody(tmp_path: Path) -> None:
    """Reset before, during and after the log-in, and with answers under way."""
    async with attacked(tmp_path) as v:
        for stage in range(6):
            raw = await v.raw()
            if stage >= 1:
                raw.send(raw.login(*v.keys.issue(ANN)))
            if stage >= 2:
                await raw.take()
            if stage >= 3:
                raw.submit(1, sell(ANN))
            if stage >= 4:
                raw.send(struct.pack("<I", 30))
            if stage >= 5:
                await raw.take()
            raw.drop()
        await wait_until_async(lambda: v.desk.connections == 1, what="all to be gone")
