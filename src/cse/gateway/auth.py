"""Who is it: bearer tokens to principals, fast on tokens that were verified before."""

from collections import OrderedDict
from collections.abc import Container
from typing import Final

import msgspec

from cse.core.clock import Clock
from cse.gateway.problems import ApiProblem
from cse.users.errors import InvalidToken
from cse.users.tokens import MAX_TOKEN_LENGTH, AccessTokens

MAX_CACHED: Final = 10_000
"""Verified tokens that are remembered; at under 1 KB each this bounds the memory to 10 MB."""
_SCHEME: Final = "bearer "


class Principal(msgspec.Struct, frozen=True):
    """Somebody who is who they say."""

    user_id: int
    account_id: int
    session_id: str
    scopes: frozenset[str]


class Authenticator:
    """Verifies `Authorization: Bearer ...`; a signature is checked once, expiry and revocation each time."""

    def __init__(
        self,
        tokens: AccessTokens,
        revoked: Container[str],
        clock: Clock,
        *,
        max_cached: int = MAX_CACHED,
    ) -> None:
        """`revoked` holds ids of sessions that are over (`Revocations`)."""
        self._tokens = tokens
        self._revoked = revoked
        self._clock = clock
        self._max_cached = max_cached
        self._verified: OrderedDict[str, tuple[Principal, int]] = OrderedDict()
        self._generation = tokens.generation

    def authenticate(self, authorization: str | None) -> Principal:
        """Return who sends this Authorization header.

        Raises:
            ApiProblem: 401 `not_authenticated`, `invalid_token`, `token_expired` or `session_revoked`.
        """
        if authorization is None:
            raise _unauthorized(
                "not_authenticated", "Log in first: send `Authorization: Bearer ...`."
            )
        if self._generation != self._tokens.generation:  # a key may have been withdrawn
            self._generation = self._tokens.generation
            self._verified.clear()
        known = self._verified.get(authorization)
        if known is None or known[1] <= self._clock.now_ms():
            known = self._verify(authorization)
        if known[0].session_id in self._revoked:
            raise _unauthorized("session_revoked", "The session has ended; log in again.")
        return known[0]

    def authenticate_token(self, token: str) -> Principal:
        """Return who holds an access token (WebSocket `auth`); errors as in `authenticate`."""
        return self.authenticate(f"Bearer {token}")

    def __len__(self) -> int:
        """Return how many tokens are remembered."""
        return len(self._verified)

    def _verify(self, authorization: str) -> tuple[Principal, int]:
        self._verified.pop(authorization, None)
        scheme = authorization[: len(_SCHEME)].lower()
        if scheme != _SCHEME or len(authorization) > len(_SCHEME) + MAX_TOKEN_LENGTH:
            raise _unauthorized(
                "invalid_token", "Send `Authorization: Bearer ` and an access token."
            )
        try:
            claims = self._tokens.verify(authorization[len(_SCHEME) :])
        except InvalidToken as error:
            raise _unauthorized(error.code, str(error)) from error
        principal = Principal(
            user_id=claims.user_id,
            account_id=claims.account_id,
            session_id=claims.session_id,
            scopes=claims.scopes,
        )
        self._verified[authorization] = (principal, claims.expires_at)
        if len(self._verified) > self._max_cached:
            self._verified.popitem(last=False)
        return principal, claims.expires_at


def _unauthorized(code: str, detail: str) -> ApiProblem:
    challenge = 'Bearer realm="cse"'
    if code != "not_authenticated":  # RFC 6750, 3.1: no error code when there were no credentials
        challenge += ', error="invalid_token"'
    return ApiProblem(401, code, detail, headers={"WWW-Authenticate": challenge})
