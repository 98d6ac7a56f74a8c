"""Sessions: what a log-in begins, refreshes carry on and a log-out ends.

A refresh token is good once. One that comes a second time has been copied (or lost its answer on the
way): nobody can tell which of the two is the thief, so the whole session ends (RFC 9700, 4.14.2). Browsers lose answers
often (a page that is loaded anew), so theirs may come again for a moment; a thief who does so ends the session at
the owner's next refresh, or is found out by it.

A session that is not used ends after `idle_ms`, and one that is used after `longest_ms` all the same: then its person
shows again who they are (NIST SP 800-63B-4, 2.1.3 and 2.2.3). No token outlives it.
"""

import secrets
from typing import NamedTuple

import msgspec

from cse.core.clock import Clock
from cse.users.account_endings import Standing, refuse_unless_open, unknown_standing
from cse.users.audit import NOBODY, Act, AuditAct, AuditTrail, Facts, user_actor
from cse.users.devices import NO_DEVICE, Device
from cse.users.errors import AccountNotOpen, InvalidToken
from cse.users.model import ALL_SCOPES, Claims, RefreshToken, Session, TokenPair, User
from cse.users.ports import RefreshOutcome, SessionStore
from cse.users.revocations import Revocations
from cse.users.session_uses import SessionUses
from cse.users.tokens import AccessTokens, digest_of, new_refresh_token


class SessionLimits(NamedTuple):
    """How long a session lives, in milliseconds."""

    idle_ms: int
    """After its last use: the life of a refresh token."""
    longest_ms: int
    """After its log-in, however much it is used."""


class SessionParts(NamedTuple):
    """What sessions are made of."""

    store: SessionStore
    tokens: AccessTokens
    revocations: Revocations
    clock: Clock
    limits: SessionLimits
    uses: SessionUses
    """Is told of refreshes."""
    audit: AuditTrail
    """Is told what begins and what is ended."""
    standing: Standing = unknown_standing
    """Whose account may be used."""


class Sessions:
    """Gives out, renews and takes back tokens."""

    def __init__(self, parts: SessionParts) -> None:
        """Use these."""
        self._store = parts.store
        self._tokens = parts.tokens
        self._revocations = parts.revocations
        self._clock = parts.clock
        self._limits = parts.limits
        self._uses = parts.uses
        self._audit = parts.audit
        self._standing = parts.standing

    async def begin(self, user: User, device: Device = NO_DEVICE) -> TokenPair:
        """Begin a session of a user who has shown who they are. Whatever they held before is none of it.

        Raises:
            AccountNotOpen: the account is frozen or closed.
            Unavailable: the database is out of reach.
        """
        await self._refuse_unless_open(user)
        now_ms = self._clock.now_ms()
        ends_at = now_ms + self._limits.longest_ms
        session = Session(
            session_id=secrets.token_hex(16),
            user_id=user.user_id,
            account_id=user.account_id,
            created_at=now_ms,
            expires_at=min(now_ms + self._limits.idle_ms, ends_at),
            ends_at=ends_at,
            began_from=device.address,
            user_agent=device.user_agent,
        )
        token, stored = self._new_refresh_token(now_ms)
        await self._record(Act.LOG_IN, session, {"user_agent": device.user_agent})
        await self._store.add_session(
            session, msgspec.structs.replace(stored, expires_at=session.expires_at)
        )
        try:
            # Whoever is frozen meanwhile: their sessions were perhaps ended before this one was there.
            refuse_unless_open(self._standing(user.account_id))
        except AccountNotOpen:
            await self._revocations.revoke(session.session_id)
            raise
        return self._pair(session, token, now_ms)

    async def refresh(
        self, refresh_token: str, address: str = "", *, replay_ms: int = 0
    ) -> TokenPair:
        """Use a refresh token up, from a client address, and return the next pair.

        For `replay_ms` after its use it may come again as long as no successor was used: its answer was lost.

        Raises:
            InvalidToken: `invalid_refresh_token`, `refresh_token_expired` (not used in its time),
                `session_expired` (the session's absolute end), `session_revoked`, or
                `refresh_token_reused` (then the session has just been ended).
            Unavailable: the database is out of reach; the token is still good.
        """
        now_ms = self._clock.now_ms()
        successor, stored = self._new_refresh_token(now_ms)
        outcome, session = await self._store.rotate(
            digest_of(refresh_token), stored, replay_ms=replay_ms
        )
        if outcome is RefreshOutcome.ROTATED and session is not None:
            self._uses.note(session.session_id, address)
            return self._pair(session, successor, now_ms)
        if outcome is RefreshOutcome.REUSED and session is not None:
            await self._revocations.announce(session.session_id, now_ms)
            await self._record(Act.REFRESH_REUSED, session, {})
        raise InvalidToken(*_REFUSED[outcome])

    async def end(self, session_id: str, user_id: int = 0) -> None:
        """End a session, whose person is given for the record; harmless if it has ended.

        Raises:
            Unavailable: the database is out of reach; the session goes on.
        """
        await self._record_end(session_id, user_id)
        await self._revocations.revoke(session_id)

    async def end_by_refresh_token(self, refresh_token: str) -> None:
        """End the session of a refresh token; harmless if it has ended.

        Raises:
            InvalidToken: no such token was ever given out.
            Unavailable: the database is out of reach; the session goes on.
        """
        session = await self._store.session_of(digest_of(refresh_token))
        if session is None:
            raise InvalidToken(*_REFUSED[RefreshOutcome.UNKNOWN])
        await self.end(session.session_id, session.user_id)

    async def _refuse_unless_open(self, user: User) -> None:
        try:
            refuse_unless_open(self._standing(user.account_id))
        except AccountNotOpen as error:
            who = user_actor(user.user_id)
            refused = AuditAct(act=Act.LOG_IN_REFUSED, actor=who, object=who, reason=error.code)
            await self._audit.record(refused)
            raise

    async def _record_end(self, session_id: str, user_id: int) -> None:
        actor = user_actor(user_id) if user_id else NOBODY
        await self._audit.record(
            AuditAct(act=Act.LOG_OUT, actor=actor, object=f"session:{session_id}")
        )

    async def _record(self, act: Act, session: Session, after: Facts) -> None:
        await self._audit.record(
            AuditAct(
                act=act,
                actor=user_actor(session.user_id),
                object=f"session:{session.session_id}",
                after=after,
                session_id=session.session_id,
            )
        )

    def _new_refresh_token(self, now_ms: int) -> tuple[str, RefreshToken]:
        token = new_refresh_token()
        return token, RefreshToken(digest_of(token), now_ms, now_ms + self._limits.idle_ms)

    def _pair(self, session: Session, refresh_token: str, now_ms: int) -> TokenPair:
        expires_at = min(now_ms + self._tokens.access_ms, session.ends_at)
        claims = Claims(
            user_id=session.user_id,
            account_id=session.account_id,
            session_id=session.session_id,
            scopes=ALL_SCOPES,
            expires_at=expires_at,
        )
        # A token runs out with the second that `expires_at` lies in.
        seconds = expires_at // 1000 - now_ms // 1000
        left = max(session.ends_at - now_ms, 0) // 1000
        return TokenPair(self._tokens.issue(claims), refresh_token, seconds, left)


_REFUSED = {
    RefreshOutcome.UNKNOWN: (
        "invalid_refresh_token",
        "The refresh token is none of ours; log in again.",
    ),
    RefreshOutcome.EXPIRED: (
        "refresh_token_expired",
        "The refresh token has expired; log in again.",
    ),
    RefreshOutcome.ENDED: (
        "session_expired",
        "The session has reached its longest time; log in again.",
    ),
    RefreshOutcome.REVOKED: ("session_revoked", "The session has ended; log in again."),
    RefreshOutcome.REUSED: (
        "refresh_token_reused",
        "The refresh token had been used before, so the session was ended for safety; log in again.",
    ),
}
