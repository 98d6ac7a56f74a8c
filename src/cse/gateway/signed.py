"""Requests that programs sign with an API key instead of a log-in: headers `X-CSE-*` (docs/reference/api-keys.md).

What is signed: `timestamp + method + path?query + body`, byte for byte as it is sent.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from cse.core.clock import Clock
from cse.gateway.problems import ApiProblem
from cse.gateway.seen_signatures import AHEAD_MS, MAX_WINDOW_MS, SeenSignatures
from cse.users.api_keys import ApiKeys
from cse.users.model import KeyPrincipal, KeyRefused

KEY: Final = b"x-cse-key"
TIMESTAMP: Final = b"x-cse-timestamp"
WINDOW: Final = b"x-cse-recv-window"
SIGNATURE: Final = b"x-cse-signature"

WINDOW_MS: Final = 5_000
_WINDOW: Final = b"%d" % WINDOW_MS
_NAMES: Final = ("X-CSE-TIMESTAMP", "X-CSE-SIGNATURE", "X-CSE-RECV-WINDOW")
_MAX_DIGITS: Final = 15
_HEX_LENGTH: Final = 64
_BASE64_LENGTH: Final = 88
_CHALLENGE: Final = {"WWW-Authenticate": 'CSE-Signature realm="cse"'}


class Signature(NamedTuple):
    """What a request says of who signed it and when, before any of it is believed."""

    key_id: str
    timestamp: str
    """As it was sent: it is signed as it stands."""
    window_ms: int
    proof: bytes
    """64 bytes of Ed25519, or 32 of HMAC-SHA256."""


class SignedRequests:
    """Finds out whose key signed something, that it is new, and that it was not used before."""

    def __init__(self, keys: Callable[[], ApiKeys], seen: SeenSignatures, clock: Clock) -> None:
        """Ask these; `keys` gives the keys of the user service."""
        self._keys = keys
        self._seen = seen
        self._clock = clock

    async def verify(
        self, signature: Signature, rest: bytes, *, client_ip: str | None, once: bool
    ) -> KeyPrincipal:
        """Return whose key signed `timestamp + rest`; `once`: and remember the signature, that it is used.

        Whoever asks has charged the address before.

        Raises:
            ApiProblem: 401 `timestamp_outside_window`, `invalid_api_key` or `signature_used`; 429.
            Unavailable: the key was not used lately and the database is out of reach.
        """
        self._check_time(signature)
        holder = await self._keys().verify(
            signature.key_id,
            message=signature.timestamp.encode("ascii") + rest,
            signature=signature.proof,
            client_ip=client_ip,
        )
        if isinstance(holder, KeyRefused):
            raise _unauthorized("invalid_api_key", KeyRefused.MESSAGE)
        if once and not await self._seen.is_first(holder.key_id, signature.proof):
            raise _unauthorized("signature_used", "This signature has been used; sign again.")
        return holder

    def still_good(self, holder: KeyPrincipal) -> None:
        """Return if what was begun with a key may go on; quick.

        Raises:
            ApiProblem: 401 `invalid_api_key`, the key was revoked or has expired since.
        """
        expires_at = holder.expires_at
        expired = expires_at is not None and expires_at <= self._clock.now_ms()
        if expired or self._keys().is_revoked(holder.key_id):
            raise _unauthorized("invalid_api_key", "The API key was deleted or has expired.")

    def _check_time(self, signature: Signature) -> None:
        now_ms, at_ms = self._clock.now_ms(), int(signature.timestamp)
        if not now_ms - signature.window_ms <= at_ms <= now_ms + AHEAD_MS:
            raise _unauthorized(
                "timestamp_outside_window",
                f"The timestamp is {now_ms - at_ms} ms behind the exchange's clock; it may be"
                f" {signature.window_ms} ms behind and {AHEAD_MS} ms ahead. See GET /api/time.",
            )


def is_signed(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a request claims to be signed with an API key."""
    return KEY in headers


def read_signature(headers: Mapping[bytes, bytes]) -> Signature:
    """Return what the headers of a request say.

    Raises:
        ApiProblem: 401, one is missing or malformed, or there is an `Authorization` besides.
    """
    if b"authorization" in headers:
        raise _malformed({"Authorization": "send a token or sign with a key, not both"})
    return signature_of(
        headers.get(KEY, b"").decode("latin-1"),
        headers.get(TIMESTAMP, b"").decode("latin-1"),
        headers.get(SIGNATURE, b"").decode("latin-1"),
        headers.get(WINDOW, _WINDOW).decode("latin-1"),
        names=_NAMES,
    )


def signature_of(
    key_id: str, timestamp: str, signature: str, window: str, *, names: tuple[str, str, str]
) -> Signature:
    """Return a signature from its parts as text; `names` are what the caller calls the last three.

    Raises:
        ApiProblem: 401, one is malformed.
    """
    if not _is_number(timestamp):
        raise _malformed({names[0]: "must be Unix milliseconds in digits"})
    if not _is_number(window) or not 1 <= int(window) <= MAX_WINDOW_MS:
        raise _malformed({names[2]: f"must be 1 to {MAX_WINDOW_MS} milliseconds"})
    proof = _proof(signature)
    if proof is None:
        raise _malformed(
            {names[1]: "must be HMAC-SHA256 in 64 hex digits or Ed25519 in 88 characters of base64"}
        )
    return Signature(key_id, timestamp, int(window), proof)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def _proof(text: str) -> bytes | None:
    try:
        if len(text) == _HEX_LENGTH and text.isalnum():
            return bytes.fromhex(text)
        if len(text) == _BASE64_LENGTH:
            return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return None


def _malformed(fields: Mapping[str, str]) -> ApiProblem:
    """Return the 401 that names what is wrong: nobody has been looked up yet."""
    detail = "; ".join(f"{name}: {message}" for name, message in fields.items())
    return ApiProblem(401, "invalid_api_key", detail, fields=fields, headers=_CHALLENGE)


def _unauthorized(code: str, detail: str) -> ApiProblem:
    return ApiProblem(401, code, detail, headers=_CHALLENGE)
