"""Idempotency-Key: what was done once under a key is not done again, and the engine remembers which it was."""

from hashlib import blake2b
from typing import Final

from cse.gateway.http.operations import Call
from cse.gateway.problems import invalid

KEY_HEADER: Final = b"idempotency-key"
KEY_HELP: Final = (
    "1 to 128 printable ASCII characters, unique per account; the same again is not done again."
)


def money_key(call: Call, kind: str, holder: str) -> bytes:
    """Return the engine's 16-byte key of an Idempotency-Key header; keys of two holders, or kinds, never meet.

    Raises:
        ApiProblem: 400, the header is missing or malformed.
    """
    given = call.context.headers.get(KEY_HEADER, b"")
    if not 1 <= len(given) <= 128 or not all(33 <= byte <= 126 for byte in given):
        raise invalid({"Idempotency-Key": f"this header is required: {KEY_HELP}"})
    text = b"%s\0%s\0%s" % (holder.encode("ascii"), kind.encode("ascii"), given)
    return blake2b(text, digest_size=16).digest()
