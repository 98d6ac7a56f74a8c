"""Holds every ApiKeyStore to its port: SQLite, PostgreSQL, and the list that unit tests use."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.errors import KeyKnown, RotationRuns, TooManyKeys, TooManyNewKeys, UnknownUser
from cse.users.model import ED25519, HMAC, NewApiKey, NewUser, Renewal
from cse.users.ports import ApiKeyStore, KeyBounds, UserStore
from tests.servers.migrated import migrated
from tests.unit.users.key_stores import MemoryApiKeyStore
from tests.unit.users.stores import MemoryUserStore

NOW = 1_700_000_000_000
DAY_MS = 86_400_000
WIDE = KeyBounds(at_once=100, per_day=1_000)
ANN, BOB = 1, 2


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ApiKeyStore]:
    """A store with two users: Ann with account 1000, Bob with account 1001."""
    if request.param == "memory":
        people = MemoryUserStore()
        await _register(people)
        yield MemoryApiKeyStore(people)
        return
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    engine = make_engine(url)
    await _register(SqlUserStore(engine))
    yield SqlApiKeyStore(engine)
    await engine.dispose()


async def _register(people: UserStore) -> None:
    for name in ("ann", "bob"):
        await people.add_user(NewUser(f"{name}@example.com", name, name, "$2b$", 0, NOW))


def key(number: int, user_id: int = ANN, **changes: Any) -> NewApiKey:
    made = NewApiKey(
        key_id=f"{number:032x}",
        user_id=user_id,
        name=f"key {number}",
        kind=ED25519,
        public_key=bytes([number]) * 32,
        scopes=frozenset({"trade", "read"}),
        ip_allowlist=("203.0.113.0/24", "2001:db8::/32"),
        created_at=NOW + number,
        expires_at=None,
    )
    return msgspec.structs.replace(made, **changes)


async def test_a_stored_key_comes_back_as_it_was(store: ApiKeyStore) -> None:
    """Every field, with the account of its user; others get None."""
    new = key(1, expires_at=NOW + DAY_MS, name="Ä 鍵 '\"; --", ip_allowlist=())
    made = await store.add_key(new, WIDE)
    assert msgspec.structs.asdict(made) == msgspec.structs.asdict(new) | {
        "number": made.number,
        "account_id": 1_000,
        "last_used_at": None,
        "revoked_at": None,
        "old_public_key": None,
        "old_sealed_secret": None,
        "old_until": None,
    }
    assert await store.key(new.key_id) == made
    assert await store.key(f"{2:032x}") is None
    other = await store.add_key(key(2, BOB), WIDE)
    assert (other.account_id, other.scopes, other.ip_allowlist) == (
        1_001,
        frozenset({"read", "trade"}),
        ("203.0.113.0/24", "2001:db8::/32"),
    )
    assert other.number > made.number


async def test_a_key_without_a_public_key_can_be_stored(store: ApiKeyStore) -> None:
    """Other kinds of keys will have none; two of them do not count as the same."""
    for number in (1, 2):
        new = key(number, kind="other", public_key=None)
        assert (await store.add_key(new, WIDE)).public_key is None


async def test_a_public_key_is_good_for_one_key_of_a_person(store: ApiKeyStore) -> None:
    """Not for two at once and not again after it was revoked; somebody else may have it."""
    await store.add_key(key(1), WIDE)
    again = key(2, public_key=key(1).public_key)
    with pytest.raises(KeyKnown):
        await store.add_key(again, WIDE)
    await store.revoke_key(ANN, key(1).key_id, NOW)
    with pytest.raises(KeyKnown):
        await store.add_key(again, WIDE)
    await store.add_key(msgspec.structs.replace(again, user_id=BOB), WIDE)
    assert await store.keys_of(ANN, before=None, limit=9) == []


async def test_somebody_unknown_gets_no_key(store: ApiKeyStore) -> None:
    """A token may be older than the database it meets."""
    with pytest.raises(UnknownUser):
        await store.add_key(key(1, user_id=77), WIDE)
    assert await store.key(key(1).key_id) is None


async def test_there_are_never_more_keys_than_allowed(store: ApiKeyStore) -> None:
    """Of ten at once as many are stored as are allowed; a revoked one makes room, an expired one does not."""
    bounds = KeyBounds(at_once=3, per_day=1_000)
    asked = [store.add_key(key(n, expires_at=NOW + n), bounds) for n in range(1, 11)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, TooManyKeys) for answer in answers) == 7
    live = await store.keys_of(ANN, before=None, limit=99)
    assert len(live) == 3
    await store.add_key(key(20, BOB), bounds)
    with pytest.raises(TooManyKeys, match="3 API keys"):
        await store.add_key(key(21, created_at=NOW + DAY_MS), bounds)
    await store.revoke_key(ANN, live[0].key_id, NOW)
    await store.add_key(key(21), bounds)


async def test_a_day_has_a_bound_of_its_own(store: ApiKeyStore) -> None:
    """Revoking makes no room in it, 24 hours do."""
    bounds = KeyBounds(at_once=100, per_day=2)
    for number in (1, 2):
        made = await store.add_key(key(number, created_at=NOW), bounds)
        await store.revoke_key(ANN, made.key_id, NOW)
    with pytest.raises(TooManyNewKeys, match="2 API keys"):
        await store.add_key(key(3, created_at=NOW + DAY_MS - 1), bounds)
    await store.add_key(key(3, created_at=NOW + DAY_MS), bounds)


async def test_pages_go_from_the_newest_to_the_oldest(store: ApiKeyStore) -> None:
    """Nobody else's keys are among them, nor revoked ones."""
    made = [await store.add_key(key(n), WIDE) for n in range(1, 7)]
    await store.add_key(key(20, BOB), WIDE)
    await store.revoke_key(ANN, made[2].key_id, NOW)
    first = await store.keys_of(ANN, before=None, limit=3)
    assert [each.name for each in first] == ["key 6", "key 5", "key 4"]
    rest = await store.keys_of(ANN, before=first[-1].number, limit=3)
    assert [each.name for each in rest] == ["key 2", "key 1"]
    assert await store.keys_of(ANN, before=rest[-1].number, limit=3) == []


async def test_a_key_is_revoked_once_and_by_its_owner_only(store: ApiKeyStore) -> None:
    """The second time gives the first one's time; a stranger finds nothing and changes nothing."""
    made = await store.add_key(key(1), WIDE)
    assert await store.revoke_key(BOB, made.key_id, NOW) is None
    assert await store.revoke_key(ANN, "f" * 32, NOW) is None
    assert await store.key(made.key_id) == made
    revoked = await store.revoke_key(ANN, made.key_id, NOW + 5)
    assert revoked == msgspec.structs.replace(made, revoked_at=NOW + 5)
    assert await store.revoke_key(ANN, made.key_id, NOW + 9) == revoked
    assert await store.key(made.key_id) == revoked


async def test_revocations_are_listed_from_a_time_on(store: ApiKeyStore) -> None:
    """The boundary counts; the order is by time."""
    for number in (1, 2, 3):
        await store.add_key(key(number), WIDE)
    await store.revoke_key(ANN, key(2).key_id, NOW + 10)
    await store.revoke_key(ANN, key(1).key_id, NOW + 20)
    both = [(key(2).key_id, NOW + 10), (key(1).key_id, NOW + 20)]
    assert await store.revoked_keys_since(NOW) == both
    assert await store.revoked_keys_since(NOW + 11) == both[1:]
    assert await store.revoked_keys_since(NOW + 21) == []


async def test_the_last_use_only_moves_on(store: ApiKeyStore) -> None:
    """Several keys in one go; late news and unknown keys change nothing."""
    for number in (1, 2):
        await store.add_key(key(number), WIDE)
    await store.mark_used({})
    await store.mark_used({key(1).key_id: NOW + 5, key(2).key_id: NOW + 6, "f" * 32: NOW})
    await store.mark_used({key(1).key_id: NOW + 4, key(2).key_id: NOW + 7})
    used = [each.last_used_at for each in await store.keys_of(ANN, before=None, limit=9)]
    assert used == [NOW + 7, NOW + 5]


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """Not a driver's error: the port's. Nothing listens on port 1."""
    for url in ("postgresql://nobody@127.0.0.1:1/none", f"sqlite:///{tmp_path}/no/such/cse.db"):
        engine = make_engine(url)
        store = SqlApiKeyStore(engine)
        for asked in (
            store.add_key(key(1), WIDE),
            store.key(key(1).key_id),
            store.keys_of(ANN, before=None, limit=1),
            store.revoke_key(ANN, key(1).key_id, NOW),
            store.mark_used({key(1).key_id: NOW}),
            store.revoked_keys_since(NOW),
        ):
            with pytest.raises(Unavailable):
                await asked
        await engine.dispose()


async def test_a_rotation_keeps_what_was_there_for_its_overlap(store: ApiKeyStore) -> None:
    """New in the place of old, of both kinds; a second one waits, and somebody else's is not there."""
    for number, kind, has in ((1, ED25519, "public_key"), (2, HMAC, "sealed_secret")):
        blank = {"public_key": None, "sealed_secret": None}
        new = key(number, kind=kind, **{**blank, has: b"A" * 32})
        await store.add_key(new, WIDE)
        renewal = Renewal(**{**blank, has: b"B" * 32}, at_ms=NOW, old_until=NOW + 10)
        assert await store.renew_key(BOB, new.key_id, renewal) is None
        changed = await store.renew_key(ANN, new.key_id, renewal)
        assert changed is not None
        assert changed == await store.key(new.key_id)
        assert (getattr(changed, has), getattr(changed, f"old_{has}")) == (b"B" * 32, b"A" * 32)
        assert changed.old_until == NOW + 10
        with pytest.raises(RotationRuns):
            await store.renew_key(ANN, new.key_id, renewal)
        later = Renewal(**{**blank, has: b"%d" % number * 32}, at_ms=NOW + 10, old_until=NOW + 20)
        assert await store.renew_key(ANN, new.key_id, later) is not None


async def test_a_rotation_takes_no_public_key_that_is_or_was_known(store: ApiKeyStore) -> None:
    """Neither the key's own, nor another key's, nor one that was rotated out; a new key neither."""
    await store.add_key(key(1), WIDE)
    await store.add_key(key(2), WIDE)

    async def rotate_to(number: int, at_ms: int) -> object:
        new = Renewal(bytes([number]) * 32, None, at_ms, at_ms + 1)
        return await store.renew_key(ANN, key(1).key_id, new)

    for known in (1, 2):
        with pytest.raises(KeyKnown):
            await rotate_to(known, NOW)
    assert await rotate_to(3, NOW) is not None
    for known in (1, 3):
        with pytest.raises(KeyKnown):
            await rotate_to(known, NOW + 5)
        with pytest.raises(KeyKnown):
            await store.add_key(key(9, public_key=bytes([known]) * 32), WIDE)


async def test_a_revoked_or_expired_key_is_not_rotated(store: ApiKeyStore) -> None:
    """Nothing brings it back."""
    await store.add_key(key(1), WIDE)
    await store.revoke_key(ANN, key(1).key_id, NOW)
    await store.add_key(key(2, expires_at=NOW + 5), WIDE)
    for number in (1, 2):
        new = Renewal(b"N" * 32, None, NOW + 5, NOW + 9)
        assert await store.renew_key(ANN, key(number).key_id, new) is None
    assert await store.renew_key(ANN, "f" * 32, new) is None


async def test_of_many_rotations_at_once_one_wins(store: ApiKeyStore) -> None:
    """The others are told that one runs; what was there is what the winner keeps."""
    await store.add_key(key(1), WIDE)
    asked = [
        store.renew_key(ANN, key(1).key_id, Renewal(bytes([n]) * 32, None, NOW, NOW + 9))
        for n in range(10, 16)
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, RotationRuns) for answer in answers) == 5
    kept = await store.key(key(1).key_id)
    assert kept is not None
    assert kept.old_public_key == key(1).public_key
