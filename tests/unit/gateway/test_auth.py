"""The Authenticator: verified once, checked each time; what is not ours never gets in, nor into its memory."""

import pytest

from cse.gateway import auth
from cse.gateway.auth import Authenticator, Principal
from cse.gateway.problems import ApiProblem
from cse.users.keys import Keys, rotate_keys
from cse.users.model import ALL_SCOPES, Claims
from cse.users.tokens import AccessTokens
from tests.unit.users.people import START_MS, FakeClock
from tests.unit.users.stores import MemoryKeyStore

LIFE_MS = 900_000


class Bench:
    def __init__(self, max_cached: int = 100) -> None:
        self.clock, self.store = FakeClock(), MemoryKeyStore()
        self.keys = Keys(self.store, self.clock)
        self.tokens = AccessTokens(self.keys, self.clock, access_ms=LIFE_MS)
        self.revoked: set[str] = set()
        self.authenticator = Authenticator(
            self.tokens, self.revoked, self.clock, max_cached=max_cached
        )

    def header(self, user_id: int = 7) -> str:
        claims = Claims(
            user_id, 1_000 + user_id, f"{user_id:032}", ALL_SCOPES, self.clock.time_ms + LIFE_MS
        )
        return f"Bearer {self.tokens.issue(claims)}"

    def refusal(self, header: str | None) -> str:
        with pytest.raises(ApiProblem) as refused:
            self.authenticator.authenticate(header)
        assert refused.value.status == 401
        assert refused.value.headers["WWW-Authenticate"].startswith('Bearer realm="cse"')
        return refused.value.code


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_good_token_names_its_principal(bench: Bench) -> None:
    """The same on the first look and from memory, over HTTP and over WebSocket."""
    header = bench.header()
    wanted = Principal(7, 1_007, f"{7:032}", ALL_SCOPES)
    assert bench.authenticator.authenticate(header) == wanted
    assert bench.authenticator.authenticate(header) == wanted
    assert bench.authenticator.authenticate_token(header.removeprefix("Bearer ")) == wanted
    assert bench.authenticator.authenticate(header.replace("Bearer", "bearer")) == wanted


def test_a_signature_is_verified_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand requests with one token cost one verification."""
    header, calls = bench.header(), []
    real = bench.tokens.verify
    monkeypatch.setattr(bench.tokens, "verify", lambda token: calls.append(token) or real(token))
    for _ in range(1_000):
        bench.authenticator.authenticate(header)
    assert len(calls) == 1


def test_expiry_is_checked_each_time(bench: Bench) -> None:
    """A remembered token ends at its time and is forgotten."""
    header = bench.header()
    bench.authenticator.authenticate(header)
    bench.clock.time_ms = START_MS + LIFE_MS - 1
    bench.authenticator.authenticate(header)
    bench.clock.time_ms += 1
    assert bench.refusal(header) == "token_expired"
    assert len(bench.authenticator) == 0


def test_revocation_is_checked_each_time(bench: Bench) -> None:
    """The next request after the log-out is refused, for this session only."""
    mine, other = bench.header(7), bench.header(8)
    bench.authenticator.authenticate(mine)
    bench.revoked.add(f"{7:032}")
    assert bench.refusal(mine) == "session_revoked"
    assert bench.authenticator.authenticate(other).user_id == 8


def test_a_withdrawn_key_takes_its_remembered_tokens_along(bench: Bench) -> None:
    """When the ring changes, every token is verified anew: the old key is gone, so is its token."""
    header = bench.header()
    bench.authenticator.authenticate(header)
    bench.store.data = None
    bench.keys.reload()
    assert bench.refusal(header) == "invalid_token"


def test_a_rotation_logs_nobody_out(bench: Bench) -> None:
    """Old tokens are good until they expire, new ones at once, also in a process that has not looked yet."""
    old = bench.header()
    rotate_keys(bench.store, bench.clock, LIFE_MS)
    other = AccessTokens(Keys(bench.store, bench.clock), bench.clock, access_ms=LIFE_MS)
    new = f"Bearer {other.issue(bench.tokens.verify(old.removeprefix('Bearer ')))}"
    bench.clock.time_ms += 1_000
    assert bench.authenticator.authenticate(new) == bench.authenticator.authenticate(old)


def test_without_a_header_one_must_log_in(bench: Bench) -> None:
    """No error code in the challenge then (RFC 6750, 3.1)."""
    assert bench.refusal(None) == "not_authenticated"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  x",
        "Basic YWRhOnNlY3JldA==",
        "Token x",
        "Bearer \0",
        "Bearer " + "x" * 10_000_000,
        "Bearer x.y.z, Bearer x.y.z",
        "\u00e9",
        "Bearer \ud800.x.x",
    ],
    ids=range(11),
)
def test_garbage_is_refused_and_not_remembered(bench: Bench, header: str) -> None:
    """Other schemes, nothing, control bytes, ten megabytes."""
    assert bench.refusal(header) == "invalid_token"
    assert len(bench.authenticator) == 0


def test_a_token_among_spaces_or_with_a_tail_is_refused(bench: Bench) -> None:
    """One token has one way to be written."""
    header = bench.header()
    token = header.removeprefix("Bearer ")
    for text in (f"Bearer  {token}", f"Bearer {token} ", f" {header}", f"{header}\n", f"{header}="):
        assert bench.refusal(text) == "invalid_token"


def test_the_memory_is_bounded() -> None:
    """A thousand tokens, a hundred remembered; the forgotten ones are just verified again."""
    bench = Bench(max_cached=100)
    headers = [bench.header(user_id) for user_id in range(1, 1_001)]
    for header in headers:
        bench.authenticator.authenticate(header)
    assert len(bench.authenticator) == 100
    assert bench.authenticator.authenticate(headers[0]).user_id == 1
    assert auth.MAX_CACHED == 10_000
