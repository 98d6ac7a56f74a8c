"""One session: its numbers in both directions, what it sent, what it has under way. Outlives its connection."""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from cse.gateway.entry.replay import ReplayBuffer
from cse.messages.codec import encode_frame
from cse.messages.session import Answer, Executions, Refused, SessionError, SessionMessage
from cse.users.model import KeyPrincipal


class Reader(Protocol):
    """The connection that a session has at the moment."""

    def send(self, data: bytes) -> None:
        """Send a message's bytes."""
        ...

    def proceed(self) -> None:
        """Go on reading: something was answered."""
        ...

    def end(self, code: SessionError, words: str) -> None:
        """Say why the session is not this connection's any more, and close it."""
        ...


class Terms(NamedTuple):
    """What the client chose when it logged in."""

    heartbeat_ms: int = 0
    cancel_on_disconnect: bool = False
    cancel_grace_ms: int = 0


class Session:
    """A conversation with one client."""

    def __init__(
        self, session_id: int, owner: KeyPrincipal, replay_bytes: int, now_ms: Callable[[], int]
    ) -> None:
        """Begin with no connection and nothing sent."""
        self.session_id: Final = session_id
        self.owner = owner
        self.terms = Terms()
        self.next_submit = 1
        self.under_way: Final[set[int]] = set()
        """Submits that were handed in and are not answered yet."""
        self.sent: Final = ReplayBuffer(replay_bytes)
        self.reader: Reader | None = None
        self.lost_at: float | None = None
        """When its connection was lost (monotonic seconds); None while it has one."""
        self._now_ms: Final = now_ms
        self._held: list[bytes] = []
        self._held_events = 0

    @property
    def account_id(self) -> int:
        """The account that it trades for."""
        return self.owner.account_id

    def answer(self, message: Answer, events: bytes, time_ms: int) -> None:
        """Send the answer to a Submit, behind the Executions of what was applied before it."""
        self.release()
        self.under_way.discard(message.submit)
        self._emit(message, events, message.submit, time_ms)
        self._proceed()

    def refuse(
        self, submit: int, code: SessionError, words: str, *, place: int = 0, retry_ms: int = 0
    ) -> None:
        """Send the refusal of a Submit that had its number: it is used up, and this is its answer."""
        self.under_way.discard(submit)
        message = Refused(
            code, closes=False, submit=submit, place=place, retry_after_ms=retry_ms, words=words
        )
        self._emit(message, b"", submit, self._now_ms())
        self._proceed()

    def hold(self, events: bytes, count: int) -> None:
        """Take events of other commands; they go out together with `release`."""
        self._held.append(events)
        self._held_events += count

    def release(self) -> None:
        """Send what was held as one message."""
        if not self._held:
            return
        events, count = b"".join(self._held), self._held_events
        self._held, self._held_events = [], 0
        self._emit(Executions(count, len(events)), events, 0, self._now_ms())

    def repeat(self, submit: int) -> SessionError | None:
        """Answer a Submit that came before: with what answered it then, or later if it is still under way.

        Returns why it cannot be answered.
        """
        known = self.sent.answer_to(submit)
        if known is not None and self.reader is not None:
            self.reader.send(known)
        elif submit not in self.under_way:
            return SessionError.SUBMIT_TOO_OLD
        return None

    def why_not_resend(self, sequence: int) -> SessionError | None:
        """Return why messages from this number on cannot be sent again, None if they can."""
        if sequence > self.sent.last + 1 or sequence == 0:
            return SessionError.RESEND_AHEAD
        return SessionError.RESEND_TOO_OLD if sequence < self.sent.oldest else None

    def resend(self, sequence: int) -> None:
        """Send again from this number on, to the connection of now."""
        if self.reader is not None:
            for data in self.sent.since(sequence):
                self.reader.send(data)

    def _emit(self, message: SessionMessage, payload: bytes, submit: int, time_ms: int) -> None:
        data = encode_frame(message, self.sent.last + 1, time_ms) + payload
        self.sent.add(data, submit)
        if self.reader is not None:
            self.reader.send(data)

    def _proceed(self) -> None:
        if self.reader is not None:
            self.reader.proceed()
