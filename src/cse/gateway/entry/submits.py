"""From a Submit to its Answer: checked and limited as a whole, handed in as bytes, answered when durable.

Nothing here looks at a single order; `EntryTools` does that, in native code where it is built.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog

from cse.core.errors import CodecError, OutcomeUnknown, Unavailable
from cse.gateway.entry.counting import changes_of
from cse.gateway.entry.options import EntryOptions
from cse.gateway.entry.session import Reader, Session
from cse.gateway.entry.tools import EntryTools
from cse.gateway.limits import Buckets, Rate
from cse.gateway.order_to_trade import OrderToTrade
from cse.messages.batch import AppliedBatch, Outcome
from cse.messages.ports import FrameQueue
from cse.messages.session import Answer, SessionError
from cse.users.identity_checks.errors import LevelTooLow

log = structlog.get_logger(__name__)

TRADE: Final = "trade"
"""The scope that submitting needs."""


_WORDS_BYTES: Final = 128


class Refusal(NamedTuple):
    """Why a Submit was not handed in."""

    code: SessionError
    words: str
    place: int = 0
    retry_ms: int = 0


class Submits:
    """Hands commands of all sessions in, and tells every session what concerns it, in the engine's order."""

    def __init__(
        self,
        queue: FrameQueue,
        tools: EntryTools,
        options: EntryOptions,
        now_ns: Callable[[], int] = time.monotonic_ns,
        order_to_trade: OrderToTrade | None = None,
    ) -> None:
        """Needs the running loop; `listen` must be attached to the engine's feed."""
        self._order_to_trade = order_to_trade or OrderToTrade()
        self.may_trade: Callable[[int], bool] | None = None
        """Whether an account's identity level covers trading; None: trading takes none."""
        self._queue = queue
        self._tools = tools
        self._options = options
        self._now_ns = now_ns
        self._loop = asyncio.get_running_loop()
        self._rates = Buckets(Rate(options.orders_per_second, 1, options.order_burst))
        self._sessions: dict[int, list[Session]] = {}
        self._accounts: tuple[int, ...] = ()
        self._batches: list[AppliedBatch] = []
        self._answered: dict[int, Pending] = {}
        self._under_way = 0
        self._commands_under_way = 0
        self._starved: dict[Reader, None] = {}
        self._touched: set[Session] = set()
        self._idle: asyncio.Future[None] | None = None
        self._flush_planned = False
        self.engine_sequence = 0
        """The last command that sessions were told about."""

    # --- sessions

    def add(self, session: Session) -> None:
        """Tell a session from now on what happens to its account."""
        self.flush()
        self._sessions.setdefault(session.account_id, []).append(session)
        self._accounts = tuple(self._sessions)

    def remove(self, session: Session) -> None:
        """Tell it nothing more. What it has under way goes on."""
        self.flush()
        rest = self._sessions[session.account_id]
        rest.remove(session)
        if not rest:
            del self._sessions[session.account_id]
        self._accounts = tuple(self._sessions)

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything that was handed in is answered."""
        if self._under_way:
            self._idle = self._loop.create_future()
            await asyncio.wait([self._idle], timeout=timeout_s)
        self.flush()

    # --- commands in

    def has_room(self, reader: Reader) -> bool:
        """Whether a connection may take a Submit now. If not it goes on reading when its turn has come.

        Who waits takes turns, one Submit each: nobody who floods keeps the others out.
        """
        room = self._commands_under_way < self._options.max_under_way
        if room and (not self._starved or next(iter(self._starved)) is reader):
            self._starved.pop(reader, None)
            self._wake_next()
            return True
        self._starved.setdefault(reader)
        return False

    def stop_waiting(self, reader: Reader) -> None:
        """The connection is over."""
        if reader in self._starved:
            del self._starved[reader]
            self._wake_next()

    def _wake_next(self) -> None:
        if self._starved and self._commands_under_way < self._options.max_under_way:
            next(iter(self._starved)).proceed()

    def take(self, session: Session, count: int, frames: bytes) -> None:
        """Hand in the commands of the session's next Submit, or refuse them all."""
        number = session.next_submit
        session.next_submit += 1
        refusal = self._look_at(session, count, frames)
        if refusal is None:
            refusal = self._hand_in(session, number, count, frames)
        if refusal is not None:
            code, words, place, retry_ms = refusal
            session.refuse(number, code, words, place=place, retry_ms=retry_ms)

    def _look_at(self, session: Session, count: int, frames: bytes) -> Refusal | None:
        if not 0 < count <= self._options.max_commands:
            return Refusal(
                SessionError.INVALID_COUNT, f"1 to {self._options.max_commands} commands"
            )
        wait_ms = self._charge(session.account_id, count)
        if wait_ms:
            return Refusal(SessionError.RATE_LIMITED, "too many commands", 0, wait_ms)
        if TRADE not in session.owner.scopes:
            return Refusal(SessionError.SCOPE_MISSING, "the key lacks the scope trade")
        code, place = self._tools.check_batch(frames, session.account_id, count)
        if code:
            return Refusal(SessionError(code), "nothing was handed in", place)
        return self._count(session.account_id, count, frames)

    def _count(self, account_id: int, count: int, frames: bytes) -> Refusal | None:
        """Count what good commands do; a Submit that places or amends may be refused, cancels alone never."""
        placed, amended, cancelled = changes_of(frames, count)
        if placed or amended:
            below = None if self.may_trade is None else _below_level(self.may_trade, account_id)
            if below is not None:
                return below
            excess = self._order_to_trade.place(account_id, placed, amended)
            if excess is not None:
                words = f"{excess.code}: cancels alone are taken"
                return Refusal(SessionError.RATE_LIMITED, words, 0, excess.retry_ms)
        if cancelled:
            self._order_to_trade.cancelled(account_id, cancelled)
        return None

    def _charge(self, account_id: int, count: int) -> int:
        """Take from the account's bucket; return in how many ms there will be enough when there is not."""
        now_ns, rates = self._now_ns(), self._rates
        cost_ns = rates.cost_ns(count)
        fill_ns = rates.fill_ns(account_id, cost_ns, now_ns)
        if fill_ns > rates.full_ns:
            rates.touch(account_id)
            return max(1, (fill_ns - rates.full_ns) // 1_000_000)
        rates.set(account_id, fill_ns, now_ns)
        return 0

    def _hand_in(self, session: Session, number: int, count: int, frames: bytes) -> Refusal | None:
        session.under_way.add(number)
        try:
            self._queue.submit_frames(frames, Pending(self, session, number, count))
        except Unavailable as error:
            return Refusal(SessionError.UNAVAILABLE, told(error))
        except CodecError as error:
            return Refusal(SessionError.INVALID_COMMAND, told(error))
        self._under_way += 1
        self._commands_under_way += count
        return None

    # --- events out

    def listen(self, batch: AppliedBatch) -> None:
        """Take what was applied. Sessions are told when the waiters know what was theirs: a moment later."""
        if not self._sessions and not self._under_way:
            self.engine_sequence = batch.last_sequence
            return
        self._batches.append(batch)
        self._plan_flush()

    def answered(self, pending: "Pending", outcome: Outcome) -> None:
        """Take the outcome of a Submit. Its batch was heard of before."""
        self._note_one_less(pending)
        self._answered[outcome.first_sequence] = pending
        self._plan_flush()

    def failed(self, pending: "Pending", error: BaseException) -> None:
        """Take why a Submit has no outcome."""
        self._note_one_less(pending)
        self.flush()
        code = (
            SessionError.UNAVAILABLE
            if isinstance(error, Unavailable)
            else SessionError.OUTCOME_UNKNOWN
        )
        pending.session.refuse(pending.number, code, told(error))

    def _note_one_less(self, pending: "Pending") -> None:
        self._under_way -= 1
        self._commands_under_way -= pending.count
        self._wake_next()
        if self._idle is not None and not self._under_way and not self._idle.done():
            self._idle.set_result(None)

    def flush(self) -> None:
        """Tell sessions everything that was applied by now."""
        batches, self._batches = self._batches, []
        others: list[bytes] = []
        for batch in batches:
            for outcome in batch.outcomes:
                pending = self._answered.pop(outcome.first_sequence, None)
                if pending is None:
                    others.append(outcome.events)
                    continue
                self._tell_others(others)
                self._tell(outcome, pending)
            self.engine_sequence = batch.last_sequence
        self._tell_others(others)
        touched, self._touched = self._touched, set()
        for session in touched:
            session.release()

    def _plan_flush(self) -> None:
        if not self._flush_planned:
            self._flush_planned = True
            self._loop.call_soon(self._flush_soon)

    def _flush_soon(self) -> None:
        self._flush_planned = False
        self.flush()

    def _tell_others(self, events: list[bytes]) -> None:
        """Hold for all sessions what they may know of a row of events that none of them asked for; empty it."""
        if events and self._accounts:
            self._hold(self._tools.own_events(b"".join(events), self._accounts, 0), None)
        events.clear()

    def _tell(self, outcome: Outcome, pending: "Pending") -> None:
        """Answer whoever asked; hold for all other sessions what they may know."""
        owner, accounts = pending.session.account_id, self._accounts
        if owner not in self._sessions:  # it logged out meanwhile
            accounts = (*accounts, owner)
        own = self._tools.own_events(outcome.events, accounts, owner)
        pending.tell(outcome, *own.pop(owner, (b"", 0)))
        if len(self._sessions.get(owner, ())) > 1:
            own |= self._tools.own_events(outcome.events, (owner,), 0)
        self._hold(own, pending.session)

    def _hold(self, own: dict[int, tuple[bytes, int]], asker: Session | None) -> None:
        for account, (events, count) in own.items():
            for session in self._sessions.get(account, ()):
                if session is not asker:
                    session.hold(events, count)
                    self._touched.add(session)


def _below_level(may_trade: Callable[[int], bool], account_id: int) -> Refusal | None:
    try:
        if may_trade(account_id):
            return None
    except Unavailable as error:
        return Refusal(SessionError.UNAVAILABLE, told(error))
    words = f"{LevelTooLow.code}: cancels alone are taken"
    return Refusal(SessionError.SCOPE_MISSING, words)


class Pending:
    """A Submit that was handed in; a Waiter."""

    __slots__ = ("_submits", "count", "number", "session")

    def __init__(self, submits: Submits, session: Session, number: int, count: int) -> None:
        """Wait for `count` commands of the session's Submit of this number."""
        self._submits = submits
        self.session = session
        self.number = number
        self.count = count

    def done(self) -> bool:
        """Return False: the answer is kept even when the client has gone."""
        return False

    def set_result(self, result: Outcome, /) -> None:
        """Take what became of the commands."""
        self._submits.answered(self, result)

    def set_exception(self, exception: BaseException, /) -> None:
        """Take why there is no answer."""
        self._submits.failed(self, exception)

    def tell(self, outcome: Outcome, events: bytes, count: int) -> None:
        """Answer."""
        message = Answer(self.number, outcome.first_sequence, self.count, count, len(events))
        self.session.answer(message, events, outcome.time_ms)


def told(error: BaseException) -> str:
    """Return what clients are told of an error: what, without the why after the colon."""
    if isinstance(error, Unavailable | OutcomeUnknown):
        words = str(error).partition(":")[0]
        return words.encode("ascii", "replace")[:_WORDS_BYTES].decode("ascii")
    return type(error).__name__
