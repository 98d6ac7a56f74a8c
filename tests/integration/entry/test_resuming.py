"""What a client gets back after its connection is lost: numbers, resent messages, cancel on disconnect."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cse.client import ConnectionLost, LoginFailed, OrderEntryClient, SubmitRefused
from cse.messages import events as e
from cse.messages import session as s
from cse.messages.commands import CancelAll
from cse.messages.session import SessionError
from cse.messages.wire import CloseReason
from tests.integration.entry.world import ANN, BOB, order, sell, venue
from tests.waiting import wait_until_async

pytestmark = pytest.mark.usefixtures("engine")
LONG_MS = 600_000


async def test_what_was_missed_is_sent_again(tmp_path: Path) -> None:
    """Fills that came while nobody was connected arrive after resuming, once, with their numbers going on."""
    async with venue(tmp_path) as v:
        ann, bob = v.client(ANN), v.client(BOB)
        await ann.connect()
        await bob.connect()
        await ann.place(sell(ANN, quantity=3_000))
        ann.abort()
        takes = [await bob.place(order(BOB, quantity=1_000)) for _ in range(2)]
        resumed = await ann.resume()
        assert (resumed.answers, resumed.complete) == ({}, True)
        heard = ann.executions()
        missed = [await anext(heard), await anext(heard)]
        assert [x.sequence for x in missed] == [take.sequence for take in takes]
        last = await bob.place(order(BOB, quantity=1_000))
        assert (await anext(heard)).sequence == last.sequence


async def test_an_answer_that_was_lost_is_given_later(tmp_path: Path) -> None:
    """The connection dies between Submit and Answer: the command is done once, and resuming tells its result."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        v.journal.gate.clear()
        placing = asyncio.create_task(client.place(order(ANN, name="once")))
        await wait_until_async(lambda: v.journal.appends > 1, what="the journal to be asked")
        client.abort()
        with pytest.raises(ConnectionLost):
            await placing
        v.journal.gate.set()
        resumed = await client.resume()
        (results,) = resumed.answers.values()
        assert isinstance(results, list)
        assert isinstance(results[0].events[0], e.OrderAccepted)
        again = await client.place(order(ANN, name="once"))
        assert isinstance(again.events[0], e.Rejected)  # already applied: it was not done twice


async def test_a_submit_that_never_arrived_is_sent_by_resuming(tmp_path: Path) -> None:
    """LoggedIn says which Submits were taken; the client sends the others again."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        stream = client._stream
        assert stream is not None
        stream.send = lambda _data: None  # type: ignore[method-assign]  # the network swallows it
        placing = asyncio.create_task(client.place(order(ANN, name="late")))
        await asyncio.sleep(0)
        client.abort()
        with pytest.raises(ConnectionLost):
            await placing
        (results,) = (await client.resume()).answers.values()
        assert isinstance(results, list)
        assert isinstance(results[0].events[0], e.OrderAccepted)


async def test_a_submit_sent_twice_is_done_once(tmp_path: Path) -> None:
    """The number of an answered Submit again: the same answer, byte for byte, and nothing new in the journal."""
    async with venue(tmp_path) as v:
        raw = await v.logged_in(ANN)
        raw.submit(1, order(ANN))
        first = await raw.take_whole()
        last = v.journal.last_sequence
        raw.submit(1, order(ANN))
        assert await raw.take_whole() == first
        assert v.journal.last_sequence == last


async def test_a_resend_begins_where_it_is_asked_to(tmp_path: Path) -> None:
    """Messages 2 and 3 of 3 come again; what was never sent cannot."""
    async with venue(tmp_path) as v:
        raw = await v.logged_in(ANN)
        for number in (1, 2, 3):
            raw.submit(number, order(ANN))
        sent = [await raw.take_whole() for _ in range(3)]
        assert [sequence for _, sequence, _ in sent] == [1, 2, 3]
        raw.say(s.Resend(2))
        assert [await raw.take_whole() for _ in range(2)] == sent[1:]
        for nonsense in (5, 0, 2**63):
            raw.say(s.Resend(nonsense))
            refused = await raw.refusal()
            assert (refused.code, refused.closes) == (SessionError.RESEND_AHEAD, False)


async def test_what_is_not_kept_is_said_to_be_too_old(tmp_path: Path) -> None:
    """Beyond the buffer: the oldest number that is there, the way to REST, and the session goes on."""
    async with venue(tmp_path, replay_bytes=1_000) as v:
        raw = await v.logged_in(ANN)
        for number in range(1, 21):
            raw.submit(number, order(ANN))
            await raw.take()
        raw.say(s.Resend(1))
        refused = await raw.refusal()
        assert (refused.code, refused.closes) == (SessionError.RESEND_TOO_OLD, False)
        assert "REST" in refused.words
        raw.say(s.Resend(refused.place))
        assert (await raw.take_whole())[1] == refused.place
        for _ in range(refused.place + 1, 21):
            await raw.take()
        raw.submit(1, order(ANN))
        again = await raw.refusal()
        assert (again.code, again.submit) == (SessionError.SUBMIT_TOO_OLD, 1)


async def test_a_client_that_missed_too_much_is_told_so(tmp_path: Path) -> None:
    """`Resumed.complete` is False; what is still kept is delivered."""
    async with venue(tmp_path, replay_bytes=400) as v:
        ann, bob = v.client(ANN), v.client(BOB)
        await ann.connect()
        await bob.connect()
        await ann.place(sell(ANN, quantity=10_000))
        ann.abort()
        takes = [await bob.place(order(BOB, quantity=1_000)) for _ in range(9)]
        resumed = await ann.resume()
        last = await ann.cancel_all()
        assert isinstance(last.events[0], e.OrderClosed)
        ann.abort()
        heard = [x.sequence async for x in ann.executions()]
        assert heard
        assert heard == [take.sequence for take in takes][-len(heard) :]
        assert not resumed.complete


async def test_only_the_same_key_goes_on_with_a_session(tmp_path: Path) -> None:
    """Another key of the same account begins sessions of its own."""
    async with venue(tmp_path) as v:
        raw = await v.logged_in(ANN)
        assert raw.session is not None
        other = await v.raw()
        other.send(other.login(*v.keys.issue(ANN), session_id=raw.session.session_id))
        assert (await other.refusal()).code is SessionError.SESSION_UNKNOWN


async def test_the_newer_connection_has_the_session(tmp_path: Path) -> None:
    """A half-dead connection does not keep its client out: it is told and closed."""
    async with venue(tmp_path) as v:
        key = v.keys.issue(ANN)
        old, new = await v.raw(), await v.raw()
        old.send(old.login(*key, cancel_on_disconnect=True))
        greeting = await old.take()
        assert isinstance(greeting, s.LoggedIn)
        old.submit(1, order(ANN))
        await old.take()
        new.send(new.login(*key, session_id=greeting.session_id, cancel_on_disconnect=True))
        assert (await old.refusal()).code is SessionError.TAKEN_OVER
        await old.ended()
        again = await new.take()
        assert isinstance(again, s.LoggedIn)
        assert again.next_submit == 2
        new.submit(2, order(ANN))
        _, _, events = await new.take_whole()
        assert events
        assert v.journal.frames[-1].sequence == v.journal.frames[-2].sequence + 1
        assert type(v.journal.frames[-2].message).__name__ == "PlaceOrder"  # nothing was cancelled


async def test_a_session_is_kept_for_its_time_only(tmp_path: Path) -> None:
    """Afterwards it is unknown, as after a Logout."""
    async with venue(tmp_path, keep_session_ms=30) as v:
        lost, left = v.client(ANN), v.client(BOB)
        await lost.connect()
        lost.abort()
        await wait_until_async(
            lambda: len(v.desk.sessions) == 0, what="the session to be forgotten"
        )
        await left.connect()
        await left.logout()
        for client in (lost, left):
            with pytest.raises(LoginFailed) as failed:
                await client.resume()
            assert failed.value.code is SessionError.SESSION_UNKNOWN


async def test_more_sessions_than_allowed_forget_the_oldest_lost_one(tmp_path: Path) -> None:
    """Those that are connected are never pushed out: then the new one is refused."""
    async with venue(tmp_path, max_sessions_per_account=2) as v:
        first, second, third, fourth = (v.client(ANN) for _ in range(4))
        await first.connect()
        first.abort()
        await wait_until_async(lambda: not v.desk.connections, what="the server to notice")
        await second.connect()
        await third.connect()
        with pytest.raises(LoginFailed) as failed:
            await fourth.connect()
        assert failed.value.code is SessionError.TOO_MANY_SESSIONS
        with pytest.raises(LoginFailed):
            await first.resume()


async def test_all_sessions_together_are_limited(tmp_path: Path) -> None:
    """Of all accounts: the one that lost its connection longest ago goes first; with all connected, no new one."""
    async with venue(tmp_path, max_sessions=2) as v:
        ann, bob, other = v.client(ANN), v.client(BOB), v.client(ANN)
        await ann.connect()
        ann.abort()
        await wait_until_async(lambda: not v.desk.connections, what="the server to notice")
        await bob.connect()
        await other.connect()
        with pytest.raises(LoginFailed) as failed:
            await ann.resume()
        assert failed.value.code is SessionError.SESSION_UNKNOWN
        with pytest.raises(LoginFailed) as failed:
            await ann.connect()
        assert failed.value.code is SessionError.TOO_MANY_SESSIONS


async def _reasons(client: OrderEntryClient, count: int) -> list[CloseReason]:
    closed = []
    async for execution in client.executions():
        if isinstance(execution.event, e.OrderClosed):
            closed.append(execution.event.reason)
            if len(closed) == count:
                break
    return closed


@pytest.mark.parametrize("how", ["abort", "logout", "nonsense", "heartbeat"])
async def test_orders_are_cancelled_when_the_session_ends(tmp_path: Path, how: str) -> None:
    """However it ends: all open orders of the account are cancelled, by a command in the journal."""
    async with venue(tmp_path) as v:
        watcher = v.client(ANN)
        await watcher.connect()
        raw = await v.logged_in(ANN, cancel_on_disconnect=True, heartbeat_ms=500)
        raw.submit(1, order(ANN), order(ANN))
        await raw.take()
        if how == "abort":
            raw.drop()
        elif how == "logout":
            raw.say(s.Logout())
        elif how == "nonsense":
            raw.send(b"nonsense " * 10)
        assert await _reasons(watcher, 2) == [CloseReason.CANCELLED_ALL] * 2
        if how == "heartbeat":
            while not isinstance(said := await raw.take(), s.Refused):
                assert isinstance(said, s.Heartbeat)
            assert said.code is SessionError.HEARTBEAT_MISSED


_VICTIM = """
import asyncio, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cse.client import OrderEntryClient
from tests.integration.entry.world import ANN, order

async def main():
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(sys.argv[3]))
    client = OrderEntryClient(sys.argv[1], sys.argv[2], key, cancel_on_disconnect=True)
    await client.connect()
    await client.submit([order(ANN) for _ in range(5)])
    print("placed", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_orders_of_a_killed_client_are_cancelled(tmp_path: Path) -> None:
    """SIGKILL, in a process of its own: the system closes its socket, the exchange cancels its orders."""
    async with venue(tmp_path) as v:
        watcher = v.client(ANN)
        await watcher.connect()
        key_id, key = v.keys.issue(ANN)
        command = [sys.executable, "-c", _VICTIM, v.tcp, key_id, key.private_bytes_raw().hex()]
        victim = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
        )
        assert victim.stdout is not None
        assert await victim.stdout.readline() == b"placed\n"
        victim.send_signal(signal.SIGKILL)
        await victim.wait()
        assert await _reasons(watcher, 5) == [CloseReason.CANCELLED_ALL] * 5


async def test_a_client_that_is_back_in_time_keeps_its_orders(tmp_path: Path) -> None:
    """The grace: resumed within it, nothing is cancelled; not resumed, all is, when it is over."""
    async with venue(tmp_path) as v:
        watcher = v.client(ANN)
        await watcher.connect()
        client = v.client(ANN, cancel_on_disconnect=True, cancel_grace_ms=LONG_MS)
        await client.connect()
        await client.place(order(ANN, name="kept"))
        client.abort()
        await client.resume()
        assert isinstance((await client.cancel(client_order_id="kept")).events[0], e.OrderClosed)
        short = v.client(ANN, cancel_on_disconnect=True, cancel_grace_ms=50)
        await short.connect()
        await short.place(order(ANN))
        short.abort()
        assert await _reasons(watcher, 2) == [CloseReason.CANCELLED, CloseReason.CANCELLED_ALL]


async def test_a_cancel_that_cannot_be_handed_in_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too much waits for the disk when the client goes: its orders are cancelled a moment later."""
    monkeypatch.setattr("cse.gateway.entry.cancelling.RETRY_S", 0.01)
    async with venue(tmp_path) as v:
        watcher = v.client(ANN)
        await watcher.connect()
        raw = await v.logged_in(ANN, cancel_on_disconnect=True)
        raw.submit(1, order(ANN))
        await raw.take()
        v.sequencer._max_waiting = 0
        raw.drop()
        await wait_until_async(lambda: v.desk._cancelling._timers, what="the first try to fail")
        v.sequencer._max_waiting = 1_000
        assert await _reasons(watcher, 1) == [CloseReason.CANCELLED_ALL]


async def test_stopping_the_exchange_cancels_too(tmp_path: Path) -> None:
    """An orderly stop ends the sessions: their orders are cancelled in the journal, also those of sessions in their
    grace, even of one that was forgotten for others.
    """
    async with venue(tmp_path, max_sessions=2) as v:
        there = v.client(ANN, cancel_on_disconnect=True)
        gone = v.client(BOB, cancel_on_disconnect=True, cancel_grace_ms=LONG_MS)
        for client, account in ((there, ANN), (gone, BOB)):
            await client.connect()
            await client.place(order(account))
        gone.abort()
        await wait_until_async(lambda: v.desk.connections == 1, what="the server to notice")
        await v.client(BOB).connect()
        await v.desk.close()
        cancels = [frame.message for frame in v.journal.frames[-2:]]
        assert sorted(cancels, key=repr) == [CancelAll(ANN, 0), CancelAll(BOB, 0)]


async def test_refusals_are_numbered_answers(tmp_path: Path) -> None:
    """A refused Submit has used its number up; its refusal is resent like an answer."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        for _ in range(2):
            with pytest.raises(SubmitRefused):
                await client.submit([order(BOB)])
        assert isinstance((await client.place(order(ANN))).events[0], e.OrderAccepted)
        raw = await v.logged_in(BOB)
        raw.submit(1, order(ANN))
        first = await raw.take_whole()
        raw.say(s.Resend(1))
        assert await raw.take_whole() == first


async def test_an_exchange_that_was_held_up_blames_nobody(tmp_path: Path) -> None:
    """When our own loop was late, heartbeats that lie unread are no missed heartbeats; in time they are."""
    async with venue(tmp_path, sweep_ms=60_000) as v:
        raw = await v.logged_in(ANN, heartbeat_ms=500)
        (connection,) = v.desk._connections
        connection._in_at -= 10.0
        v.desk._sweep_at = v.desk.now() - 5.0
        v.desk._sweep()
        assert connection.open
        v.desk._sweep_at = v.desk.now() + 60.0
        v.desk._sweep()
        assert (await raw.refusal()).code is SessionError.HEARTBEAT_MISSED
