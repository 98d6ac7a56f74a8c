"""Access tokens: only ours, only EdDSA, only in time; every known trick is refused, each by a test of its name."""

import hashlib
import hmac
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cse.users.keys import rotate_keys
from cse.users.tokens import AccessTokens
from tests.unit.users.people import START_MS
from tests.unit.users.token_bench import CLAIMS, Bench, base64_of, refused


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_expired_token_is_refused(bench: Bench) -> None:
    """Good in its last second, expired in the next."""
    token = bench.tokens.issue(CLAIMS)
    bench.clock.time_ms = CLAIMS.expires_at - 1
    assert bench.tokens.verify(token) == CLAIMS
    bench.clock.time_ms = CLAIMS.expires_at
    assert refused(bench, token, "token_expired")


def test_a_token_before_its_time_is_refused(bench: Bench) -> None:
    """Five seconds of difference between clocks are allowed."""
    now_s = START_MS // 1000
    assert bench.tokens.verify(bench.sign(nbf=now_s + 5)).user_id == 7
    assert refused(bench, bench.sign(nbf=now_s + 6))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_alg_none_is_refused(bench: Bench, alg: str) -> None:
    """`alg: none` with an empty signature, and with a real one."""
    header = {"alg": alg, "kid": bench.kid, "typ": "at+jwt"}
    assert refused(bench, bench.by_hand(header, lambda _: b""))
    assert refused(bench, bench.by_hand(header, bench.key.sign))


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.Raw, Encoding.DER])
def test_hs256_with_the_public_key_as_secret_is_refused(bench: Bench, encoding: Encoding) -> None:
    """The swapped-algorithm attack: HMAC keyed with what everybody may know."""
    form = PublicFormat.Raw if encoding is Encoding.Raw else PublicFormat.SubjectPublicKeyInfo
    public = bench.key.public_key().public_bytes(encoding, form)
    header = {"alg": "HS256", "kid": bench.kid, "typ": "at+jwt"}
    forged = bench.by_hand(header, lambda text: hmac.digest(public, text, hashlib.sha256))
    assert refused(bench, forged)


def test_another_algorithm_with_a_real_key_is_refused(bench: Bench) -> None:
    """ES256 under our key id."""
    key = generate_private_key(SECP256R1())
    headers = {"kid": bench.kid, "typ": "at+jwt"}
    assert refused(bench, jwt.encode(bench.payload, key, algorithm="ES256", headers=headers))


def test_a_foreign_kid_jwk_jku_or_x5u_is_refused(bench: Bench) -> None:
    """Under our key id the signature is wrong; under its own the key is unknown; embedded ones are ignored."""
    foreign = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    ours = {"alg": "EdDSA", "kid": bench.kid, "typ": "at+jwt"}
    for header in (
        ours,
        ours | {"kid": "0123456789abcdef"},
        ours | {"jwk": jwk},
        ours | {"jku": "https://evil.example/keys"},
        ours | {"x5u": "https://evil.example/cert"},
    ):
        assert refused(bench, bench.by_hand(header, foreign.sign))


@pytest.mark.parametrize("kid", ["", "../../etc/passwd", "' or 1=1 --", None, 5, ["a"], {"a": 1}])
def test_an_unknown_kid_is_refused(bench: Bench, kid: object) -> None:
    """The key id is only ever looked up in the ring."""
    header = {"alg": "EdDSA", "kid": kid, "typ": "at+jwt"}
    assert refused(bench, bench.by_hand(header, bench.key.sign))


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
    ],
)
def test_our_own_key_under_another_header_is_refused(bench: Bench, changes: dict[str, Any]) -> None:
    """Other types of JWT, critical extensions and unknown parameters are not access tokens."""
    header = {"alg": "EdDSA", "kid": bench.kid, "typ": "at+jwt"} | changes
    assert refused(bench, bench.by_hand(header, bench.key.sign))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["cse-api", "other"]},
        {"aud": None},
        {"sub": None},
        {"sub": "x"},
        {"sub": "7\n"},
        {"sub": "\u0667"},
        {"sub": "9" * 30},
        {"sub": 7},
        {"acc": "1000"},
        {"acc": None},
        {"sid": None},
        {"scope": None},
        {"scope": ["read"]},
        {"iat": None},
        {"nbf": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": 1e400},
        {"exp": 10.5},
        {"extra": 1},
    ],
)
def test_a_wrong_aud_iss_or_any_other_claim_is_refused(
    bench: Bench, changes: dict[str, Any]
) -> None:
    """Even under our own signature."""
    assert refused(bench, bench.sign(**changes))


def test_a_changed_payload_or_cut_signature_is_refused(bench: Bench) -> None:
    """Every part of the token is covered."""
    header, payload, signature = bench.sign().split(".")
    richer = base64_of(bench.payload | {"acc": 1_001})
    for token in (
        f"{header}.{richer}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature[:-4]}",
        f"{header}.{payload}.{signature}.{signature}",
    ):
        assert refused(bench, token)


def test_tokens_of_a_rotated_key_are_good_until_they_expire(bench: Bench) -> None:
    """Old and new tokens are good side by side; the old one only until its own expiry."""
    old = bench.tokens.issue(CLAIMS)
    rotate_keys(bench.store, bench.clock, 900_000)
    bench.keys.reload()
    new = bench.tokens.issue(CLAIMS)
    assert jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
    assert bench.tokens.verify(old) == bench.tokens.verify(new) == CLAIMS
    bench.clock.time_ms = CLAIMS.expires_at
    assert refused(bench, old, "token_expired")


def test_two_exchanges_do_not_take_each_others_tokens(bench: Bench) -> None:
    """Issuer and audience keep them apart even if they shared a ring."""
    other = AccessTokens(bench.keys, bench.clock, access_ms=900_000, issuer="b", audience="b-api")
    assert refused(bench, other.issue(CLAIMS))


def test_a_withdrawn_key_takes_its_tokens_along(bench: Bench) -> None:
    """After the overlap (the life of a token and ten seconds) the next rotation drops the key from the ring."""
    old = bench.tokens.issue(CLAIMS)
    rotate_keys(bench.store, bench.clock, 900_000)
    bench.clock.time_ms += 900_000 + 10_001
    rotate_keys(bench.store, bench.clock, 900_000)
    bench.keys.reload()
    assert bench.keys.find(jwt.get_unverified_header(old)["kid"]) is None
    assert refused(bench, old)
