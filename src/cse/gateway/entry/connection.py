"""One connection: its messages read in turn, its times watched, its end. Knows no transport."""

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

import structlog

from cse.gateway.entry.incoming import Incoming, Received, StreamBroken
from cse.gateway.entry.link import Link
from cse.gateway.entry.options import PROTOCOL_VERSION
from cse.gateway.entry.session import Session
from cse.messages.codec import encode_frame
from cse.messages.session import (
    Heartbeat,
    Hello,
    Login,
    Logout,
    Refused,
    Resend,
    SessionError,
    SessionMessage,
    Submit,
)

if TYPE_CHECKING:
    from cse.gateway.entry.desk import Desk

log = structlog.get_logger(__name__)


class Connection:
    """A client's connection, before and after its log-in."""

    def __init__(self, desk: "Desk", link: Link) -> None:
        """Say Hello. The owner of the link calls `received`, `full`, `drained` and `lost`."""
        self.desk: Final = desk
        self.link: Final = link
        self.nonce: Final = secrets.token_bytes(32)
        self.session: Session | None = None
        self._options: Final = desk.options
        self._incoming: Final = Incoming(desk.options.max_commands)
        now = desk.now()
        self._opened_at = self._in_at = self._out_at = now
        self._partial_at: float | None = None
        """Since when a message is begun and not whole."""
        self._full_at: float | None = None
        """Since when the client leaves too much unread."""
        self._closing_at: float | None = None
        self._verifying = False
        self._reading = True
        self._read_planned = False
        self._spent_until = now
        """Until when the messages that were taken use up their rate."""
        self.send_message(Hello(PROTOCOL_VERSION, self.nonce))

    @property
    def open(self) -> bool:
        """Whether it is not about to end."""
        return self._closing_at is None

    # --- what the link tells

    def received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self._closing_at is None:
            self._in_at = self.desk.now()
            self._incoming.feed(data)
            self._read()

    def full(self) -> None:
        """Too much is unread: take nothing more until it is read."""
        self._full_at = self.desk.now()
        self.desk.submits.stop_waiting(self)  # nobody waits behind who would not go on
        self._set_reading()

    def drained(self) -> None:
        """It was read."""
        self._full_at = None
        self._read()

    def lost(self) -> None:
        """The connection is over."""
        self._closing_at = self._closing_at or self.desk.now()
        self._leave()
        self.desk.submits.stop_waiting(self)
        self.desk.forget(self)

    # --- what the session and the desk tell

    def send(self, data: bytes) -> None:
        """Send a message's bytes; a client that leaves too much unread is disconnected."""
        if self._closing_at is not None:
            return
        if self.link.unsent() > self._options.max_unsent_bytes:
            self.drop("too much is unread")
            return
        self._out_at = self.desk.now()
        self.link.write(data)

    def send_message(self, message: SessionMessage) -> None:
        """Send a message that has no number."""
        self.send(encode_frame(message, 0, self.desk.now_ms()))

    def proceed(self) -> None:
        """Go on reading, a moment later."""
        if not self._read_planned and (len(self._incoming) or not self._reading):
            self._read_planned = True
            asyncio.get_running_loop().call_soon(self._read_later)

    def logged_in(self, session: Session) -> None:
        """Have a session from now on."""
        self._verifying = False
        self.session = session

    def refuse(
        self, code: SessionError, words: str, *, closes: bool, submit: int = 0, place: int = 0
    ) -> None:
        """Say what is not done, and end the connection if it `closes`."""
        tell = log.debug if self.session is None else log.info  # strangers do not fill our logs
        tell("entry_refused", code=code.name, words=words, closes=closes, **self._who())
        self.send_message(
            Refused(code, closes=closes, submit=submit, place=place, retry_after_ms=0, words=words)
        )
        if closes:
            self.close()

    def close(self) -> None:
        """End the connection when everything is sent. The session goes on without it."""
        if self._closing_at is None:
            self._closing_at = self.desk.now()
            self._leave()
            self.desk.submits.stop_waiting(self)
            self.link.close()

    def drop(self, reason: str) -> None:
        """End the connection at once: the client would not read our last words."""
        log.warning("entry_client_dropped", reason=reason, **self._who())
        self._closing_at = self._closing_at or self.desk.now()
        self._leave()
        self.link.abort()

    def end(self, code: SessionError, words: str) -> None:
        """Say why the session is not this connection's any more, and close it."""
        self.session = None
        self.refuse(code, words, closes=True)

    # --- times

    def sweep(self, now: float) -> None:
        """Do what is due: heartbeats, and the end of who takes too long."""
        options, session = self._options, self.session
        if self._closing_at is not None:
            if _over(self._closing_at, now, options.close_timeout_ms):
                self.link.abort()
        elif _over(self._full_at, now, options.write_timeout_ms):
            self.drop("our messages are not read")
        elif _over(self._partial_at, now, options.frame_timeout_ms):
            self.refuse(SessionError.INCOMPLETE_FRAME, "the rest did not come", closes=True)
        elif session is None:
            if _over(self._opened_at, now, options.login_timeout_ms):
                self.refuse(SessionError.LOGIN_TIMEOUT, "nobody logged in", closes=True)
        else:
            self._beat(session, now)

    def _beat(self, session: Session, now: float) -> None:
        heartbeat_ms = session.terms.heartbeat_ms
        if self._reading and _over(self._in_at, now, 2 * heartbeat_ms):
            words = f"nothing was heard for {2 * heartbeat_ms} ms"
            self.refuse(SessionError.HEARTBEAT_MISSED, words, closes=True)
        elif _over(self._out_at, now, heartbeat_ms):
            self.send_message(Heartbeat(session.sent.last))

    # --- reading

    def _may_read(self) -> bool:
        if self._closing_at is not None or self._verifying or self._full_at is not None:
            return False
        if self.desk.stopping:
            return False
        session = self.session
        if session is None:
            return True
        if len(session.under_way) >= self._options.max_in_flight:
            return False  # an answer wakes it
        return self.desk.submits.has_room(self)

    def _read_later(self) -> None:
        self._read_planned = False
        self._read()

    def _read(self) -> None:
        """Take whole messages as long as there are any and nothing speaks against it."""
        took = False
        received: Received | None = None
        try:
            while self._may_read() and (received := self._incoming.next()) is not None:
                took = True
                self._take(received)
        except StreamBroken as error:
            self.refuse(error.code, error.words, closes=True)
        if not len(self._incoming) or not self._may_read():
            self._partial_at = None
        elif took or self._partial_at is None:
            self._partial_at = self.desk.now()
        self._set_reading()

    def _set_reading(self) -> None:
        wanted = self._may_read()
        if wanted is self._reading or self._closing_at is not None:
            return
        self._reading = wanted
        if wanted:
            self._in_at = self.desk.now()  # what came meanwhile was not looked for
            self.link.resume_reading()
        else:
            self.link.pause_reading()

    def _take(self, received: Received) -> None:
        message, session = received.message, self.session
        if session is None:
            if isinstance(message, Login):
                self._verifying = True
                self.desk.log_in(self, message, received.frame)
            else:
                self.refuse(SessionError.NOT_LOGGED_IN, "log in first", closes=True)
        elif isinstance(message, Submit) and received.sequence == session.next_submit:
            self.desk.submits.take(session, message.count, received.payload)
        elif self._is_too_much():
            self.refuse(SessionError.TOO_MANY_MESSAGES, "besides Submits", closes=True)
        elif isinstance(message, Submit):
            self._again(session, received.sequence)
        else:
            self._control(session, message)

    def _control(self, session: Session, message: SessionMessage) -> None:
        if isinstance(message, Resend):
            code = session.why_not_resend(message.from_sequence)
            if code is None:
                session.resend(message.from_sequence)
            else:
                oldest = session.sent.oldest
                self.refuse(code, RESEND_WORDS[code], closes=False, place=oldest)
        elif isinstance(message, Logout):
            self.desk.sessions.end(session)
            self.send_message(Logout())
            self.close()
        elif isinstance(message, Login):
            self.refuse(SessionError.UNEXPECTED_MESSAGE, "logged in already", closes=True)

    def _again(self, session: Session, number: int) -> None:
        """Take a Submit that has not the next number."""
        expected = session.next_submit
        if not 0 < number < expected:
            words = f"Submit {number} where {expected} should be"
            self.refuse(SessionError.SEQUENCE_GAP, words, closes=True, place=expected)
            return
        code = session.repeat(number)
        if code is not None:
            self.refuse(code, RESEND_WORDS[code], closes=False, submit=number)

    def _is_too_much(self) -> bool:
        """Take a message from the connection's rate; return whether it has none left."""
        now = self.desk.now()
        rate = self._options.messages_per_second
        self._spent_until = max(self._spent_until, now) + 1 / rate
        return self._spent_until - now > 2  # twice as many as a second's worth

    def _leave(self) -> None:
        session, self.session = self.session, None
        if session is not None and session.reader is self:
            self.desk.sessions.lose(session, self.desk.now())

    def _who(self) -> dict[str, object]:
        account_id = self.session.account_id if self.session else None
        return {"address": self.link.client_ip, "account_id": account_id}


RESEND_WORDS: Final = {
    SessionError.RESEND_TOO_OLD: "not kept any more: fetch orders and fills by REST",
    SessionError.RESEND_AHEAD: "nothing of that number was sent yet",
    SessionError.SUBMIT_TOO_OLD: "its answer is not kept any more: fetch orders by REST",
}


def _over(since: float | None, now: float, limit_ms: int) -> bool:
    return since is not None and now - since > limit_ms / 1_000
