"""Holds every UserStore to its port: SQLite, PostgreSQL, and the dicts that unit tests use."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.errors import EmailTaken, HandleTaken
from cse.users.model import NewUser, Opening
from cse.users.ports import UserStore
from tests.servers.migrated import migrated
from tests.unit.users.stores import MemoryUserStore

NOW = 1_700_000_000_000


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[UserStore]:
    if request.param == "memory":
        yield MemoryUserStore()
        return
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    engine = make_engine(url)
    yield SqlUserStore(engine)
    await engine.dispose()


def person(name: str, *, email: str = "", created_at: int = NOW) -> NewUser:
    address = email or f"{name.lower()}@example.com"
    return NewUser(address, name, name.lower(), f"hash of {name}", 0, created_at)


async def pending(store: UserStore, before_ms: int = NOW + 1) -> list[int]:
    rows = await store.pending_openings(before_ms=before_ms, after_account_id=0, limit=100)
    return [row.account_id for row in rows]


async def test_a_new_user_gets_the_next_account_and_an_outbox_row(store: UserStore) -> None:
    """Accounts count from 1000; user and outbox row are there together."""
    ada, bob = await store.add_user(person("Ada")), await store.add_user(person("Bob"))
    assert (ada.email, ada.handle, ada.account_id) == ("ada@example.com", "Ada", 1_000)
    assert (bob.account_id, bob.created_at) == (1_001, NOW)
    assert ada.user_id != bob.user_id
    assert await pending(store) == [1_000, 1_001]


async def test_an_address_and_a_handle_belong_to_one(store: UserStore) -> None:
    """A second one is refused by name of what is taken, and leaves nothing behind, not even an account id."""
    await store.add_user(person("Ada"))
    with pytest.raises(EmailTaken):
        await store.add_user(person("Eve", email="ada@example.com"))
    with pytest.raises(HandleTaken):
        await store.add_user(person("ADA", email="eve@example.com"))
    assert await store.is_email_taken("ada@example.com")
    assert not await store.is_email_taken("eve@example.com")
    assert (await store.add_user(person("Bob"))).account_id == 1_001
    assert await pending(store) == [1_000, 1_001]


async def test_of_many_registrations_at_once_one_wins(store: UserStore) -> None:
    """A hundred tasks want one address: one user, one account, one outbox row."""
    tried = [
        store.add_user(person(f"Ada{number}", email="ada@example.com")) for number in range(100)
    ]
    answers = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(answer, EmailTaken) for answer in answers) == 99
    assert await pending(store) == [1_000]


async def test_many_different_registrations_at_once_all_get_their_own_account(
    store: UserStore,
) -> None:
    """Account ids are given out once, without gaps."""
    users = await asyncio.gather(*(store.add_user(person(f"user{n}")) for n in range(30)))
    assert sorted(user.account_id for user in users) == list(range(1_000, 1_030))


async def test_hostile_texts_are_only_texts(store: UserStore) -> None:
    """SQL in a value is stored and found as it is."""
    nasty = "x'); drop table users; --"
    await store.add_user(NewUser(nasty, "a", "a';drop table x;", "%s ? :x", 0, NOW))
    found = await store.credentials(nasty)
    assert found is not None
    assert found.user.email == nasty
    assert found.password_hash == "%s ? :x"
    assert await store.credentials("' or '1'='1") is None


async def test_credentials_tell_whether_the_account_is_open(store: UserStore) -> None:
    """The outbox row comes along until it is done; an unknown address has none."""
    ada = await store.add_user(person("Ada"))
    before = await store.credentials(ada.email)
    assert before is not None
    assert (before.user, before.password_hash) == (ada, "hash of Ada")
    assert before.opening == Opening(1_000, 0, NOW)
    await store.mark_opened(1_000, NOW + 5)
    await store.mark_opened(1_000, NOW + 6)
    after = await store.credentials(ada.email)
    assert after is not None
    assert after.opening is None
    assert await pending(store) == []
    assert await store.credentials("bob@example.com") is None


async def test_a_password_hash_is_replaced_only_if_it_is_the_expected_one(
    store: UserStore,
) -> None:
    """A rehash never overwrites a password that was changed meanwhile."""
    ada = await store.add_user(person("Ada"))
    assert await store.replace_password_hash(ada.user_id, "hash of Ada", "new")
    assert not await store.replace_password_hash(ada.user_id, "hash of Ada", "newer")
    found = await store.credentials(ada.email)
    assert found is not None
    assert found.password_hash == "new"
    assert not await store.replace_password_hash(99, "new", "newer")


async def test_reserved_account_ids_are_never_given_out(store: UserStore) -> None:
    """What the engine has already is skipped; reserving less changes nothing."""
    await store.reserve_account_ids(5_000)
    await store.reserve_account_ids(2_000)
    assert (await store.add_user(person("Ada"))).account_id == 5_001


async def test_pending_openings_come_by_age_and_in_pages(store: UserStore) -> None:
    """Rows that are too young are left out; pages go on after the last id."""
    for number in range(5):
        await store.add_user(person(f"user{number}", created_at=NOW + number))
    assert await pending(store, before_ms=NOW + 3) == [1_000, 1_001, 1_002]
    page = await store.pending_openings(before_ms=NOW + 9, after_account_id=1_001, limit=2)
    assert [row.account_id for row in page] == [1_002, 1_003]


async def test_an_unopened_account_can_be_renumbered(store: UserStore) -> None:
    """Its user gets the next id, with an outbox row of its own; the old row is gone."""
    ada = await store.add_user(person("Ada"))
    await store.reserve_account_ids(1_010)
    assert await store.renumber_account(ada.account_id) == Opening(1_011, 0, NOW)
    found = await store.credentials(ada.email)
    assert found is not None
    assert found.user.account_id == 1_011
    assert await pending(store) == [1_011]
    assert await store.renumber_account(ada.account_id) is None


async def test_a_claimed_or_opened_account_keeps_its_number(store: UserStore) -> None:
    """Whoever claims the row first, sender or renumberer, wins over the other."""
    await store.add_user(person("Ada"))
    assert await store.claim_opening(1_000, NOW)
    assert await store.claim_opening(1_000, NOW + 1)
    assert await store.renumber_account(1_000) is None
    await store.mark_opened(1_000, NOW + 2)
    assert not await store.claim_opening(1_000, NOW + 3)
    await store.add_user(person("Bob"))
    await store.mark_opened(1_001, NOW)
    assert await store.renumber_account(1_001) is None
    assert not await store.claim_opening(7_777, NOW)


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """Not a driver's error: the port's. Nothing listens on port 1."""
    for url in ("postgresql://nobody@127.0.0.1:1/none", f"sqlite:///{tmp_path}/no/such/cse.db"):
        engine = make_engine(url)
        store = SqlUserStore(engine)
        with pytest.raises(Unavailable):
            await store.add_user(person("Ada"))
        with pytest.raises(Unavailable):
            await store.credentials("ada@example.com")
        await engine.dispose()
