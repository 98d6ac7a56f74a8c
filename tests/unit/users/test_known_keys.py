"""Keys that were looked up are remembered: so many, for so long, and until they are to be forgotten."""

import pytest

from cse.core.errors import Unavailable
from cse.users.known_keys import KNOWN_MS, KnownKeys
from cse.users.model import ApiKey
from tests.unit.users.key_stores import MemoryApiKeyStore
from tests.unit.users.people import FakeClock
from tests.unit.users.stores import MemoryUserStore


def key(number: int) -> ApiKey:
    return ApiKey(
        key_id=f"{number:032x}",
        user_id=1,
        name="key",
        kind="ed25519",
        public_key=bytes(32),
        scopes=frozenset(),
        ip_allowlist=(),
        created_at=0,
        expires_at=None,
        number=number,
        account_id=1_000,
        last_used_at=None,
        revoked_at=None,
    )


class CountingStore(MemoryApiKeyStore):
    """Every id below a hundred is a key's; `asked` are those that were looked up."""

    def __init__(self) -> None:
        super().__init__(MemoryUserStore())
        self.asked: list[str] = []
        self.away = False

    async def key(self, key_id: str) -> ApiKey | None:
        if self.away:
            raise Unavailable("no database")
        self.asked.append(key_id)
        return key(int(key_id, 16)) if int(key_id, 16) < 100 else None


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


async def test_a_key_is_looked_up_once(store: CountingStore) -> None:
    """Also with the database away, until its time is over or it is to be forgotten."""
    clock = FakeClock()
    known = KnownKeys(store, clock)
    assert await known.find(key(1).key_id) == key(1)
    store.away = True
    clock.time_ms += KNOWN_MS - 1
    assert await known.find(key(1).key_id) == key(1)
    clock.time_ms += 1
    with pytest.raises(Unavailable):
        await known.find(key(1).key_id)
    store.away = False
    await known.find(key(1).key_id)
    known.forget(key(1).key_id)
    await known.find(key(1).key_id)
    assert store.asked == [key(1).key_id] * 3


async def test_a_clock_that_is_set_back_keeps_no_key_for_ever(store: CountingStore) -> None:
    """A look-up that seems to lie far ahead is as old as one far behind."""
    clock = FakeClock()
    known = KnownKeys(store, clock)
    await known.find(key(1).key_id)
    clock.time_ms -= KNOWN_MS
    await known.find(key(1).key_id)
    assert len(store.asked) == 2


async def test_the_least_recently_used_goes(store: CountingStore) -> None:
    """Using one keeps it; there are never more than the bound."""
    known = KnownKeys(store, FakeClock(), max_known=2)
    for number in (1, 2, 1, 3):
        await known.find(key(number).key_id)
        assert len(known) <= 2
    store.asked.clear()
    for number in (1, 3, 2):
        await known.find(key(number).key_id)
    assert store.asked == [key(2).key_id]


@pytest.mark.parametrize(
    "key_id", ["", "1" * 31, "1" * 33, "A" * 32, "g" * 32, "\u0661" * 32, "\0" * 32, "'" * 32]
)
async def test_what_can_be_no_id_asks_no_database(store: CountingStore, key_id: str) -> None:
    """Ids are 32 lower-case hexadecimal digits."""
    assert await KnownKeys(store, FakeClock()).find(key_id) is None
    assert store.asked == []


async def test_made_up_ids_take_no_room(store: CountingStore) -> None:
    """However many are tried, what is remembered are keys that exist."""
    known = KnownKeys(store, FakeClock())
    await known.find(key(1).key_id)
    for number in range(100, 300):
        assert await known.find(f"{number:032x}") is None
    assert len(known) == 1


async def test_a_use_is_remembered_with_the_key(store: CountingStore) -> None:
    """So that it need not be written each time; one of a key that is not remembered is let go."""
    known = KnownKeys(store, FakeClock())
    known.note_use(key(1).key_id, 5)
    await known.find(key(1).key_id)
    known.note_use(key(1).key_id, 7)
    found = await known.find(key(1).key_id)
    assert found is not None
    assert found.last_used_at == 7
