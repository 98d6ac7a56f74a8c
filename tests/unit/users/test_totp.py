"""Time-based codes are RFC 6238's, accepted one step early and one late, and not a millisecond more."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from cse.users.totp import SECRET_BYTES, base32, code_at, matching_step, new_secret, otpauth_uri

RFC_SECRET = b"12345678901234567890"
"""RFC 6238, appendix B, for SHA-1."""
STEP_MS = 30_000
STEP = 56_666_666


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, eight_digits: str) -> None:
    """Appendix B gives eight digits; six are its last six (RFC 4226, 5.3)."""
    assert code_at(RFC_SECRET, seconds // 30) == eight_digits[2:]


@pytest.mark.parametrize(
    ("now_ms", "is_accepted"),
    [
        ((STEP - 1) * STEP_MS - 1, False),
        ((STEP - 1) * STEP_MS, True),
        (STEP * STEP_MS, True),
        ((STEP + 2) * STEP_MS - 1, True),
        ((STEP + 2) * STEP_MS, False),
    ],
)
def test_clock_skew_borders(now_ms: int, is_accepted: bool) -> None:
    """A code is good from one step before its own to the last millisecond of the one after."""
    code = code_at(RFC_SECRET, STEP)
    assert matching_step(RFC_SECRET, code, now_ms) == (STEP if is_accepted else None)


@pytest.mark.parametrize(
    "wrong", ["", "12345", "1234567", "abcdef", "\uff11" * 6, "\ud800", "000000\n"]
)
def test_what_is_no_code_is_wrong_and_nothing_worse(wrong: str) -> None:
    """Any text at all can be compared."""
    assert matching_step(RFC_SECRET, wrong, STEP * STEP_MS) is None


def test_every_step_is_computed_whichever_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work does not tell whether or where a code matched."""
    computed: list[int] = []
    real = code_at

    def noted(secret: bytes, step: int) -> str:
        computed.append(step)
        return real(secret, step)

    monkeypatch.setattr("cse.users.totp.code_at", noted)
    for code in (real(RFC_SECRET, STEP - 1), real(RFC_SECRET, STEP + 1), "000000"):
        matching_step(RFC_SECRET, code, STEP * STEP_MS)
    assert computed == [STEP - 1, STEP, STEP + 1] * 3


def test_secrets_are_fresh_and_what_apps_read_is_complete() -> None:
    """160 bits, in base 32 without padding; the URI names issuer and account."""
    secret = new_secret()
    assert len(secret) == SECRET_BYTES
    assert new_secret() != secret
    uri = urlsplit(otpauth_uri(secret, "ada+x@example.com"))
    fields = {name: value[0] for name, value in parse_qs(uri.query).items()}
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path == "/CS%20Exchange:ada%2Bx%40example.com"
    assert fields == {
        "secret": base32(secret),
        "issuer": "CS Exchange",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    assert base64.b32decode(base32(secret)) == secret
