"""The sessions that there are: begun, gone on with, forgotten."""

import secrets
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from cse.gateway.entry.cancelling import CancelOnDisconnect
from cse.gateway.entry.options import EntryOptions
from cse.gateway.entry.session import Reader, Session, Terms
from cse.gateway.entry.submits import Submits
from cse.messages.session import SessionError
from cse.users.model import KeyPrincipal

log = structlog.get_logger(__name__)


class Sessions:
    """All sessions, with and without a connection."""

    def __init__(
        self,
        submits: Submits,
        cancelling: CancelOnDisconnect,
        options: EntryOptions,
        now_ms: Callable[[], int],
    ) -> None:
        """Begin with none."""
        self._submits: Final = submits
        self._cancelling: Final = cancelling
        self._options: Final = options
        self._now_ms: Final = now_ms
        self._by_id: Final[dict[int, Session]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def begin(self, owner: KeyPrincipal) -> Session | None:
        """Return a new session, None when the account has too many that are connected.

        One more than an account may have: the one that lost its connection longest ago is forgotten for it.
        """
        own = [s for s in self._by_id.values() if s.account_id == owner.account_id]
        if len(own) >= self._options.max_sessions_per_account and not self._forget_one_of(own):
            return None
        everybodys = self._by_id.values()
        if len(self) >= self._options.max_sessions and not self._forget_one_of(everybodys):
            return None
        session_id = secrets.randbits(63) or 1
        session = Session(session_id, owner, self._options.replay_bytes, self._now_ms)
        self._by_id[session_id] = session
        self._submits.add(session)
        return session

    def find(self, session_id: int, owner: KeyPrincipal) -> Session | None:
        """Return the session that this key may go on with."""
        session = self._by_id.get(session_id)
        if session is None or session.owner.key_id != owner.key_id:
            return None
        session.owner = owner
        return session

    def connect(self, session: Session, reader: Reader, terms: Terms) -> None:
        """Give a session its connection."""
        self._cancelling.stop(session)
        session.reader, session.lost_at, session.terms = reader, None, terms

    def lose(self, session: Session, now: float) -> None:
        """Note that its connection is gone; it may be gone on with for a while."""
        session.reader, session.lost_at = None, now
        if session.terms.cancel_on_disconnect:
            self._cancelling.start(session, session.terms.cancel_grace_ms)

    def end(self, session: Session) -> None:
        """End a session for good. Harmless twice."""
        if self._by_id.get(session.session_id) is not session:
            return
        self._forget(session)
        session.reader = None
        self._cancelling.stop(session)
        if session.terms.cancel_on_disconnect:
            self._cancelling.start(session, 0)

    def end_all(self) -> None:
        """End every session."""
        for session in list(self._by_id.values()):
            self.end(session)

    def sweep(self, now: float, is_over: Callable[[KeyPrincipal], bool]) -> None:
        """End sessions whose key is not good any more; forget those whose time to come back is over."""
        for session in list(self._by_id.values()):
            keep_ms = max(self._options.keep_session_ms, session.terms.cancel_grace_ms)
            if is_over(session.owner):
                reader = session.reader
                self.end(session)
                if reader is not None:
                    reader.end(SessionError.KEY_REVOKED, "the key is not good any more")
            elif session.lost_at is not None and now - session.lost_at > keep_ms / 1_000:
                self._forget(session)

    def _forget_one_of(self, sessions: Iterable[Session]) -> bool:
        """Forget the one that lost its connection longest ago; False: all are connected."""
        lost = [(s.lost_at, s.session_id, s) for s in sessions if s.lost_at is not None]
        if lost:
            self._forget(min(lost)[2])
        return bool(lost)

    def _forget(self, session: Session) -> None:
        """Forget it; a cancel on disconnect that waits goes on waiting."""
        del self._by_id[session.session_id]
        self._submits.remove(session)
        log.info("entry_session_over", session=session.session_id, account_id=session.account_id)
