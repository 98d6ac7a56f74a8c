"""Holds every SessionStore to its port: SQLite, PostgreSQL, and the dicts that unit tests use."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.model import NewUser, RefreshToken, Session, Use
from cse.users.ports import RefreshOutcome, SessionStore
from tests.servers.migrated import migrated
from tests.unit.users.stores import MemorySessionStore

NOW = 1_700_000_000_000
LIFE = 1_000_000
AGENT = "Browser/1.0 (Linux)"


def session(letter: str, expires_at: int = NOW + LIFE, created_at: int = NOW) -> Session:
    """One of user 1, whose id is this letter 32 times; it ends for good at three times its life."""
    return Session(
        letter * 32,
        user_id=1,
        account_id=1_000,
        created_at=created_at,
        expires_at=expires_at,
        ends_at=created_at + 3 * LIFE,
        began_from="203.0.113.7",
        user_agent=AGENT,
    )


SESSION = session("a")
OTHER = session("b", NOW + LIFE + 9)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionStore]:
    """A store with two users, whose ids are 1 and 2 and whose accounts are 1000 and 1001."""
    if request.param == "memory":
        yield MemorySessionStore()
        return
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    engine = make_engine(url)
    for name in ("ada", "bob"):
        new = NewUser(f"{name}@example.com", name, name, "hash", 0, NOW)
        await SqlUserStore(engine).add_user(new)
    yield SqlSessionStore(engine)
    await engine.dispose()


def token(number: int, issued_at: int = NOW) -> RefreshToken:
    return RefreshToken(bytes([number]) * 32, issued_at, issued_at + LIFE)


async def test_a_refresh_token_is_exchanged_once(store: SessionStore) -> None:
    """The successor works, the session lives on until the successor runs out."""
    await store.add_session(SESSION, token(1))
    outcome, rotated = await store.rotate(token(1).digest, token(2, NOW + 5))
    assert outcome is RefreshOutcome.ROTATED
    assert rotated == SESSION
    renewed = await store.session_of(token(2).digest)
    assert renewed is not None
    assert renewed.expires_at == NOW + 5 + LIFE
    assert (
        await store.rotate(token(2).digest, token(3, NOW + 9))
    ).outcome is RefreshOutcome.ROTATED


async def test_a_token_used_twice_ends_its_session(store: SessionStore) -> None:
    """Reuse is told once as such; from then on no token of the family works, others are not touched."""
    await store.add_session(SESSION, token(1))
    await store.add_session(OTHER, token(8))
    await store.rotate(token(1).digest, token(2, NOW + 5))
    reused = await store.rotate(token(1).digest, token(3, NOW + 6))
    assert reused.outcome is RefreshOutcome.REUSED
    for digest in (token(1).digest, token(2).digest):
        assert (await store.rotate(digest, token(4, NOW + 7))).outcome is RefreshOutcome.REVOKED
    assert await store.session_of(token(3).digest) is None
    assert await store.revoked_since(NOW) == [(SESSION.session_id, NOW + 6)]
    assert (
        await store.rotate(token(8).digest, token(9, NOW + 8))
    ).outcome is RefreshOutcome.ROTATED


async def test_of_many_uses_at_once_one_wins_and_the_session_ends(store: SessionStore) -> None:
    """The race cannot give two successors, and the loser's reuse is noticed."""
    await store.add_session(SESSION, token(1))
    answers = await asyncio.gather(
        *(store.rotate(token(1).digest, token(10 + n, NOW + 1)) for n in range(20))
    )
    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(RefreshOutcome.ROTATED) == 1
    assert outcomes.count(RefreshOutcome.REUSED) == 1
    assert outcomes.count(RefreshOutcome.REVOKED) == 18
    found = [await store.session_of(token(10 + n).digest) for n in range(20)]
    assert sum(one is not None for one in found) == 1


async def test_unknown_and_expired_tokens_are_told_apart(store: SessionStore) -> None:
    """A token runs out at its time exactly."""
    await store.add_session(SESSION, token(1))
    assert await store.rotate(b"?" * 32, token(2)) == (RefreshOutcome.UNKNOWN, None)
    late = await store.rotate(token(1).digest, token(2, NOW + LIFE))
    assert late.outcome is RefreshOutcome.EXPIRED
    assert await store.session_of(token(2).digest) is None


async def test_no_successor_outlives_its_session(store: SessionStore) -> None:
    """The last refresh token runs out with the session, which is told apart from one that was not used."""
    await store.add_session(SESSION, token(1))
    for number in range(1, 4):
        issued = NOW + number * (LIFE - 1)
        assert (await store.rotate(token(number).digest, token(number + 1, issued))).outcome is (
            RefreshOutcome.ROTATED
        )
    last = await store.session_of(token(4).digest)
    assert last is not None
    assert last.expires_at == last.ends_at == NOW + 3 * LIFE
    ended = await store.rotate(token(4).digest, token(5, SESSION.ends_at))
    assert ended.outcome is RefreshOutcome.ENDED
    assert await store.session_of(token(5).digest) is None


async def test_a_persons_live_sessions_are_listed_newest_first(store: SessionStore) -> None:
    """Page by page, with what is known of the client; over, expired and other people's are not there."""
    theirs = msgspec.structs.replace(session("d"), user_id=2, account_id=1_001)
    late = session("c", created_at=NOW + 1)
    listed = [session("a"), session("b"), late, session("e", expires_at=NOW + 10), theirs]
    for number, one in enumerate([*listed, session("f")]):
        await store.add_session(one, token(number))
    await store.revoke("f" * 32, NOW + 2)
    first = await store.sessions_of(1, at_ms=NOW + 10, before=None, limit=2)
    assert [one.session_id[0] for one in first] == ["c", "b"]
    assert (first[0].created_at, first[0].ends_at) == (NOW + 1, NOW + 1 + 3 * LIFE)
    assert (first[0].user_agent, first[0].began_from) == (AGENT, "203.0.113.7")
    assert (first[0].used_at, first[0].used_from) == (NOW + 1, "203.0.113.7")
    rest = await store.sessions_of(1, at_ms=NOW + 10, before=(NOW, "b" * 13), limit=2)
    assert [one.session_id[0] for one in rest] == ["a"]


async def test_the_last_use_only_moves_on(store: SessionStore) -> None:
    """The newest use counts, whichever gateway writes it first; unknown sessions are harmless."""
    await store.add_session(SESSION, token(1))
    await store.mark_used({})
    await store.mark_used({SESSION.session_id: Use(NOW + 9, "2001:db8::1"), "c" * 32: Use(1, "")})
    await store.mark_used({SESSION.session_id: Use(NOW + 8, "198.51.100.1")})
    (seen,) = await store.sessions_of(1, at_ms=NOW, before=None, limit=9)
    assert (seen.used_at, seen.used_from) == (NOW + 9, "2001:db8::1")


async def test_one_ends_own_sessions_only(store: SessionStore) -> None:
    """Somebody else's session is as if it were not there, and goes on; own ones may end twice."""
    await store.add_session(SESSION, token(1))
    assert not await store.revoke_own(2, SESSION.session_id, NOW + 1)
    assert not await store.revoke_own(1, "c" * 32, NOW + 1)
    assert await store.revoked_since(NOW) == []
    for at_ms in (NOW + 1, NOW + 2):
        assert await store.revoke_own(1, SESSION.session_id, at_ms)
    assert await store.revoked_since(NOW) == [(SESSION.session_id, NOW + 1)]


async def test_all_other_sessions_end_at_once(store: SessionStore) -> None:
    """The one that is kept goes on, and so do other people's; what is over already is not told again."""
    theirs = msgspec.structs.replace(session("d"), user_id=2, account_id=1_001)
    for number, one in enumerate([SESSION, OTHER, session("c"), theirs]):
        await store.add_session(one, token(number))
    await store.revoke("c" * 32, NOW + 1)
    assert await store.revoke_others(1, SESSION.session_id, NOW + 2) == [OTHER.session_id]
    assert await store.revoke_others(1, None, NOW + 3) == [SESSION.session_id]
    assert [one for one, _ in await store.revoked_since(NOW)] == ["c" * 32, "b" * 32, "a" * 32]


async def test_accounts_that_may_not_trade_lose_their_sessions(store: SessionStore) -> None:
    """By account id, of many accounts at once; nobody else's."""
    theirs = msgspec.structs.replace(session("d"), user_id=2, account_id=1_001)
    for number, one in enumerate([SESSION, OTHER, theirs]):
        await store.add_session(one, token(number))
    assert await store.revoke_accounts([], NOW + 1) == []
    assert sorted(await store.revoke_accounts([1_000, 77], NOW + 1)) == ["a" * 32, "b" * 32]
    assert await store.revoke_accounts([1_000], NOW + 2) == []
    assert await store.revoke_accounts([1_001], NOW + 2) == ["d" * 32]


async def test_a_session_ends_once(store: SessionStore) -> None:
    """Ending it again, or one that is not there, is harmless and says so."""
    await store.add_session(SESSION, token(1))
    assert await store.revoke(SESSION.session_id, NOW + 3)
    assert not await store.revoke(SESSION.session_id, NOW + 4)
    assert not await store.revoke("c" * 32, NOW)
    assert (await store.rotate(token(1).digest, token(2))).outcome is RefreshOutcome.REVOKED
    assert (await store.session_of(token(1).digest)) is not None


async def test_revocations_are_listed_from_a_time_on(store: SessionStore) -> None:
    """The boundary counts; the order is by time."""
    await store.add_session(SESSION, token(1))
    await store.add_session(OTHER, token(2))
    await store.revoke(OTHER.session_id, NOW + 10)
    await store.revoke(SESSION.session_id, NOW + 20)
    assert await store.revoked_since(NOW) == [
        (OTHER.session_id, NOW + 10),
        (SESSION.session_id, NOW + 20),
    ]
    assert await store.revoked_since(NOW + 20) == [(SESSION.session_id, NOW + 20)]
    assert await store.revoked_since(NOW + 21) == []


async def test_purging_takes_what_ran_out_with_its_tokens(store: SessionStore) -> None:
    """A session that ends exactly then stays; its neighbour's tokens are gone with it."""
    await store.add_session(SESSION, token(1))
    await store.add_session(OTHER, token(2))
    assert await store.purge(OTHER.expires_at) == 1
    assert await store.session_of(token(1).digest) is None
    assert await store.session_of(token(2).digest) is not None
    assert await store.purge(OTHER.expires_at) == 0


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """Not a driver's error: the port's. Nothing listens on port 1."""
    for url in ("postgresql://nobody@127.0.0.1:1/none", f"sqlite:///{tmp_path}/no/such/cse.db"):
        engine = make_engine(url)
        store = SqlSessionStore(engine)
        with pytest.raises(Unavailable):
            await store.rotate(token(1).digest, token(2))
        with pytest.raises(Unavailable):
            await store.revoked_since(NOW)
        await engine.dispose()


async def test_a_lost_answer_can_be_asked_for_again(store: SessionStore) -> None:
    """Within its time a used token gets another successor as long as none was used; one sibling uses up the others."""
    await store.add_session(SESSION, token(1))
    await store.rotate(token(1).digest, token(2, NOW + 5))
    again = await store.rotate(token(1).digest, token(3, NOW + 6), replay_ms=10)
    assert again.outcome is RefreshOutcome.ROTATED
    assert (
        await store.rotate(token(3).digest, token(4, NOW + 50), replay_ms=10)
    ).outcome is RefreshOutcome.ROTATED
    stolen = await store.rotate(token(2).digest, token(5, NOW + 90), replay_ms=10)
    assert stolen.outcome is RefreshOutcome.REUSED
    assert await store.revoked_since(NOW) == [(SESSION.session_id, NOW + 90)]


@pytest.mark.parametrize("before_ms", [0, 1, 60_000])
async def test_who_came_first_but_is_served_second_gets_no_successor(
    store: SessionStore, before_ms: int
) -> None:
    """Requests overtake each other, and clocks of two gateways differ: a use "in the future" is a use."""
    await store.add_session(SESSION, token(1))
    await store.rotate(token(1).digest, token(2, NOW + 60_005))
    overtaken = await store.rotate(token(1).digest, token(3, NOW + 60_005 - before_ms))
    assert overtaken.outcome is RefreshOutcome.REUSED
    assert await store.session_of(token(3).digest) is None


@pytest.mark.parametrize(("after_ms", "is_good"), [(9, True), (10, False)])
async def test_a_used_token_comes_again_in_its_time_only(
    store: SessionStore, after_ms: int, is_good: bool
) -> None:
    """From `replay_ms` after its use on it is reuse, as it is at once for those who are given no time."""
    await store.add_session(SESSION, token(1))
    await store.rotate(token(1).digest, token(2, NOW + 5))
    late = await store.rotate(token(1).digest, token(3, NOW + 5 + after_ms), replay_ms=10)
    assert late.outcome is (RefreshOutcome.ROTATED if is_good else RefreshOutcome.REUSED)


async def test_a_token_whose_successor_was_used_never_comes_again(store: SessionStore) -> None:
    """Who holds the successor got the answer: the other one is a copy, however soon it comes."""
    await store.add_session(SESSION, token(1))
    await store.rotate(token(1).digest, token(2, NOW + 5))
    await store.rotate(token(2).digest, token(3, NOW + 6))
    copied = await store.rotate(token(1).digest, token(4, NOW + 7), replay_ms=1_000)
    assert copied.outcome is RefreshOutcome.REUSED
    ended = await store.rotate(token(3).digest, token(5, NOW + 8), replay_ms=1_000)
    assert ended.outcome is RefreshOutcome.REVOKED
