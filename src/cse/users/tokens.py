"""Tokens: access tokens are JWTs (EdDSA, RFC 8037) of 15 minutes, refresh tokens are opaque.

The algorithm is pinned, the key is chosen by `kid` from our own ring only, and every claim is required.
"""

import hashlib
import secrets
from typing import Annotated, Any, Final

import jwt
import msgspec

from cse.core.clock import Clock
from cse.users.errors import InvalidToken
from cse.users.keys import Keys
from cse.users.model import Claims

ALGORITHM: Final = "EdDSA"
TOKEN_TYPE: Final = "at+jwt"
"""RFC 9068: no other kind of JWT that we might sign some day passes for an access token."""
MAX_TOKEN_LENGTH: Final = 2_048
CLOCK_SKEW_SECONDS: Final = 5
"""How far ahead the clock of the gateway that issued a token may be of the one that checks it."""
REFRESH_TOKEN_BYTES: Final = 32


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    alg: str
    kid: str
    typ: str


class _Payload(msgspec.Struct, forbid_unknown_fields=True):
    iss: str
    aud: str
    sub: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,15}\Z")]
    acc: int
    sid: str
    scope: str
    iat: int
    nbf: int
    exp: int


class AccessTokens:
    """Signs and verifies access tokens."""

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        *,
        access_ms: int,
        issuer: str = "cse",
        audience: str = "cse-api",
    ) -> None:
        """Tokens are good for `access_ms`; `issuer` and `audience` keep two exchanges apart."""
        self.access_ms = access_ms
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._audience = audience

    @property
    def generation(self) -> int:
        """Counts up whenever the keys have changed: what was verified before may be so no more."""
        return self._keys.generation

    def issue(self, claims: Claims) -> str:
        """Return a signed token of these claims; it runs out at `claims.expires_at`."""
        kid, key = self._keys.active
        now_s = self._clock.now_ms() // 1000
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(claims.user_id),
            "acc": claims.account_id,
            "sid": claims.session_id,
            "scope": " ".join(sorted(claims.scopes)),
            "iat": now_s,
            "nbf": now_s,
            "exp": claims.expires_at // 1000,
        }
        return jwt.encode(
            payload, key, algorithm=ALGORITHM, headers={"kid": kid, "typ": TOKEN_TYPE}
        )

    def verify(self, token: str) -> Claims:
        """Return the claims of a token that is ours and good now. Revocation is not looked at here.

        Raises:
            InvalidToken: `token_expired`, or `invalid_token` for everything else.
        """
        payload = self._payload(token)
        now_s = self._clock.now_ms() // 1000
        if payload.nbf > now_s + CLOCK_SKEW_SECONDS:
            raise _invalid("is not good yet")
        if payload.exp <= now_s:
            raise InvalidToken("token_expired", "The access token has expired; refresh it.")
        return Claims(
            user_id=int(payload.sub),
            account_id=payload.acc,
            session_id=payload.sid,
            scopes=frozenset(payload.scope.split()),
            expires_at=payload.exp * 1000,
        )

    def _payload(self, token: str) -> _Payload:
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise _invalid("is none of ours")
        try:
            header = msgspec.convert(jwt.get_unverified_header(token), _Header)
            key = self._keys.find(header.kid)
            if header.typ != TOKEN_TYPE or key is None:
                raise _invalid("is none of ours")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                # Times are compared above, with the clock that everything else here uses.
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            return msgspec.convert(claims, _Payload)
        except (
            jwt.InvalidTokenError,
            msgspec.ValidationError,
            ValueError,
            RecursionError,
        ) as error:
            raise _invalid("is none of ours") from error


def new_refresh_token() -> str:
    """Return 256 random bits in base64url."""
    return secrets.token_urlsafe(REFRESH_TOKEN_BYTES)


def digest_of(refresh_token: str) -> bytes:
    """Return what is stored of a refresh token; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()


def _invalid(what: str) -> InvalidToken:
    return InvalidToken("invalid_token", f"The access token {what}; log in again.")
