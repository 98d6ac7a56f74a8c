"""Holds every SessionStore to its port: SQLite, PostgreSQL, and the dicts that unit tests use."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.adapters.sql import schema
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.model import NewUser, RefreshToken, Session
from cse.users.ports import RefreshOutcome, SessionStore
from tests.unit.users.stores import MemorySessionStore

NOW = 1_700_000_000_000
LIFE = 1_000_000
SESSION = Session("a" * 32, user_id=1, account_id=1_000, created_at=NOW, expires_at=NOW + LIFE)
OTHER = Session("b" * 32, user_id=1, account_id=1_000, created_at=NOW, expires_at=NOW + LIFE + 9)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionStore]:
    """A store with one user, whose id is 1 and whose account is 1000."""
    if request.param == "memory":
        yield MemorySessionStore()
        return
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await schema.migrate(url)
    engine = make_engine(url)
    await SqlUserStore(engine).add_user(NewUser("ada@example.com", "ada", "ada", "hash", 0, NOW))
    yield SqlSessionStore(engine)
    await engine.dispose()


def token(number: int, issued_at: int = NOW) -> RefreshToken:
    return RefreshToken(bytes([number]) * 32, issued_at, issued_at + LIFE)


async def test_a_refresh_token_is_exchanged_once(store: SessionStore) -> None:
    """The successor works, the session lives on until the successor runs out."""
    await store.add_session(SESSION, token(1))
    outcome, session = await store.rotate(token(1).digest, token(2, NOW + 5))
    assert outcome is RefreshOutcome.ROTATED
    assert session is not None
    assert (session.session_id, session.account_id) == (SESSION.session_id, 1_000)
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
    assert sum(session is not None for session in found) == 1


async def test_unknown_and_expired_tokens_are_told_apart(store: SessionStore) -> None:
    """A token runs out at its time exactly."""
    await store.add_session(SESSION, token(1))
    assert await store.rotate(b"?" * 32, token(2)) == (RefreshOutcome.UNKNOWN, None)
    late = await store.rotate(token(1).digest, token(2, NOW + LIFE))
    assert late.outcome is RefreshOutcome.EXPIRED
    assert await store.session_of(token(2).digest) is None


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
