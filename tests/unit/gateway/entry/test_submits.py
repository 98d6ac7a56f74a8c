"""The way of a Submit to its Answer: what is refused whole, who is told what, and in which order."""

import asyncio
from typing import Any

import pytest

from cse.core.errors import CodecError, OutcomeUnknown, Unavailable
from cse.gateway.entry.options import EntryOptions
from cse.gateway.entry.session import Session
from cse.gateway.entry.submits import Submits
from cse.gateway.entry.tools import PythonTools
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.codec import encode_frame
from cse.messages.reject_codes import RejectCode
from cse.messages.session import Answer, Executions, Refused, SessionError
from cse.messages.wire import Command
from tests.unit.gateway.entry.world import (
    ANN,
    BOB,
    NOW_MS,
    HeldQueue,
    KeptReader,
    batch,
    closed,
    owner,
)


class Desk:
    """Submits on a held queue, with sessions whose readers keep everything."""

    def __init__(self, **options: Any) -> None:
        self.queue = HeldQueue()
        self.now_ns = 10**12
        self.submits = Submits(
            self.queue, PythonTools(), EntryOptions(**options), lambda: self.now_ns
        )

    def session(self, account_id: int, *scopes: str) -> tuple[Session, KeptReader]:
        session = Session(1, owner(account_id, *scopes), 10_000, lambda: NOW_MS)
        reader = KeptReader()
        session.reader = reader
        self.submits.add(session)
        return session, reader

    def take(self, session: Session, *commands: Command) -> None:
        self.submits.take(session, len(commands), b"".join(map(encode_frame, commands)))

    async def tell(self, *outcomes: Any) -> None:
        """As the sequencer does: the listener, then the waiters, in one turn."""
        self.submits.listen(batch(*(outcome for outcome, _ in outcomes)))
        for outcome, waiter in outcomes:
            if waiter is not None:
                waiter.set_result(outcome)
        await asyncio.sleep(0)


CANCEL = c.CancelOrder(ANN, 5, "")


async def test_answers_and_executions_come_in_the_journals_order() -> None:
    """Others' commands before and after the own one: Executions, Answer, Executions, numbered in a row."""
    desk = Desk()
    session, reader = desk.session(ANN)
    desk.take(session, CANCEL)
    (commands, waiter) = desk.queue.taken[0]
    other = [c.CancelOrder(BOB, 1, "")]
    before = desk.queue.outcome(other, [[closed(ANN, 1), closed(BOB, 2)]])
    own = desk.queue.outcome(commands, [[closed(ANN, 5)]])
    after = desk.queue.outcome(other, [[closed(ANN, 3)]])
    await desk.tell((before, None), (own, waiter), (after, None))
    told = reader.messages()
    assert [type(message) for message, _ in told] == [Executions, Answer, Executions]
    assert [[event.order_id for event in events] for _, events in told] == [[1], [5], [3]]  # type: ignore[attr-defined]  # all are OrderClosed
    assert session.sent.last == 3
    assert not session.under_way
    assert desk.submits.engine_sequence == after.first_sequence


async def test_events_of_several_commands_go_out_as_one_message() -> None:
    """Nothing of the own in between: one Executions for the whole batch."""
    desk = Desk()
    _, reader = desk.session(ANN)
    outcomes = [desk.queue.outcome([CANCEL], [[closed(ANN, n)]]) for n in range(5)]
    await desk.tell(*((outcome, None) for outcome in outcomes))
    ((message, events),) = reader.messages()
    assert message == Executions(5, len(reader.data[0]) - len(encode_frame(message)))
    assert len(events) == 5


async def test_nobody_is_told_about_others() -> None:
    """A batch with nothing for the account sends nothing."""
    desk = Desk()
    _, reader = desk.session(ANN)
    await desk.tell((desk.queue.outcome([CANCEL], [[closed(BOB, 1)]]), None))
    assert reader.data == []


async def test_a_refusal_of_the_engine_is_told_to_its_sender_alone() -> None:
    """Two sessions of one account: Rejected is in the Answer, and nowhere else."""
    desk = Desk()
    session, reader = desk.session(ANN)
    _, beside = desk.session(ANN)
    desk.take(session, CANCEL)
    rejected = e.Rejected(RejectCode.ORDER_NOT_FOUND, ANN, 0, 5, "")
    commands, waiter = desk.queue.taken[0]
    await desk.tell((desk.queue.outcome(commands, [[rejected]]), waiter))
    assert [events for _, events in reader.messages()] == [[rejected]]
    assert beside.data == []


async def test_an_answer_for_a_session_that_is_gone_goes_nowhere() -> None:
    """Logged out while its command was under way: nothing is kept of it."""
    desk = Desk()
    session, reader = desk.session(ANN)
    desk.take(session, CANCEL)
    desk.submits.remove(session)
    session.reader = None
    commands, waiter = desk.queue.taken[0]
    await desk.tell((desk.queue.outcome(commands, [[closed(ANN, 5)]]), waiter))
    assert reader.data == []
    await desk.submits.drain(0)  # nothing is under way any more


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unavailable("stopping: a secret"), SessionError.UNAVAILABLE),
        (CodecError("too many"), SessionError.INVALID_COMMAND),
    ],
)
async def test_what_the_queue_refuses_is_refused_whole(error: Any, code: SessionError) -> None:
    """The number is used up, the refusal is its answer, nothing stays under way."""
    desk = Desk()
    session, reader = desk.session(ANN)
    desk.queue.failure = error
    desk.take(session, CANCEL)
    ((message, _),) = reader.messages()
    assert isinstance(message, Refused)
    assert (message.code, message.submit, message.closes) == (code, 1, False)
    assert "secret" not in message.words
    assert (session.next_submit, session.under_way) == (2, set())


async def test_an_unknown_outcome_is_said_to_be_unknown() -> None:
    """After what was applied before it."""
    desk = Desk()
    session, reader = desk.session(ANN)
    desk.take(session, CANCEL)
    desk.submits.listen(batch(desk.queue.outcome([CANCEL], [[closed(ANN, 9)]])))
    desk.queue.taken[0][1].set_exception(OutcomeUnknown("the journal failed: disk"))
    told = [message for message, _ in reader.messages()]
    assert [type(message) for message in told] == [Executions, Refused]
    assert isinstance(told[1], Refused)
    assert (told[1].code, told[1].words) == (SessionError.OUTCOME_UNKNOWN, "the journal failed")


async def test_the_rate_is_the_accounts() -> None:
    """A burst, then as many as came back; the refusal says when there is room, and that is true."""
    desk = Desk(orders_per_second=10, order_burst=4)
    session, reader = desk.session(ANN)
    other, _ = desk.session(BOB)
    for _ in range(2):
        desk.take(session, CANCEL, CANCEL)
    desk.take(session, CANCEL, CANCEL)
    desk.take(other, c.CancelOrder(BOB, 1, ""))
    assert len(desk.queue.taken) == 3
    ((message, _),) = reader.messages()
    assert isinstance(message, Refused)
    assert (message.code, message.retry_after_ms) == (SessionError.RATE_LIMITED, 200)
    desk.now_ns += 200 * 10**6
    desk.take(session, CANCEL, CANCEL)
    assert len(desk.queue.taken) == 4


async def test_a_key_that_may_not_trade_is_told_so() -> None:
    """The scope is looked at before anything is handed in."""
    desk = Desk()
    session, reader = desk.session(ANN, "read")
    desk.take(session, CANCEL)
    ((message, _),) = reader.messages()
    assert isinstance(message, Refused)
    assert message.code is SessionError.SCOPE_MISSING
    assert desk.queue.taken == []
