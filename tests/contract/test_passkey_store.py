"""Holds every PasskeyStore to its port: SQLite, PostgreSQL, and the dict that unit tests use."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.passkeys import SqlPasskeyStore
from cse.adapters.sql.users import SqlUserStore
from cse.users.errors import UnknownUser
from cse.users.factor_ports import FactorStore, PasskeySum, Totp
from cse.users.model import NewUser
from cse.users.passkeys.errors import LastFactor, PasskeyKnown, TooManyPasskeys
from cse.users.passkeys.model import Passkey
from cse.users.passkeys.ports import PasskeyStore
from tests.servers.migrated import migrated
from tests.unit.users.factor_stores import MemoryFactorStore
from tests.unit.users.passkey_stores import MemoryPasskeyStore
from tests.unit.users.stores import MemorySessionStore, MemoryUserStore

NOW = 1_700_000_000_000
CODES = [bytes([number]) * 32 for number in range(10)]
TOTP = Totp(1, b"sealed", NOW)


class Stores(NamedTuple):
    """The store under test, and the one that shares recovery codes with it."""

    passkeys: PasskeyStore
    factors: FactorStore


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    """Two people, 1 and 2."""
    people = [NewUser(f"{name}@example.com", name, name, "hash", 0, NOW) for name in ("ada", "bob")]
    if request.param == "memory":
        users = MemoryUserStore()
        for new in people:
            await users.add_user(new)
        factors = MemoryFactorStore(users, MemorySessionStore())
        yield Stores(MemoryPasskeyStore(factors), factors)
        return
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    engine = make_engine(url)
    for new in people:
        await SqlUserStore(engine).add_user(new)
    yield Stores(SqlPasskeyStore(engine), SqlFactorStore(engine))
    await engine.dispose()


def passkey(number: int, user_id: int = 1) -> Passkey:
    return Passkey(
        passkey_id=f"{number:032x}",
        user_id=user_id,
        credential_id=b"credential %d" % number,
        public_key=b"\xa5 a key",
        handle=b"h" * 32,
        label=f"n\u00famero {number}",
        sign_count=0,
        transports=("hybrid", "internal"),
        backed_up=False,
        created_at=NOW + number,
    )


async def test_what_is_stored_is_found(stores: Stores) -> None:
    """By its owner, oldest first, and by what the authenticator calls it; with and without transports."""
    one, two = passkey(1), msgspec.structs.replace(passkey(2), transports=())
    assert await stores.passkeys.by_credential(one.credential_id) is None
    await stores.passkeys.add(one, CODES, 9)
    await stores.passkeys.add(two, CODES, 9)
    assert list(await stores.passkeys.passkeys_of(1)) == [one, two]
    assert await stores.passkeys.passkeys_of(2) == []
    assert await stores.passkeys.by_credential(two.credential_id) == two
    assert await stores.factors.passkeys(1) == PasskeySum(2, NOW + 1)
    assert await stores.factors.passkeys(2) == PasskeySum(0, 0)


async def test_the_first_factor_brings_codes_and_the_last_takes_them(stores: Stores) -> None:
    """Whichever kinds they are of; what is not last leaves the codes alone."""
    assert await stores.passkeys.add(passkey(1), CODES, 9)
    assert not await stores.passkeys.add(passkey(2), CODES[:1], 9)
    await stores.factors.enrol(TOTP)
    assert len(await stores.factors.unused_codes(1)) == 10
    gone = await stores.passkeys.remove(1, passkey(1).passkey_id, spare_last=True)
    assert gone is not None
    assert gone.factor_left
    with pytest.raises(LastFactor):  # the authenticator waits only
        await stores.passkeys.remove(1, passkey(2).passkey_id, spare_last=True)
    assert len(await stores.factors.unused_codes(1)) == 10
    assert await stores.factors.confirm(TOTP, 100, CODES[:4], NOW)
    gone = await stores.passkeys.remove(1, passkey(2).passkey_id, spare_last=True)
    assert gone is not None
    assert gone.factor_left
    assert len(await stores.factors.unused_codes(1)) == 4
    assert not await stores.passkeys.add(passkey(3), CODES, 9)
    assert await stores.factors.remove(TOTP)
    assert len(await stores.factors.unused_codes(1)) == 4
    gone = await stores.passkeys.remove(1, passkey(3).passkey_id, spare_last=False)
    assert gone is not None
    assert not gone.factor_left
    assert await stores.factors.unused_codes(1) == []


async def test_nobody_has_anothers_credential_or_too_many(stores: Stores) -> None:
    """Refusals change nothing; of many at once no more are stored than may be."""
    await stores.passkeys.add(passkey(1), CODES, 2)
    with pytest.raises(PasskeyKnown):
        await stores.passkeys.add(
            msgspec.structs.replace(passkey(1, 2), passkey_id="f" * 32), CODES, 2
        )
    assert await stores.factors.unused_codes(2) == []
    with pytest.raises(UnknownUser):
        await stores.passkeys.add(passkey(5, 99), CODES, 2)
    rush = await asyncio.gather(
        *(stores.passkeys.add(passkey(n), CODES, 2) for n in range(10, 20)), return_exceptions=True
    )
    assert sum(isinstance(each, TooManyPasskeys) for each in rush) == 9
    assert len(await stores.passkeys.passkeys_of(1)) == 2


async def test_two_removals_at_once_spare_the_last(stores: Stores) -> None:
    """Both saw that there are two: one goes, the other is the last."""
    for number in (1, 2):
        await stores.passkeys.add(passkey(number), CODES, 9)
    rush = await asyncio.gather(
        *(stores.passkeys.remove(1, passkey(n).passkey_id, spare_last=True) for n in (1, 2)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, LastFactor) for each in rush) == 1
    assert len(await stores.passkeys.passkeys_of(1)) == 1


async def test_a_counter_only_rises(stores: Stores) -> None:
    """Of many with one count one gets it; counters that stay 0 all do; what is gone counts nothing."""
    known = passkey(1)
    await stores.passkeys.add(known, CODES, 9)

    async def use(sign_count: int) -> bool:
        return await stores.passkeys.use(known, sign_count, backed_up=True, at_ms=NOW + 50)

    assert [await use(0), await use(0)] == [True, True]
    rush = await asyncio.gather(*(use(7) for _ in range(12)))
    assert rush.count(True) == 1
    assert [await use(7), await use(6), await use(0), await use(8)] == [False, False, False, True]
    found = await stores.passkeys.by_credential(known.credential_id)
    assert found == msgspec.structs.replace(
        known, sign_count=8, backed_up=True, last_used_at=NOW + 50
    )
    await stores.passkeys.remove(1, known.passkey_id, spare_last=False)
    assert not await use(9)


async def test_only_its_owner_renames_and_removes(stores: Stores) -> None:
    """For anybody else it is not there."""
    known = passkey(1)
    await stores.passkeys.add(known, CODES, 9)
    assert await stores.passkeys.rename(2, known.passkey_id, "mine") is None
    assert await stores.passkeys.remove(2, known.passkey_id, spare_last=False) is None
    renamed = await stores.passkeys.rename(1, known.passkey_id, "new")
    assert renamed == msgspec.structs.replace(known, label="new")
    assert list(await stores.passkeys.passkeys_of(1)) == [renamed]


async def test_a_reset_takes_everything_of_one_person(stores: Stores) -> None:
    """All kinds, and the codes; harmless twice; others keep theirs."""
    await stores.passkeys.add(passkey(1), CODES, 9)
    await stores.passkeys.add(passkey(2, 2), CODES, 9)
    await stores.factors.enrol(TOTP)
    await stores.factors.confirm(TOTP, 100, CODES, NOW)
    assert await stores.factors.reset(1)
    assert not await stores.factors.reset(1)
    assert await stores.passkeys.passkeys_of(1) == []
    assert await stores.factors.totp(1) is None
    assert await stores.factors.unused_codes(1) == []
    assert len(await stores.factors.unused_codes(2)) == 10
    assert len(await stores.passkeys.passkeys_of(2)) == 1
