"""Access tokens: only ours, only EdDSA, only in time; every known trick is refused."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from cse.users.errors import InvalidToken
from cse.users.keys import Keys, rotate_keys
from cse.users.model import ALL_SCOPES, Claims
from cse.users.tokens import AccessTokens, digest_of, new_refresh_token
from tests.unit.users.people import START_MS, FakeClock
from tests.unit.users.stores import MemoryKeyStore

CLAIMS = Claims(7, 1_000, "a" * 32, ALL_SCOPES, START_MS + 900_000)


class Bench:
    """A ring, a clock, and tokens made by hand."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryKeyStore()
        self.keys = Keys(self.store, self.clock)
        self.tokens = AccessTokens(self.keys, self.clock, access_ms=900_000)
        self.kid, self.key = self.keys.active
        now_s = START_MS // 1000
        self.payload: dict[str, Any] = {
            "iss": "cse",
            "aud": "cse-api",
            "sub": "7",
            "acc": 1_000,
            "sid": "a" * 32,
            "scope": "read",
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + 900,
        }

    def sign(self, **changes: Any) -> str:
        """A token with our key and the right header; a claim that is None is left out."""
        payload = {
            name: value for name, value in (self.payload | changes).items() if value is not None
        }
        headers = {"kid": self.kid, "typ": "at+jwt"}
        return jwt.encode(payload, self.key, algorithm="EdDSA", headers=headers)

    def by_hand(self, header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
        """Header and payload as given, signed by `sign`."""
        text = f"{_base64(header)}.{_base64(self.payload)}"
        return f"{text}.{base64.urlsafe_b64encode(sign(text.encode())).rstrip(b'=').decode()}"


def _base64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def refused(bench: Bench, token: str, code: str = "invalid_token") -> bool:
    with pytest.raises(InvalidToken) as error:
        bench.tokens.verify(token)
    return error.value.code == code


def test_a_token_says_who_it_was_issued_to(bench: Bench) -> None:
    """Issue and verify agree on every claim; the header carries kid and type."""
    token = bench.tokens.issue(CLAIMS)
    assert bench.tokens.verify(token) == CLAIMS
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": bench.kid, "typ": "at+jwt"}


def test_the_hand_made_token_is_good(bench: Bench) -> None:
    """What the tests below change is what makes them fail."""
    assert bench.tokens.verify(bench.sign()).user_id == 7
    header = {"alg": "EdDSA", "kid": bench.kid, "typ": "at+jwt"}
    assert bench.tokens.verify(bench.by_hand(header, bench.key.sign)).user_id == 7


def test_a_token_is_good_for_its_time_and_no_longer(bench: Bench) -> None:
    """Good in its last second, expired in the next."""
    token = bench.tokens.issue(CLAIMS)
    bench.clock.time_ms = CLAIMS.expires_at - 1
    assert bench.tokens.verify(token)
    bench.clock.time_ms = CLAIMS.expires_at
    assert refused(bench, token, "token_expired")


def test_a_token_from_the_future_is_refused(bench: Bench) -> None:
    """Five seconds of difference between clocks are allowed."""
    now_s = START_MS // 1000
    assert bench.tokens.verify(bench.sign(nbf=now_s + 5))
    assert refused(bench, bench.sign(nbf=now_s + 6))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_no_algorithm_is_no_signature(bench: Bench, alg: str) -> None:
    """`alg: none` with an empty signature, and with a real one."""
    header = {"alg": alg, "kid": bench.kid, "typ": "at+jwt"}
    assert refused(bench, bench.by_hand(header, lambda _: b""))
    assert refused(bench, bench.by_hand(header, bench.key.sign))


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.Raw, Encoding.DER])
def test_the_public_key_is_no_secret_for_hs256(bench: Bench, encoding: Encoding) -> None:
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


def test_a_foreign_key_is_refused(bench: Bench) -> None:
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
def test_a_strange_key_id_is_refused(bench: Bench, kid: object) -> None:
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
def test_a_missing_wrong_or_extra_claim_is_refused(bench: Bench, changes: dict[str, Any]) -> None:
    """Even under our own signature."""
    assert refused(bench, bench.sign(**changes))


def test_a_changed_payload_or_cut_signature_is_refused(bench: Bench) -> None:
    """Every part of the token is covered."""
    header, payload, signature = bench.sign().split(".")
    richer = _base64(bench.payload | {"acc": 1_001})
    for token in (
        f"{header}.{richer}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature[:-4]}",
        f"{header}.{payload}.{signature}.{signature}",
    ):
        assert refused(bench, token)


GARBAGE = (
    *("", ".", "..", "...", "a.b.c", "\0", "\u00e9.\u00e9.\u00e9", "\ud800"),
    *("ey" * 500, "x" * 10_000_000, f"{'W' * 1900}.x.x"),
    *(f"{_base64([])}.{_base64([])}.x", f"{_base64('x')}.x.x"),
)


@pytest.mark.parametrize("token", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_and_huge_tokens_are_refused(bench: Bench, token: str) -> None:
    """Quickly, and as what they are: no token."""
    assert refused(bench, token)


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_the_check(text: str) -> None:
    """Whatever comes, the answer is InvalidToken."""
    assert refused(BENCH, text)


BENCH = Bench()


def test_tokens_outlive_a_rotation_until_they_expire(bench: Bench) -> None:
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


def test_refresh_tokens_are_random_and_stored_as_digests() -> None:
    """256 bits, different each time; hostile text has a digest too."""
    tokens = {new_refresh_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(base64.urlsafe_b64decode(token + "=")) == 32 for token in tokens)
    assert len({digest_of(token) for token in tokens}) == 100
    assert len(digest_of("\ud800" + "x" * 100_000)) == 32
