"""Holds every FactorStore to its port: SQLite, PostgreSQL, and the dicts that unit tests use."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.factor_ports import Door, FactorStore, Totp
from cse.users.model import NewUser, RefreshToken, Session
from cse.users.ports import SessionStore
from tests.servers.migrated import migrated
from tests.unit.users.factor_stores import MemoryFactorStore
from tests.unit.users.stores import MemorySessionStore, MemoryUserStore

NOW = 1_700_000_000_000
LIFE = 1_000_000
SESSION = "a" * 32
FIRST = Totp(1, b"sealed one", NOW)
SECOND = Totp(1, b"sealed two", NOW + 1)
CODES = [bytes([number]) * 32 for number in range(10)]


class Stores(NamedTuple):
    """The store under test; what makes sessions for it."""

    factors: FactorStore
    sessions: SessionStore


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    """Two people, 1 and 2; a session of person 1."""
    people = [NewUser(f"{name}@example.com", name, name, "hash", 0, NOW) for name in ("ada", "bob")]
    session = Session(SESSION, 1, 1_000, NOW, NOW + LIFE, NOW + LIFE)
    token = RefreshToken(b"t" * 32, NOW, NOW + LIFE)
    if request.param == "memory":
        users, sessions = MemoryUserStore(), MemorySessionStore()
        for new in people:
            await users.add_user(new)
        await sessions.add_session(session, token)
        yield Stores(MemoryFactorStore(users, sessions), sessions)
        return
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    engine = make_engine(url)
    for new in people:
        await SqlUserStore(engine).add_user(new)
    await SqlSessionStore(engine).add_session(session, token)
    yield Stores(SqlFactorStore(engine), SqlSessionStore(engine))
    await engine.dispose()


@pytest.fixture
def store(stores: Stores) -> FactorStore:
    return stores.factors


async def confirmed(store: FactorStore, totp: Totp = FIRST, step: int = 100) -> Totp:
    assert await store.enrol(totp)
    assert await store.confirm(totp, step, CODES, NOW + 5)
    found = await store.totp(totp.user_id)
    assert found is not None
    return found


async def test_a_person_is_found_by_id(store: FactorStore) -> None:
    """With what they are checked against; nobody is nobody."""
    person = await store.person(2)
    assert person is not None
    assert (person.email, person.password_hash) == ("bob@example.com", "hash")
    assert await store.person(3) is None


async def test_what_waits_is_replaced_and_what_is_confirmed_is_not(store: FactorStore) -> None:
    """The first confirmation must be of the secret that was shown last."""
    assert await store.totp(1) is None
    assert await store.enrol(FIRST)
    assert await store.enrol(SECOND)
    assert await store.totp(1) == SECOND
    assert not await store.confirm(FIRST, 100, CODES, NOW + 5)
    assert await store.confirm(SECOND, 100, CODES, NOW + 5)
    assert await store.totp(1) == Totp(1, b"sealed two", NOW + 1, NOW + 5, 100)
    assert not await store.enrol(FIRST)
    assert not await store.confirm(SECOND, 101, CODES[:1], NOW + 6)
    assert len(await store.unused_codes(1)) == len(CODES)
    assert await store.totp(2) is None


async def test_of_many_confirmations_at_once_one_wins(store: FactorStore) -> None:
    """Nobody is shown recovery codes that are not the ones stored."""
    await store.enrol(FIRST)
    done = await asyncio.gather(
        *(store.confirm(FIRST, 100, [bytes([n]) * 32], NOW + n) for n in range(12))
    )
    assert done.count(True) == 1
    assert await store.unused_codes(1) == [bytes([done.index(True)]) * 32]


async def test_a_time_step_is_good_once_and_never_an_earlier_one(store: FactorStore) -> None:
    """The step that confirmed is used up, too; of many at once one wins."""
    totp = await confirmed(store)
    assert not await store.use_step(totp, 100)
    assert not await store.use_step(totp, 99)
    used = await asyncio.gather(*(store.use_step(totp, 101) for _ in range(16)))
    assert used.count(True) == 1
    assert not await store.use_step(totp, 101)
    assert await store.use_step(totp, 102)
    found = await store.totp(1)
    assert found is not None
    assert found.last_step == 102


async def test_steps_of_what_waits_or_is_gone_cannot_be_used(store: FactorStore) -> None:
    """An authenticator read before it was replaced lets nobody in."""
    await store.enrol(FIRST)
    assert not await store.use_step(FIRST, 100)
    assert await store.remove(FIRST)
    assert not await store.remove(FIRST)
    await confirmed(store, SECOND)
    assert not await store.use_step(FIRST, 200)
    assert not await store.remove(FIRST)
    assert not await store.replace_codes(2, CODES[:2], NOW)
    assert len(await store.unused_codes(1)) == len(CODES)


async def test_recovery_codes_are_good_once_and_go_with_the_authenticator(
    store: FactorStore,
) -> None:
    """Of many uses at once one wins; another person's code is none; new ones replace all old ones."""
    totp = await confirmed(store)
    assert sorted(await store.unused_codes(1)) == CODES
    assert not await store.use_code(2, CODES[0], NOW + 6)
    used = await asyncio.gather(*(store.use_code(1, CODES[0], NOW + 6) for _ in range(16)))
    assert used.count(True) == 1
    assert sorted(await store.unused_codes(1)) == CODES[1:]
    fresh = [b"n" * 32, CODES[0]]
    assert await store.replace_codes(1, fresh, NOW + 7)
    assert sorted(await store.unused_codes(1)) == sorted(fresh)
    assert not await store.use_code(1, CODES[1], NOW + 8)
    assert await store.remove(totp)
    assert await store.unused_codes(1) == []
    assert not await store.use_code(1, fresh[0], NOW + 9)


async def test_attempts_are_counted_until_one_succeeds(store: FactorStore) -> None:
    """A locked door counts nothing; each door and each person is counted apart."""
    counts: list[int] = []

    def lock_for(attempts: int) -> int:
        counts.append(attempts)
        return 1_000 if attempts >= 3 else 0

    for _ in range(3):
        assert await store.attempt(1, Door.LOG_IN, NOW, lock_for) == 0
    assert await store.attempt(1, Door.LOG_IN, NOW + 999, lock_for) == NOW + 1_000
    assert await store.attempt(1, Door.LOG_IN, NOW + 1_000, lock_for) == 0
    assert await store.attempt(1, Door.SESSION, NOW, lock_for) == 0
    assert await store.attempt(2, Door.LOG_IN, NOW, lock_for) == 0
    assert counts == [1, 2, 3, 4, 1, 1]
    await store.forget_attempts(1, Door.LOG_IN)
    await store.forget_attempts(2, Door.SESSION)
    assert await store.attempt(1, Door.LOG_IN, NOW + 1_001, lock_for) == 0
    assert counts[-1] == 1


async def test_of_many_attempts_at_once_no_more_pass_than_are_free(store: FactorStore) -> None:
    """A hundred guesses that arrive together are not a hundred guesses."""
    asked = (
        store.attempt(1, Door.LOG_IN, NOW, lambda count: 5_000 if count >= 5 else 0)
        for _ in range(40)
    )
    assert (await asyncio.gather(*asked)).count(0) == 5


async def test_a_session_has_proved_itself_at_its_log_in_and_at_its_last_mark(
    store: FactorStore,
) -> None:
    """Of its own person only; a session that nobody knows has proved nothing."""
    assert await store.proved_at(1, SESSION) == NOW
    assert await store.proved_at(2, SESSION) is None
    assert await store.proved_at(1, "b" * 32) is None
    assert await store.mark_proved(1, SESSION, NOW + 7)
    assert await store.mark_proved(1, SESSION, NOW + 9)
    assert await store.proved_at(1, SESSION) == NOW + 9
    assert not await store.mark_proved(2, SESSION, NOW + 10)
    assert not await store.mark_proved(1, "b" * 32, NOW + 10)
    assert await store.proved_at(1, SESSION) == NOW + 9


async def test_a_mark_ends_with_its_session(stores: Stores) -> None:
    """Revoked, it proves nothing; cleared away, its mark goes with it."""
    assert await stores.factors.mark_proved(1, SESSION, NOW + 7)
    await stores.sessions.revoke(SESSION, NOW + 8)
    assert await stores.factors.proved_at(1, SESSION) is None
    assert not await stores.factors.mark_proved(1, SESSION, NOW + 9)
    assert await stores.sessions.purge(NOW + 2 * LIFE) == 1
    assert await stores.factors.proved_at(1, SESSION) is None


async def test_without_a_database_it_is_unavailable(tmp_path: Path) -> None:
    """The port's error, not a driver's: nobody gets in, nothing is half done."""
    engine = make_engine(f"sqlite:///{tmp_path / 'no' / 'folder' / 'cse.db'}")
    store = SqlFactorStore(engine)
    for call in (store.totp(1), store.use_step(FIRST, 1), store.proved_at(1, SESSION)):
        with pytest.raises(Unavailable):
            await call
    await engine.dispose()
