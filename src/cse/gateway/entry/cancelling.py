"""Cancel on disconnect: all orders of the account, through the journal, when a session has lost its connection."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from cse.core.errors import Unavailable
from cse.gateway.entry.session import Session
from cse.messages.batch import Outcome
from cse.messages.codec import encode_frame
from cse.messages.commands import CancelAll
from cse.messages.ports import FrameQueue

log = structlog.get_logger(__name__)

RETRY_S: Final = 0.5
MAX_ATTEMPTS: Final = 120


class CancelOnDisconnect:
    """Submits a CancelAll for each session that is lost and asked for it, until one is applied."""

    def __init__(self, queue: FrameQueue) -> None:
        """Needs the running loop."""
        self._queue: Final = queue
        self._loop: Final = asyncio.get_running_loop()
        self._timers: Final[dict[int, tuple[asyncio.TimerHandle, Session]]] = {}
        self._under_way: Final[set[_Attempt]] = set()
        self._idle: asyncio.Future[None] | None = None
        self._closing = False

    def start(self, session: Session, grace_ms: int) -> None:
        """Cancel the account's orders after the grace, unless `stop` comes first; without one: now."""
        if grace_ms:
            self._plan(session, grace_ms / 1_000, attempt=1)
        else:
            self._cancel(session, attempt=1)

    def stop(self, session: Session) -> None:
        """The client is back: what has not been submitted will not be."""
        planned = self._timers.pop(session.session_id, None)
        if planned is not None:
            planned[0].cancel()

    async def close(self, timeout_s: float) -> None:
        """Submit now what waits for its grace or its next attempt, and wait for what is under way."""
        self._closing = True
        for timer, session in list(self._timers.values()):
            timer.cancel()
            self._cancel(session, MAX_ATTEMPTS)
        if self._under_way:
            self._idle = self._loop.create_future()
            await asyncio.wait([self._idle], timeout=timeout_s)

    def done(self, attempt: "_Attempt", *, again: bool) -> None:
        """Note that an attempt is over."""
        self._under_way.discard(attempt)
        if again:
            self._try_later(attempt.session, attempt.number)
        if self._idle is not None and not self._under_way and not self._idle.done():
            self._idle.set_result(None)

    def _plan(self, session: Session, delay_s: float, attempt: int) -> None:
        timer = self._loop.call_later(delay_s, self._cancel, session, attempt)
        self._timers[session.session_id] = (timer, session)

    def _cancel(self, session: Session, attempt: int) -> None:
        self._timers.pop(session.session_id, None)
        waiter = _Attempt(session, attempt, self.done)
        self._under_way.add(waiter)
        try:
            self._queue.submit_frames(encode_frame(CancelAll(session.account_id, 0)), waiter)
        except Unavailable as error:
            log.warning("entry_cancel_waits", account_id=session.account_id, reason=str(error))
            self.done(waiter, again=True)

    def _try_later(self, session: Session, attempt: int) -> None:
        if attempt < MAX_ATTEMPTS and not self._closing:
            self._plan(session, RETRY_S, attempt + 1)
        else:
            log.error("entry_cancel_failed", account_id=session.account_id)


class _Attempt:
    """One CancelAll on its way; a Waiter."""

    def __init__(self, session: Session, number: int, done: Callable[..., None]) -> None:
        self.session: Final = session
        self.number: Final = number
        self._done: Final = done

    def done(self) -> bool:
        return False

    def set_result(self, result: Outcome, /) -> None:
        log.info(
            "entry_cancelled_on_disconnect",
            account_id=self.session.account_id,
            sequence=result.first_sequence,
        )
        self._done(self, again=False)

    def set_exception(self, exception: BaseException, /) -> None:
        log.warning("entry_cancel_waits", account_id=self.session.account_id, reason=str(exception))
        self._done(self, again=True)
