"""Sessions: what a log-in begins, refreshes carry on and a log-out ends.

A refresh token is good once. One that comes a second time has been copied (or lost its answer on the
way): nobody can tell which of the two is the thief, so the whole session ends (RFC 9700, 4.14.2).
"""

import secrets

from cse.core.clock import Clock
from cse.users.errors import InvalidToken
from cse.users.model import ALL_SCOPES, Claims, RefreshToken, Session, TokenPair, User
from cse.users.ports import RefreshOutcome, SessionStore
from cse.users.revocations import Revocations
from cse.users.tokens import AccessTokens, digest_of, new_refresh_token


class Sessions:
    """Gives out, renews and takes back tokens."""

    def __init__(
        self,
        store: SessionStore,
        tokens: AccessTokens,
        revocations: Revocations,
        clock: Clock,
        *,
        refresh_ms: int,
    ) -> None:
        """A session lives as long as its newest refresh token: `refresh_ms` after its last use."""
        self._store = store
        self._tokens = tokens
        self._revocations = revocations
        self._clock = clock
        self._refresh_ms = refresh_ms

    async def begin(self, user: User) -> TokenPair:
        """Begin a session of a user whose password was right.

        Raises:
            Unavailable: the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        session = Session(
            session_id=secrets.token_hex(16),
            user_id=user.user_id,
            account_id=user.account_id,
            created_at=now_ms,
            expires_at=now_ms + self._refresh_ms,
        )
        token, stored = self._new_refresh_token(now_ms)
        await self._store.add_session(session, stored)
        return self._pair(session, token, now_ms)

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Use a refresh token up and return the next pair.

        Raises:
            InvalidToken: `invalid_refresh_token`, `refresh_token_expired`, `session_revoked`, or
                `refresh_token_reused` (then the session has just been ended).
            Unavailable: the database is out of reach; the token is still good.
        """
        now_ms = self._clock.now_ms()
        successor, stored = self._new_refresh_token(now_ms)
        outcome, session = await self._store.rotate(digest_of(refresh_token), stored)
        if outcome is RefreshOutcome.ROTATED and session is not None:
            return self._pair(session, successor, now_ms)
        if outcome is RefreshOutcome.REUSED and session is not None:
            await self._revocations.announce(session.session_id, now_ms)
        raise InvalidToken(*_REFUSED[outcome])

    async def end(self, session_id: str) -> None:
        """End a session; harmless if it has ended.

        Raises:
            Unavailable: the database is out of reach; the session goes on.
        """
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
        await self._revocations.revoke(session.session_id)

    def _new_refresh_token(self, now_ms: int) -> tuple[str, RefreshToken]:
        token = new_refresh_token()
        return token, RefreshToken(digest_of(token), now_ms, now_ms + self._refresh_ms)

    def _pair(self, session: Session, refresh_token: str, now_ms: int) -> TokenPair:
        claims = Claims(
            user_id=session.user_id,
            account_id=session.account_id,
            session_id=session.session_id,
            scopes=ALL_SCOPES,
            expires_at=now_ms + self._tokens.access_ms,
        )
        return TokenPair(self._tokens.issue(claims), refresh_token, self._tokens.access_ms // 1000)


_REFUSED = {
    RefreshOutcome.UNKNOWN: (
        "invalid_refresh_token",
        "The refresh token is none of ours; log in again.",
    ),
    RefreshOutcome.EXPIRED: (
        "refresh_token_expired",
        "The refresh token has expired; log in again.",
    ),
    RefreshOutcome.REVOKED: ("session_revoked", "The session has ended; log in again."),
    RefreshOutcome.REUSED: (
        "refresh_token_reused",
        "The refresh token had been used before, so the session was ended for safety; log in again.",
    ),
}
