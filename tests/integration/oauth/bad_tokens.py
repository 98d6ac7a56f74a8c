"""Id tokens that must not be believed, by the name of the attack."""

import base64
import time
from collections.abc import Callable
from typing import Any

import jwt
import msgspec

from tests.integration.oauth.local_provider import CLIENT_ID, new_key


def signed_with(key: Any, alg: str = "RS256", **header: Any) -> Callable[[dict[str, Any]], str]:
    """An id token of this key."""
    return lambda claims: jwt.encode(claims, key, alg, {"kid": "first", **header})


def unsigned(claims: dict[str, Any]) -> str:
    """`alg: none`."""
    parts = [msgspec.json.encode(each) for each in ({"alg": "none", "kid": "first"}, claims)]
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts) + "."


def spoilt(claims: dict[str, Any]) -> str:
    """Another person, under the signature of the first."""
    token = jwt.encode(claims, new_key(), "RS256", {"kid": "first"})
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(msgspec.json.encode({**claims, "sub": "g-2"})).rstrip(b"=")
    return f"{head}.{body.decode()}.{signature}"


TOKENS: dict[str, Callable[[dict[str, Any]], str]] = {
    "alg none": unsigned,
    "HS256 with the client id": signed_with(CLIENT_ID * 4, "HS256"),
    "another key": signed_with(new_key()),
    "a key in its own header": signed_with(new_key(), jku="https://attacker.example.com/jwks"),
    "an unknown key id": signed_with(new_key(), kid="other"),
    "changed after signing": spoilt,
    "no JWT": lambda _: "a.b.c",
    "a very long one": lambda _: "a" * 100_000,
}


NOW = int(time.time())
CLAIMS: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "another-client"},
    "an audience beside ours without azp": {"aud": [CLIENT_ID, "another"]},
    "another authorized party": {"azp": "another-client"},
    "another issuer": {"iss": "https://accounts.example.com"},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "expired": {"exp": NOW - 3_600, "iat": NOW - 3_700},
    "made long ago": {"iat": NOW - 86_400, "exp": NOW + 86_400},
    "made in the future": {"iat": NOW + 86_400, "exp": NOW + 90_000},
    "before its time": {"nbf": NOW + 86_400},
    "no expiry": {"exp": None},
    "an expiry that is text": {"exp": "never"},
    "no subject": {"sub": None},
    "a subject that is a list": {"sub": ["g-1"]},
    "a subject of control characters": {"sub": "g\n1"},
}
