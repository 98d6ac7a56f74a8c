"""Holds SubAccountStore to its port on SQLite and PostgreSQL: bounds, labels, owners, and ids that may change."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cse.adapters.clock import SystemClock
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.authority import SqlPeopleReader
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.sub_accounts import SqlSubAccountStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.errors import TooManyKeys, UnknownAccount, UnknownUser
from cse.users.model import HMAC, NewApiKey, NewUser
from cse.users.people_search import PeopleSearch
from cse.users.ports import KeyBounds
from cse.users.sub_accounts.errors import LabelTaken, TooManySubAccounts
from cse.users.sub_accounts.model import Bounds, NewSubAccount, Owned, SubAccount
from tests.servers.migrated import migrated

NOW = 1_700_000_000_000
DAY_MS = 86_400_000
ANN, BOB = 1, 2
WIDE = Bounds(at_once=100, per_day=100)


class Stores(NamedTuple):
    """The store under test, and those beside it in one database."""

    subs: SqlSubAccountStore
    users: SqlUserStore
    keys: SqlApiKeyStore
    audit: SqlAuditLog
    people: SqlPeopleReader


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    """Ann has account 1000, Bob 1001."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    engine = make_engine(url)
    users = SqlUserStore(engine)
    for name in ("ann", "bob"):
        await users.add_user(NewUser(f"{name}@example.com", name, name, "$2b$", 0, NOW))
    yield Stores(
        SqlSubAccountStore(engine),
        users,
        SqlApiKeyStore(engine),
        SqlAuditLog(engine, SystemClock()),
        SqlPeopleReader(engine),
    )
    await engine.dispose()


def new(label: str, user_id: int = ANN, at_ms: int = NOW) -> NewSubAccount:
    return NewSubAccount(user_id, label, 0, at_ms)


def key(number: int, sub_account_id: int | None, user_id: int = ANN) -> NewApiKey:
    return NewApiKey(
        key_id=f"{number:032x}",
        user_id=user_id,
        name="bot",
        kind=HMAC,
        public_key=None,
        scopes=frozenset({"read"}),
        ip_allowlist=(),
        created_at=NOW,
        expires_at=None,
        sealed_secret=b"sealed",
        sub_account_id=sub_account_id,
    )


async def test_one_is_stored_with_the_next_account_id_and_its_opening(stores: Stores) -> None:
    """It takes part in the outbox like everybody's first account, and is recorded."""
    made = await stores.subs.add(new("hedge"), WIDE)
    assert made == SubAccount(made.number, 1_002, ANN, "hedge", NOW, None, None)
    waiting = await stores.users.pending_openings(before_ms=NOW + 1, after_account_id=0, limit=9)
    assert 1_002 in [opening.account_id for opening in waiting]
    assert await stores.subs.find(ANN, 1_002) == made
    last = (await stores.audit.after(0, 99))[-1]
    assert (last.act, last.actor, last.object) == ("sub_account.make", "user:1", "account:1002")


async def test_somebody_elses_is_not_found_and_nothing_of_it_changes(stores: Stores) -> None:
    """Neither found, renamed nor closed by another person; of_main goes by the first account alone."""
    made = await stores.subs.add(new("hedge"), WIDE)
    assert await stores.subs.find(BOB, made.account_id) is None
    assert await stores.subs.rename(BOB, made.account_id, "mine", NOW) is None
    assert await stores.subs.mark_closed(BOB, made.account_id, NOW) is None
    assert await stores.subs.page(BOB, after=0, limit=9) == []
    assert await stores.subs.page(ANN, after=0, limit=9) == [made]
    assert await stores.subs.of_main(1_000) == [made]
    assert await stores.subs.of_main(1_001) == await stores.subs.of_main(made.account_id) == []


async def test_labels_are_a_persons_own_until_one_is_closed(stores: Stores) -> None:
    """The same label twice is refused, also by renaming; another person may have it, and a closed one lets it go."""
    first = await stores.subs.add(new("a"), WIDE)
    second = await stores.subs.add(new("b"), WIDE)
    with pytest.raises(LabelTaken):
        await stores.subs.add(new("a"), WIDE)
    with pytest.raises(LabelTaken):
        await stores.subs.rename(ANN, second.account_id, "a", NOW)
    await stores.subs.add(new("a", BOB), WIDE)
    closed = await stores.subs.mark_closed(ANN, first.account_id, NOW + 5)
    assert closed is not None
    assert closed.closed_at == NOW + 5
    again = await stores.subs.mark_closed(ANN, first.account_id, NOW + 9)
    assert again == closed
    renamed = await stores.subs.rename(ANN, second.account_id, "a", NOW)
    assert renamed is not None
    assert renamed.label == "a"
    assert await stores.subs.rename(ANN, first.account_id, "c", NOW) is None
    assert await stores.subs.of_main(1_000) == [renamed]


async def test_of_many_at_once_no_more_are_made_than_allowed(stores: Stores) -> None:
    """Eight at once with room for three, and none by a stranger."""
    bounds = Bounds(at_once=3, per_day=9)
    made = await asyncio.gather(
        *(stores.subs.add(new(f"n{n}"), bounds) for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(each, SubAccount) for each in made) == 3
    assert sum(isinstance(each, TooManySubAccounts) for each in made) == 5
    with pytest.raises(UnknownUser):
        await stores.subs.add(new("x", 99), bounds)


async def test_closed_ones_count_for_the_day_alone(stores: Stores) -> None:
    """Whoever closes may make another at once, but not for ever on one day."""
    bounds = Bounds(at_once=1, per_day=2)
    for label in ("a", "b"):
        made = await stores.subs.add(new(label), bounds)
        await stores.subs.mark_closed(ANN, made.account_id, NOW)
    with pytest.raises(TooManySubAccounts):
        await stores.subs.add(new("c"), bounds)
    await stores.subs.add(new("c", at_ms=NOW + DAY_MS), bounds)


async def test_an_owner_is_told_once_the_account_is_opened(stores: Stores) -> None:
    """Until then its id may change, and would be somebody else's account."""
    made = await stores.subs.add(new("a"), WIDE)
    assert await stores.subs.opened_since(0) == []
    moved = await stores.users.renumber_account(made.account_id)
    assert moved is not None
    await stores.users.mark_opened(moved.account_id, NOW + 7)
    assert await stores.subs.opened_since(NOW + 7) == [Owned(moved.account_id, ANN)]
    assert await stores.subs.opened_since(NOW + 8) == []
    found = await stores.subs.find(ANN, moved.account_id)
    assert found is not None
    assert found.opened_at == NOW + 7
    assert await stores.subs.find(ANN, made.account_id) is None


async def test_a_key_is_of_one_open_account_of_its_owner(stores: Stores) -> None:
    """Nobody gets one of another's account, nor of one closed or not opened yet; bounds are each account's."""
    first = await stores.subs.add(new("a"), WIDE)
    bounds = KeyBounds(at_once=1, per_day=9)
    with pytest.raises(UnknownAccount):
        await stores.keys.add_key(key(1, first.account_id), bounds)
    made = await stores.users.renumber_account(first.account_id)
    assert made is not None
    await stores.users.mark_opened(made.account_id, NOW)
    of_sub = await stores.keys.add_key(key(1, made.account_id), bounds)
    assert (of_sub.account_id, of_sub.sub_account_id) == (made.account_id, made.account_id)
    of_main = await stores.keys.add_key(key(2, None), bounds)
    assert (of_main.account_id, of_main.sub_account_id) == (1_000, None)
    with pytest.raises(TooManyKeys):
        await stores.keys.add_key(key(3, made.account_id), bounds)
    for foreign in (key(4, made.account_id, BOB), key(5, 1_001), key(6, 999_999)):
        with pytest.raises(UnknownAccount):
            await stores.keys.add_key(foreign, WIDE_KEYS)
    assert await stores.keys.key(of_sub.key_id) == of_sub
    await stores.subs.mark_closed(ANN, made.account_id, NOW)
    with pytest.raises(UnknownAccount):
        await stores.keys.add_key(key(7, made.account_id), WIDE_KEYS)


async def test_staff_find_a_person_by_a_sub_account(stores: Stores) -> None:
    """The account that somebody asks about may be any of theirs."""
    made = await stores.subs.add(new("a", BOB), WIDE)
    for account_id in (made.account_id, 1_001):
        wanted = PeopleSearch(None, None, account_id)
        found = await stores.people.find(wanted, after=0, limit=9)
        assert [person.user_id for person in found] == [BOB]


async def test_a_database_that_is_away_is_unavailable() -> None:
    """Every method says so, and nothing else."""
    store = SqlSubAccountStore(make_engine("postgresql://nobody@127.0.0.1:1/none"))
    for call in (
        store.add(new("a"), WIDE),
        store.page(ANN, after=0, limit=1),
        store.find(ANN, 1),
        store.of_main(1_000),
        store.rename(ANN, 1, "b", NOW),
        store.mark_closed(ANN, 1, NOW),
        store.opened_since(0),
    ):
        with pytest.raises(Unavailable):
            await call


WIDE_KEYS = KeyBounds(at_once=100, per_day=100)
