"""Ports of the user service: its tables, its cache and its key ring. One contract suite each.

Every method of every store here raises cse.core.errors.Unavailable while what it stands on is out of reach.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from cse.users.model import (
    ApiKey,
    Credentials,
    NewApiKey,
    NewUser,
    Opening,
    RefreshToken,
    Renewal,
    SeenSession,
    Session,
    Use,
    User,
)


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

    async def credentials_of(self, user_id: int) -> Credentials | None:
        """Return what this person's password is checked against."""
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
    """The token was not used in its time."""
    ENDED = "ended"
    """The session has reached its absolute end."""
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

    async def rotate(
        self, digest: bytes, successor: RefreshToken, *, replay_ms: int = 0
    ) -> Rotation:
        """Use a refresh token up and store its successor; of two at once exactly one gets it.

        The time of the attempt is `successor.issued_at`. A token that was used before revokes its session, unless that
        was within `replay_ms` and no successor of it was used since: then it gets another one. Of such siblings one is
        good: using it uses up the others.
        No successor is good for longer than its session: it is stored with the earlier end of the two.
        """
        ...

    async def session_of(self, digest: bytes) -> Session | None:
        """Return the session that a refresh token, used or not, belongs to."""
        ...

    async def revoke(self, session_id: str, at_ms: int) -> bool:
        """End a session; False if there is none or it had ended."""
        ...

    async def sessions_of(
        self, user_id: int, *, at_ms: int, before: tuple[int, str] | None, limit: int
    ) -> Sequence[SeenSession]:
        """Return a person's sessions that are not over at a time, newest first.

        `before`: only those that sort below this (created_at, session id), which may be the beginning of an id.
        """
        ...

    async def revoke_own(self, user_id: int, session_id: str, at_ms: int) -> bool:
        """End a session of this person, if it has not ended; False: there is none, or not theirs."""
        ...

    async def revoke_others(self, user_id: int, keep: str | None, at_ms: int) -> Sequence[str]:
        """End all sessions of a person but one (None: all); return the ids of those that ended by it."""
        ...

    async def revoke_accounts(self, account_ids: Sequence[int], at_ms: int) -> Sequence[str]:
        """End all sessions of these accounts' owners; return the ids of those that ended by it."""
        ...

    async def log_in_addresses(self, email: str, since_ms: int) -> Sequence[str]:
        """Return the addresses that sessions of the person of an e-mail address began from since then, 100 at most."""
        ...

    async def mark_used(self, uses: Mapping[str, Use]) -> None:
        """Note when sessions were used last, by session id; an earlier time than the noted one changes nothing."""
        ...

    async def revoked_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        """Return (session id, when) of every session revoked at or after a time, oldest first."""
        ...

    async def purge(self, before_ms: int) -> int:
        """Delete sessions that ran out before a time, with their tokens; return how many."""
        ...


class KeyBounds(NamedTuple):
    """How many API keys a person may have, and make."""

    at_once: int
    """Of each account, not revoked ones; those that have expired count."""
    per_day: int
    """Of all accounts together, made in the 24 hours before, revoked ones included."""


class ApiKeyStore(Protocol):
    """API keys. Every method is one transaction; nothing is ever deleted."""

    async def add_key(self, new: NewApiKey, bounds: KeyBounds) -> ApiKey:
        """Store a key; of many at once no more are stored than `bounds` allow.

        Raises:
            cse.users.errors.UnknownUser: there is no such user.
            cse.users.errors.UnknownAccount: the user has no such sub-account that is open.
            cse.users.errors.KeyKnown: the user has or had a key with this public key.
            cse.users.errors.TooManyKeys, cse.users.errors.TooManyNewKeys: that would exceed `bounds`.
        """
        ...

    async def key(self, key_id: str) -> ApiKey | None:
        """Return a key, revoked or not."""
        ...

    async def keys_of(self, user_id: int, *, before: int | None, limit: int) -> Sequence[ApiKey]:
        """Return a user's keys that are not revoked, newest first, from below a `number` on."""
        ...

    async def revoke_key(self, user_id: int, key_id: str, at_ms: int) -> ApiKey | None:
        """Revoke a key for good and return it; one that was revoked stays as it is.

        None: there is no such key, or it is somebody else's.
        """
        ...

    async def renew_key(self, user_id: int, key_id: str, new: Renewal) -> ApiKey | None:
        """Put `new` in the place of what a key has, which stays good until `new.old_until`; return the key.

        None: there is no such key, it is revoked or has expired, or it is somebody else's.

        Raises:
            cse.users.errors.KeyKnown: the user has or had a key with this public key.
            cse.users.errors.RotationRuns: what it had before its last rotation is still good.
        """
        ...

    async def mark_used(self, used: Mapping[str, int]) -> None:
        """Note when keys were used last, by key id; an earlier time than the noted one changes nothing."""
        ...

    async def revoked_keys_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        """Return (key id, when) of every key revoked at or after a time, oldest first."""
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

    async def take(self, key: str) -> bytes | None:
        """Return a value that has not run out and forget it; of many at once one gets it."""
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
