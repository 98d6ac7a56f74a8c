"""Time-based one-time passwords (RFC 6238): six digits of HMAC-SHA1 every 30 seconds, as authenticator apps have them.

The arithmetic is `cryptography`'s. One step of clock skew each side is accepted (RFC 6238, 5.2 and 6), so that three
codes of a million are right at any time; that a step is good once, and how many may be tried, others see to.
"""

import base64
import hmac
import os
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SKEW_STEPS: Final = 1
SECRET_BYTES: Final = 20
"""RFC 4226, 4 (R6): 160 bits."""
ISSUER: Final = "CS Exchange"


def new_secret() -> bytes:
    """Return a fresh shared secret."""
    return os.urandom(SECRET_BYTES)


def base32(secret: bytes) -> str:
    """Return the secret as people type it into an app that cannot read the QR code: 32 characters."""
    return base64.b32encode(secret).decode("ascii")


def otpauth_uri(secret: bytes, email: str) -> str:
    """Return what goes into the QR code (the key URI format of Google Authenticator)."""
    return _totp(secret).get_provisioning_uri(email, ISSUER)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a time step (seconds of Unix time / 30)."""
    return _totp(secret).generate(step * STEP_SECONDS).decode("ascii")


def matching_step(secret: bytes, code: str, now_ms: int) -> int | None:
    """Return the time step that this is the code of, the latest if there are two; None: it is of none that is accepted.

    All steps are computed and compared in constant time, whichever matches.
    """
    given = code.encode("utf-8", "surrogatepass")
    now_step = now_ms // 1000 // STEP_SECONDS
    found: int | None = None
    for step in range(now_step - SKEW_STEPS, now_step + SKEW_STEPS + 1):
        if hmac.compare_digest(given, code_at(secret, step).encode("ascii")):
            found = step
    return found


def _totp(secret: bytes) -> TOTP:
    # SHA-1: apps ignore other choices without saying so, and HMAC does not need collision resistance (RFC 6238, B).
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # see above
