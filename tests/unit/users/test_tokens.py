"""Access tokens say whom they are of; no text breaks their check. Attacks on them: tests/integration/security."""

import base64

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.users.tokens import digest_of, new_refresh_token
from tests.unit.users.token_bench import CLAIMS, Bench, base64_of, refused


@pytest.fixture
def bench() -> Bench:
    return Bench()


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


GARBAGE = (
    *("", ".", "..", "...", "a.b.c", "\0", "\u00e9.\u00e9.\u00e9", "\ud800"),
    *("ey" * 500, "x" * 10_000_000, f"{'W' * 1900}.x.x"),
    *(f"{base64_of([])}.{base64_of([])}.x", f"{base64_of('x')}.x.x"),
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


def test_refresh_tokens_are_random_and_stored_as_digests() -> None:
    """256 bits, different each time; hostile text has a digest too."""
    tokens = {new_refresh_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(base64.urlsafe_b64decode(token + "=")) == 32 for token in tokens)
    assert len({digest_of(token) for token in tokens}) == 100
    assert len(digest_of("\ud800" + "x" * 100_000)) == 32
