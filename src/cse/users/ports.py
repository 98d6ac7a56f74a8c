"""Ports of the user service: its tables, its cache and its key ring. One contract suite each.

Every method of every store here raises cse.core.errors.Unavailable while what it stands on is out of reach.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from cse.users.model import Credentials, NewUser, Opening, RefreshToken, Session, User


class UserStore(Protocol):
    """People, and the outbox of account openings. Every method is one transaction."""

    async def add_user(self, new: NewUser) -> User:
        """Store a user with the next account id (from 1000 on) and the outbox row of its opening.

        Raises:
            cse.users.errors.EmailTaken: the address is somebody's.
            cse.users.errors.HandleTaken: the handle is somebody's.
        """
        ...

    async def is_email_taken(self, email: str) -> bool:
        """Return whether the address is registered."""
        ...

    async def credentials(self, email: str) -> Credentials | None:
        """Return what a log-in with this address is checked against."""
        ...

    async def replace_password_hash(self, user_id: int, old: str, new: str) -> bool:
        """Put `new` in the place of `old`; False if it is no longer `old`."""
        ...

    async def reserve_account_ids(self, through: int) -> None:
        """Never give out account ids up to this one (the engine knows them already)."""
        ...

    async def claim_opening(self, account_id: int, at_ms: int) -> bool:
        """Note that an outbox row is about to be sent again; False: it is done or no more.

        From here on the row is never renumbered.
        """
        ...

    async def renumber_account(self, account_id: int) -> Opening | None:
        """Give the user of an unopened account the next id instead; return the new outbox row.

        None: the row is done or was claimed, so that the account in the engine may well be its own.
        """
        ...

    async def pending_openings(
        self, *, before_ms: int, after_account_id: int, limit: int
    ) -> Sequence[Opening]:
        """Return outbox rows not done, made before a time, by rising account id."""
        ...

    async def mark_opened(self, account_id: int, at_ms: int) -> None:
        """The engine has the account: the outbox row is done. Harmless twice."""
        ...


class RefreshOutcome(Enum):
    """What became of a refresh."""

    ROTATED = "rotated"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REUSED = "reused"
    """The token had been used before; its session has been revoked for that."""


class Rotation(NamedTuple):
    """The outcome of a refresh, and the session that the token belongs to, if there is one."""

    outcome: RefreshOutcome
    session: Session | None


class SessionStore(Protocol):
    """Log-ins and their refresh tokens. Every method is one transaction."""

    async def add_session(self, session: Session, token: RefreshToken) -> None:
        """Store a session with its first refresh token."""
        ...

    async def rotate(self, digest: bytes, successor: RefreshToken) -> Rotation:
        """Use a refresh token up and store its successor; of two at once exactly one gets it.

        The time of the attempt is `successor.issued_at`. A token that was used before revokes its session.
        """
        ...

    async def session_of(self, digest: bytes) -> Session | None:
        """Return the session that a refresh token, used or not, belongs to."""
        ...

    async def revoke(self, session_id: str, at_ms: int) -> bool:
        """End a session; False if there is none or it had ended."""
        ...

    async def revoked_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        """Return (session id, when) of every session revoked at or after a time, oldest first."""
        ...

    async def purge(self, before_ms: int) -> int:
        """Delete sessions that ran out before a time, with their tokens; return how many."""
        ...


class Cache(Protocol):
    """Small values that may be lost at any time; shared by all gateways when it is Redis."""

    async def get(self, key: str) -> bytes | None:
        """Return a value that has not run out."""
        ...

    async def set(self, key: str, value: bytes, ttl_ms: int) -> None:
        """Keep a value for at most this long."""
        ...

    async def increment(self, key: str, ttl_ms: int) -> int:
        """Add one to a counter and return it; the first one starts its time to live, the others do not."""
        ...

    async def delete(self, key: str) -> None:
        """Forget a value; harmless if there is none."""
        ...


class KeyStore(Protocol):
    """Where the key ring lies, as bytes only the owner can read."""

    def load_or_create(self, create: Callable[[], bytes]) -> bytes:
        """Return the ring, made by `create` if there is none; of two makers at once one wins for both.

        Raises:
            cse.users.errors.DamagedKeys: not readable, or readable by others.
        """
        ...

    def replace(self, change: Callable[[bytes], bytes]) -> None:
        """Change the ring while nobody else can; readers see the old or the new one, whole.

        Raises:
            cse.users.errors.DamagedKeys: there is none, not readable, or readable by others.
        """
        ...
