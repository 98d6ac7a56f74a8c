"""Sessions of binary order entry over real sockets: log-in, batches, answers, executions, privacy."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cse.adapters.clock import SystemClock
from cse.client import LoginFailed, OrderEntryClient, SubmitRefused
from cse.core.errors import Unavailable
from cse.messages import events as e
from cse.messages import session as s
from cse.messages.session import SessionError
from cse.messages.wire import CloseReason, Message, Side
from tests.integration.entry.world import ANN, BOB, order, sell, venue
from tests.unit.gateway.ws.venue import StandingTime
from tests.waiting import wait_until_async

pytestmark = pytest.mark.usefixtures("engine")


def types(events: list[Message]) -> list[type]:
    return [type(event) for event in events]


@pytest.mark.parametrize("transport", ["tcp", "unix"])
async def test_an_order_is_placed_and_answered_when_durable(tmp_path: Path, transport: str) -> None:
    """Log in, place, amend, cancel: each answer holds the account's events, and the journal has the command."""
    async with venue(tmp_path) as v:
        client = v.client(ANN, getattr(v, transport))
        greeting = await client.connect()
        assert (greeting.account_id, greeting.next_submit, greeting.max_commands) == (ANN, 1, 1_000)
        placed = await client.place(order(ANN, name="one"))
        accepted = placed.events[0]
        assert isinstance(accepted, e.OrderAccepted)
        assert accepted.client_order_id == "one"
        assert v.journal.last_sequence == placed.sequence
        amended = await client.amend(order_id=accepted.order_id, quantity=900)
        assert types(amended.events) == [e.OrderAmended]
        closed = await client.cancel(client_order_id="one")
        assert types(closed.events) == [e.OrderClosed]
        again = await client.cancel(client_order_id="one")
        assert types(again.events) == [e.Rejected]
        assert (await client.cancel_all()).events == []
        armed = await client.cancel_after(60_000)
        assert types(armed.events) == [e.CancelAfterSet]
        await client.logout()


async def test_nothing_is_answered_before_it_is_durable(tmp_path: Path) -> None:
    """While the journal cannot write, no answer comes; then it comes."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        v.journal.gate.clear()
        placing = asyncio.create_task(client.place(order(ANN)))
        await wait_until_async(lambda: v.journal.appends > 1, what="the journal to be asked")
        assert not placing.done()
        v.journal.gate.set()
        assert types((await placing).events) == [e.OrderAccepted]


async def test_a_thousand_commands_go_in_one_frame(tmp_path: Path) -> None:
    """One Submit, one Answer, consecutive sequences, each command applied for itself; one more is refused."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        batch = [order(ANN, price=12_000 + n % 100, name=f"n-{n}") for n in range(1_000)]
        results = await client.submit(batch)
        assert [result.sequence for result in results] == list(
            range(results[0].sequence, results[0].sequence + 1_000)
        )
        kinds = [type(result.events[0]) for result in results]
        assert kinds == [e.OrderAccepted] * 200 + [e.Rejected] * 800  # the market's own limit
        with pytest.raises(ValueError, match="1 to 1000 commands"):
            await client.submit([*batch, order(ANN)])
        assert v.journal.batches.count(1_000) == 1


async def test_submits_under_way_are_answered_in_their_order(tmp_path: Path) -> None:
    """Sixteen at once: numbers of the journal rise as the Submits do."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        answers = await asyncio.gather(*(client.submit([order(ANN)] * 5) for _ in range(40)))
        sequences = [result.sequence for results in answers for result in results]
        assert sequences == sorted(sequences)


async def test_a_resting_order_hears_of_its_fill(tmp_path: Path) -> None:
    """Bob takes half of Ann's order: she is told her side, he his, and neither who the other is."""
    async with venue(tmp_path) as v:
        ann, bob = v.client(ANN), v.client(BOB)
        await ann.connect()
        await bob.connect()
        resting = (await ann.place(sell(ANN, quantity=2_000))).events[0]
        assert isinstance(resting, e.OrderAccepted)
        taken = await bob.place(order(BOB, quantity=1_000))
        execution = await anext(aiter(ann.executions()))
        assert execution.sequence == taken.sequence
        own, other = execution.event, taken.events[1]
        assert isinstance(own, s.Fill)
        assert isinstance(other, s.Fill)
        assert (own.order_id, own.side, own.taker) == (resting.order_id, Side.SELL, False)
        assert (other.side, other.taker, other.quantity) == (Side.BUY, True, 1_000)
        assert other.order_id != own.order_id
        shown = repr(taken.events)
        assert str(ANN) not in shown
        assert not any(isinstance(event, e.Trade | e.LevelChanged) for event in taken.events)


async def test_what_is_the_same_accounts_elsewhere_is_told(tmp_path: Path) -> None:
    """Two sessions of one account: what one does, the other hears; refusals are for whoever sent them."""
    async with venue(tmp_path) as v:
        one, two = v.client(ANN), v.client(ANN)
        await one.connect()
        await two.connect()
        placed = await one.place(order(ANN, name="mine"))
        rejected = await one.cancel(order_id=10**9)
        closed = await one.cancel(client_order_id="mine")
        heard = two.executions()
        first, second = await anext(heard), await anext(heard)
        assert (type(first.event), first.sequence) == (e.OrderAccepted, placed.sequence)
        assert (type(second.event), second.sequence) == (e.OrderClosed, closed.sequence)
        assert types(rejected.events) == [e.Rejected]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"timestamp_ms": 1_000_000}, SessionError.CLOCK_OFF),
        ({"heartbeat_ms": 1}, SessionError.INVALID_OPTION),
        ({"heartbeat_ms": 4_000_000_000}, SessionError.INVALID_OPTION),
        ({"cancel_grace_ms": 4_000_000_000}, SessionError.INVALID_OPTION),
        ({"session_id": 12_345}, SessionError.SESSION_UNKNOWN),
        ({"key_id": "f" * 32}, SessionError.NOT_AUTHENTICATED),
    ],
)
async def test_a_bad_login_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], code: SessionError
) -> None:
    """Signed well, and still not good: told why, and closed."""
    async with venue(tmp_path) as v:
        raw = await v.raw()
        raw.send(raw.login(*v.keys.issue(ANN), **change))
        refused = await raw.refusal()
        assert (refused.code, refused.closes) == (code, True)
        await raw.ended()


async def test_a_signature_is_good_for_its_connection_alone(tmp_path: Path) -> None:
    """Foreign keys, another connection's log-in, a changed option: NOT_AUTHENTICATED, all alike."""
    async with venue(tmp_path) as v:
        key_id, private = v.keys.issue(ANN)
        _, foreign = v.keys.issue(BOB)
        first, second, third = await v.raw(), await v.raw(), await v.raw()
        played_again = first.login(key_id, private)
        changed = bytearray(third.login(key_id, private))
        changed[24 + 60] ^= 1  # cancel_on_disconnect
        for raw, frame in (
            (first, first.login(key_id, foreign)),
            (second, played_again),
            (third, bytes(changed)),
        ):
            raw.send(frame)
            refused = await raw.refusal()
            assert (refused.code, refused.closes) == (SessionError.NOT_AUTHENTICATED, True)


async def test_keys_that_cannot_be_looked_up_are_no_wrong_keys(tmp_path: Path) -> None:
    """With the database away a log-in is told to try again; sessions that there are go on."""
    async with venue(tmp_path) as v:
        old, new = v.client(ANN), v.client(ANN)
        await old.connect()
        v.keys.failure = Unavailable("the database is out of reach: secret address")
        with pytest.raises(LoginFailed) as failed:
            await new.connect()
        assert failed.value.code is SessionError.UNAVAILABLE
        assert "secret" not in str(failed.value)
        assert types((await old.place(order(ANN))).events) == [e.OrderAccepted]


async def test_a_revoked_key_ends_its_session(tmp_path: Path) -> None:
    """Told why, closed, its cancel on disconnect done, and not to be gone on with."""
    async with venue(tmp_path) as v:
        client = v.client(ANN, cancel_on_disconnect=True, cancel_grace_ms=60_000)
        other = v.client(ANN)
        await client.connect()
        await other.connect()
        await client.place(order(ANN, name="gone"))
        key_id = next(iter(v.keys.known))
        v.keys.revoked.add(key_id)
        async for _ in client.executions():
            pass
        assert client.refusal is not None
        assert client.refusal.code is SessionError.KEY_REVOKED
        events = [await anext(aiter(other.executions())) for _ in range(2)]
        assert isinstance(events[1].event, e.OrderClosed)
        assert events[1].event.reason is CloseReason.CANCELLED_ALL
        with pytest.raises(LoginFailed):
            await client.resume()


async def test_an_expired_key_ends_its_session(tmp_path: Path) -> None:
    """A key opens a session for as long as it is good."""
    async with venue(tmp_path) as v:
        expires_at = SystemClock().now_ms() + 600_000
        raw = await v.raw()
        raw.send(raw.login(*v.keys.issue(ANN, expires_at=expires_at)))
        assert isinstance(await raw.take(), s.LoggedIn)
        v.desk.now_ms = lambda: expires_at  # type: ignore[misc]  # the time has come
        assert (await raw.refusal()).code is SessionError.KEY_REVOKED
        await raw.ended()


async def test_a_key_without_the_scope_only_listens(tmp_path: Path) -> None:
    """Submits are refused, executions come."""
    async with venue(tmp_path) as v:
        reader = OrderEntryClient(v.tcp, *v.keys.issue(ANN, "read"))
        v.clients.append(reader)
        await reader.connect()
        with pytest.raises(SubmitRefused) as refused:
            await reader.place(order(ANN))
        assert refused.value.code is SessionError.SCOPE_MISSING
        trader = v.client(ANN)
        await trader.connect()
        await trader.place(order(ANN))
        assert isinstance((await anext(aiter(reader.executions()))).event, e.OrderAccepted)


async def test_commands_of_another_account_are_refused_whole(tmp_path: Path) -> None:
    """One foreign command among good ones: none is handed in, its place is told, the session goes on."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        before = v.journal.last_sequence
        with pytest.raises(SubmitRefused) as refused:
            await client.submit([order(ANN), order(BOB), order(ANN)])
        assert (refused.value.code, refused.value.place) == (SessionError.FOREIGN_ACCOUNT, 1)
        assert v.journal.last_sequence == before
        assert types((await client.place(order(ANN))).events) == [e.OrderAccepted]


async def test_too_many_commands_wait_for_their_rate(tmp_path: Path) -> None:
    """An account's bucket counts over its sessions; the refusal says when to try again; others go on."""
    async with venue(tmp_path, orders_per_second=10, order_burst=20) as v:
        v.desk.submits._now_ns = StandingTime()  # type: ignore[misc]  # nothing comes back meanwhile
        one, two, bob = v.client(ANN), v.client(ANN), v.client(BOB)
        for client in (one, two, bob):
            await client.connect()
        await one.submit([order(ANN)] * 15)
        with pytest.raises(SubmitRefused) as refused:
            await two.submit([order(ANN)] * 15)
        assert refused.value.code is SessionError.RATE_LIMITED
        assert 0 < refused.value.retry_after_ms <= 1_000
        assert len(await bob.submit([order(BOB)] * 15)) == 15


async def test_a_journal_that_fails_is_told_as_unknown(tmp_path: Path) -> None:
    """What was given to the disk is OUTCOME_UNKNOWN, what comes later UNAVAILABLE; nothing internal is told."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        await client.connect()
        v.journal.fail_with = OSError("a secret path")
        with pytest.raises(SubmitRefused) as unknown:
            await client.place(order(ANN))
        assert unknown.value.code is SessionError.OUTCOME_UNKNOWN
        with pytest.raises(SubmitRefused) as refused:
            await client.place(order(ANN))
        assert refused.value.code is SessionError.UNAVAILABLE
        assert "secret" not in f"{unknown.value} {refused.value}"


async def test_stopping_answers_first_and_says_good_bye(tmp_path: Path) -> None:
    """What is under way when the exchange stops is answered; then the connection is closed with the reason."""
    async with venue(tmp_path) as v:
        raw = await v.logged_in(ANN)
        v.journal.gate.clear()
        raw.submit(1, order(ANN))
        await wait_until_async(lambda: v.journal.appends > 1, what="the journal to be asked")
        closing = asyncio.create_task(v.desk.close())
        v.journal.gate.set()
        assert isinstance(await raw.take(), s.Answer)
        assert (await raw.refusal()).code is SessionError.SHUTTING_DOWN
        await closing
        await raw.ended()


async def test_a_new_session_says_where_it_begins(tmp_path: Path) -> None:
    """`engine_sequence` is the last command that Executions will not tell."""
    async with venue(tmp_path) as v:
        client = v.client(ANN)
        assert (await client.connect()).engine_sequence == v.sequencer.status.sequence
        await client.place(order(ANN))
        other = v.client(BOB)
        assert (await other.connect()).engine_sequence == v.sequencer.status.sequence
