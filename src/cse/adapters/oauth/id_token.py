"""Id tokens: who a provider says that somebody is (OpenID Connect Core 1.0, 3.1.3.7).

The algorithm is pinned, and keys come from the provider's own JWKS only, never from the token (`jku`, `jwk`, `x5u` are
not looked at).
"""

import hmac
from typing import Any, Final, NamedTuple

import jwt

from cse.core.clock import Clock
from cse.users.linked.errors import ProviderRefused

ALGORITHM: Final = "RS256"
"""What Google signs with, and every provider must be able to (OpenID Connect Core, 15.1)."""
LEEWAY_S: Final = 60
"""How far clocks may be apart."""
_MAX_AGE_S: Final = 600
"""Tokens that were made longer ago are of no flow of ours."""
_MAX_LENGTH: Final = 16_384
_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat"]


class Expected(NamedTuple):
    """What a token must say."""

    issuers: frozenset[str]
    client_id: str
    nonce: str


def key_id(token: str) -> str | None:
    """Return which key a token says that it was signed with; raises ProviderRefused if it is no token of ours."""
    if len(token) > _MAX_LENGTH:
        raise ProviderRefused("id_token_too_long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise ProviderRefused("no_id_token") from error
    if header.get("alg") != ALGORITHM:
        raise ProviderRefused("id_token_algorithm")
    found = header.get("kid")
    return found if isinstance(found, str) else None


def signing_key(jwks: dict[str, Any], wanted: str | None) -> jwt.PyJWK | None:
    """Return the key of this id out of a JWKS (without an id: the only one); None: it is not there.

    Raises:
        ProviderRefused: what came is no JWKS.
    """
    listed = jwks.get("keys")
    if not isinstance(listed, list):
        raise ProviderRefused("no_keys")
    keys = [
        each
        for each in listed
        if isinstance(each, dict)
        and each.get("kty") == "RSA"
        and each.get("use", "sig") == "sig"
        and (wanted is None or each.get("kid") == wanted)
    ]
    if len(keys) != 1:
        return None
    try:
        return jwt.PyJWK(keys[0], algorithm=ALGORITHM)
    except jwt.PyJWTError as error:
        raise ProviderRefused("unusable_key") from error


def claims_of(token: str, key: jwt.PyJWK, expected: Expected, clock: Clock) -> dict[str, Any]:
    """Return what a token says, once everything about it is as it must be.

    Raises:
        ProviderRefused: signature, issuer, audience, time or nonce is not.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=expected.client_id,
            options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
        )
    except jwt.PyJWTError as error:
        raise ProviderRefused(f"id_token_{type(error).__name__}") from error
    if claims["iss"] not in expected.issuers:
        raise ProviderRefused("id_token_issuer")
    _check_party(claims, expected.client_id)
    _check_time(claims, clock.now_ms() // 1000)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode("utf-8", "replace"), expected.nonce.encode()
    ):
        raise ProviderRefused("id_token_nonce")
    return claims


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    audience = claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    party = claims.get("azp")
    if party != client_id and (is_shared or party is not None):
        raise ProviderRefused("id_token_party")


def _check_time(claims: dict[str, Any], now_s: int) -> None:
    made, ends = claims["iat"], claims["exp"]
    if type(made) is not int or type(ends) is not int:
        raise ProviderRefused("id_token_times")
    if ends + LEEWAY_S <= now_s:
        raise ProviderRefused("id_token_expired")
    if not now_s - _MAX_AGE_S - LEEWAY_S <= made <= now_s + LEEWAY_S:
        raise ProviderRefused("id_token_age")
