"""Whether a signature is an API key's: Ed25519 (RFC 8032) or HMAC-SHA256 (RFC 2104), by how long it is."""

import hmac
from typing import Final

import structlog

from cse.core.errors import Unavailable
from cse.users.ed25519 import is_signed
from cse.users.errors import DamagedKeys
from cse.users.model import ED25519, HMAC, ApiKey
from cse.users.secret_box import SecretBox

SECRET_BYTES: Final = 32
MAC_BYTES: Final = 32
PURPOSE: Final = "api-key"
"""What secrets are sealed for; their owner is the key's id."""
_NOBODYS_KEY: Final = bytes.fromhex(
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
)
"""Unknown keys cost the same work: theirs is checked against this one (RFC 8032, 7.1, test 1)."""
_NOBODYS_SECRET: Final = bytes(SECRET_BYTES)

log = structlog.get_logger(__name__)


def is_proved(
    box: SecretBox | None, key: ApiKey | None, message: bytes, signature: bytes, now_ms: int
) -> bool:
    """Return whether a key signed, with what it has or had before a rotation whose overlap still runs.

    A key that is unknown, or has nothing of this kind, costs a check against nobody's.
    """
    if len(signature) == MAC_BYTES:
        sealed = _held(key, HMAC, now_ms)
        return any(_is_mac(box, key, each, message, signature) for each in sealed)
    return any(
        is_signed(each or _NOBODYS_KEY, message, signature) and each is not None
        for each in _held(key, ED25519, now_ms)
    )


def _held(key: ApiKey | None, kind: str, now_ms: int) -> list[bytes | None]:
    """Return what a key of a kind is checked against: what it has, then what it had as long as that is good."""
    if key is None or key.kind != kind:
        return [None]
    new, old = (
        (key.sealed_secret, key.old_sealed_secret)
        if kind == HMAC
        else (key.public_key, key.old_public_key)
    )
    in_overlap = key.old_until is not None and now_ms < key.old_until
    return [new, old] if in_overlap else [new]


def mac_of(secret: bytes, message: bytes) -> bytes:
    """Return the HMAC-SHA256 of a message. Its key is the secret's text: 64 hexadecimal digits, as its owner has it."""
    return hmac.digest(secret.hex().encode("ascii"), message, "sha256")


def no_box() -> SecretBox:
    """Stand for the box of a process that has none: it can make no HMAC keys."""
    raise Unavailable("HMAC keys cannot be made here.")


def _is_mac(
    box: SecretBox | None, key: ApiKey | None, sealed: bytes | None, message: bytes, mac: bytes
) -> bool:
    secret = None if key is None or sealed is None else _opened(box, key, sealed)
    fits = hmac.compare_digest(mac_of(secret or _NOBODYS_SECRET, message), mac)
    return fits and secret is not None


def _opened(box: SecretBox | None, key: ApiKey, sealed: bytes) -> bytes | None:
    """Return a key's secret; None, which opens nothing, if it cannot be had."""
    if box is None:
        return None
    try:
        return box.open(PURPOSE, key.key_id, sealed)
    except DamagedKeys as error:
        log.error("api_key_secret_damaged", key_id=key.key_id, error=str(error))  # noqa: TRY400  # no traceback: its frames hold secrets
        return None
