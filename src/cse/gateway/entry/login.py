"""Logging in: who it is, what they ask for, and the session that they get."""

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from cse.core.errors import Unavailable
from cse.gateway.entry.connection import RESEND_WORDS, Connection
from cse.gateway.entry.keys import is_over
from cse.gateway.entry.options import MAX_GRACE_MS, MAX_HEARTBEAT_MS, MIN_HEARTBEAT_MS
from cse.gateway.entry.session import Session, Terms
from cse.gateway.entry.submits import told
from cse.gateway.limits import Buckets, Rate
from cse.messages.session import LoggedIn, Login, SessionError, login_message
from cse.users.model import KeyPrincipal, KeyRefused

if TYPE_CHECKING:
    from cse.gateway.entry.desk import Desk

log = structlog.get_logger(__name__)

NOT_AUTHENTICATED: Final = "no such key, or a wrong signature, or not from this address"


class LoginRefused(Exception):
    """No session for this log-in."""

    def __init__(self, code: SessionError, words: str) -> None:
        """Take what the client is told."""
        super().__init__(words)
        self.code = code
        self.words = words


class Opened(NamedTuple):
    """A session, and whether it was there before."""

    session: Session
    resumed: bool


class Logins:
    """Log-ins under way: each is a task, as a key may have to be looked up in a database."""

    def __init__(self, desk: "Desk") -> None:
        """Open sessions of `desk`."""
        self._desk: Final = desk
        options = desk.options
        self._rates: Final = Buckets(Rate(options.logins_per_minute, 60, options.logins_per_minute))
        self._tasks: Final[set[asyncio.Task[None]]] = set()

    def begin(self, connection: Connection, login: Login, frame: bytes) -> None:
        """Begin one; the connection is told how it ends."""
        task = asyncio.get_running_loop().create_task(self._run(connection, login, frame))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up on all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, connection: Connection, login: Login, frame: bytes) -> None:
        try:
            self._check(connection, login)
            owner = await self._verify(connection, login, frame)
            if not connection.open:
                return
            self._open(connection, login, owner)
        except LoginRefused as error:
            connection.refuse(error.code, error.words, closes=True)
        except Exception:
            log.exception("entry_login_failed")
            connection.refuse(SessionError.UNAVAILABLE, "something went wrong", closes=True)

    def _check(self, connection: Connection, login: Login) -> None:
        """Look at everything that needs no key, the rate of log-ins first."""
        now_ns = int(self._desk.now() * 1_000_000_000)
        address = connection.link.address
        fill_ns = self._rates.fill_ns(address, self._rates.interval_ns, now_ns)
        if address and fill_ns > self._rates.full_ns:
            raise LoginRefused(SessionError.TOO_MANY_LOGINS, "try again in a minute")
        self._rates.set(address, min(fill_ns, self._rates.full_ns), now_ns)
        skew_ms = login.timestamp_ms - self._desk.now_ms()
        if abs(skew_ms) > self._desk.options.clock_window_ms:
            raise LoginRefused(SessionError.CLOCK_OFF, f"your clock is {skew_ms} ms off")
        beat = login.heartbeat_ms
        if beat and not MIN_HEARTBEAT_MS <= beat <= MAX_HEARTBEAT_MS:
            raise LoginRefused(
                SessionError.INVALID_OPTION,
                f"heartbeat_ms: {MIN_HEARTBEAT_MS} to {MAX_HEARTBEAT_MS}, or 0",
            )
        if login.cancel_grace_ms > MAX_GRACE_MS:
            raise LoginRefused(
                SessionError.INVALID_OPTION, f"cancel_grace_ms: at most {MAX_GRACE_MS}"
            )

    async def _verify(self, connection: Connection, login: Login, frame: bytes) -> KeyPrincipal:
        keys = self._desk.keys
        try:
            owner = await keys.verify(
                login.key_id,
                message=login_message(connection.nonce, frame),
                signature=login.signature,
                client_ip=connection.link.client_ip,
            )
        except Unavailable as error:
            raise LoginRefused(SessionError.UNAVAILABLE, told(error)) from error
        if isinstance(owner, KeyRefused):
            raise LoginRefused(SessionError.NOT_AUTHENTICATED, NOT_AUTHENTICATED)
        if is_over(keys, owner, self._desk.now_ms()):
            raise LoginRefused(SessionError.KEY_REVOKED, "the key is not good any more")
        return owner

    def _open(self, connection: Connection, login: Login, owner: KeyPrincipal) -> None:
        opened = self._find_or_begin(login, owner)
        session, desk = opened.session, self._desk
        if session.reader is not None:
            session.reader.end(SessionError.TAKEN_OVER, "the session goes on elsewhere")
        terms = Terms(
            login.heartbeat_ms or desk.options.heartbeat_ms,
            login.cancel_on_disconnect,
            login.cancel_grace_ms,
        )
        desk.submits.flush()
        desk.sessions.connect(session, connection, terms)
        connection.logged_in(session)
        wanted = login.next_sequence if opened.resumed else 0
        if wanted and session.why_not_resend(wanted) is not None:
            wanted = self._tell_what_is_left(connection, session, wanted)
        connection.send_message(self._greeting(session, terms))
        log.info(
            "entry_logged_in",
            account_id=owner.account_id,
            key_id=owner.key_id,
            resumed=opened.resumed,
        )
        if wanted:
            session.resend(wanted)
        connection.proceed()

    def _tell_what_is_left(self, connection: Connection, session: Session, wanted: int) -> int:
        """Say that not everything can be sent again; return from where it will be."""
        code, oldest = session.why_not_resend(wanted), session.sent.oldest
        assert code is not None, "asked before"
        connection.refuse(code, RESEND_WORDS[code], closes=False, place=oldest)
        return oldest if code is SessionError.RESEND_TOO_OLD else 0

    def _find_or_begin(self, login: Login, owner: KeyPrincipal) -> Opened:
        sessions = self._desk.sessions
        if login.session_id:
            found = sessions.find(login.session_id, owner)
            if found is None:
                raise LoginRefused(
                    SessionError.SESSION_UNKNOWN, "begin a new one, and look for orders by REST"
                )
            return Opened(found, resumed=True)
        begun = sessions.begin(owner)
        if begun is None:
            raise LoginRefused(SessionError.TOO_MANY_SESSIONS, "of this account are connected")
        return Opened(begun, resumed=False)

    def _greeting(self, session: Session, terms: Terms) -> LoggedIn:
        options = self._desk.options
        return LoggedIn(
            session_id=session.session_id,
            account_id=session.account_id,
            next_submit=session.next_submit,
            next_sequence=session.sent.last + 1,
            engine_sequence=self._desk.submits.engine_sequence,
            max_commands=options.max_commands,
            max_in_flight=options.max_in_flight,
            orders_per_second=options.orders_per_second,
            order_burst=options.order_burst,
            heartbeat_ms=terms.heartbeat_ms,
        )
