"""Holds the store of linked identities to its port, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from cse.adapters.clock import SystemClock
from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.linked import SqlLinkedStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.audit import Act, AuditAct
from cse.users.audit_log import AuditFilter
from cse.users.errors import EmailTaken, HandleTaken, UnknownUser
from cse.users.linked.errors import IdentityTaken, LastWayIn, TooManyIdentities
from cse.users.linked.model import MAX_PER_PERSON, Proven, ProviderName
from cse.users.model import NewUser
from cse.users.passwords import NO_PASSWORD
from tests.servers.migrated import migrated

NOW = 1_700_000_000_000
CHANNEL = Proven(ProviderName.YOUTUBE, "g-1", "Ada", "UC1", "Ada plays")


class Stage:
    """The store, and what looks beside it. People 1 and 2 have passwords."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.store = SqlLinkedStore(self.engine)
        self.users = SqlUserStore(self.engine)

    async def acts(self) -> list[str]:
        found = await SqlAuditLog(self.engine, SystemClock()).search(
            AuditFilter(), before=None, limit=100
        )
        return [record.act for record in reversed(found)]


def person(name: str, password: str = "hash") -> NewUser:
    return NewUser(f"{name}@example.com", name, name, password, 0, NOW)


def act(of: Act = Act.IDENTITY_LINKED) -> AuditAct:
    return AuditAct(act=of, actor="user:1", object="user:1")


@pytest.fixture(params=["sqlite", "postgresql"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    made = Stage(url)
    for name in ("ada", "bob"):
        await made.users.add_user(person(name))
    yield made
    await made.engine.dispose()


async def test_a_linked_identity_is_found_by_its_provider_and_subject(stage: Stage) -> None:
    """By both: another provider's same id is somebody else. It is recorded with it."""
    linked = await stage.store.link(1, CHANNEL, NOW, act())
    assert await stage.store.owner(ProviderName.YOUTUBE, "g-1") == linked
    assert (linked.user_id, linked.channel_id, linked.linked_at) == (1, "UC1", NOW)
    assert await stage.store.owner(ProviderName.X, "g-1") is None
    assert (await stage.acts())[-1] == Act.IDENTITY_LINKED


async def test_linking_again_freshens_names_and_nothing_else(stage: Stage) -> None:
    """Harmless twice: same id, same time of linking, one record."""
    first = await stage.store.link(1, CHANNEL, NOW, act())
    renamed = msgspec.structs.replace(CHANNEL, name="Ada L", channel_name="Ada lives")
    again = await stage.store.link(1, renamed, NOW + 5, act())
    wanted = msgspec.structs.replace(first, name="Ada L", channel_name="Ada lives", used_at=NOW + 5)
    assert again == wanted
    assert (await stage.acts()).count(Act.IDENTITY_LINKED) == 1


async def test_an_identity_is_one_persons(stage: Stage) -> None:
    """Of many people at once one gets it; the others are refused, and nothing of theirs is recorded."""
    asked = (stage.store.link(1 + n % 2, CHANNEL, NOW, act()) for n in range(6))
    done = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in done if isinstance(each, BaseException)]
    assert len(refused) == 3
    assert all(isinstance(each, IdentityTaken) for each in refused)
    assert (await stage.acts()).count(Act.IDENTITY_LINKED) == 1


async def test_nobody_links_more_than_allowed(stage: Stage) -> None:
    """Also of many at once; somebody who is not there links nothing."""
    asked = (
        stage.store.link(1, Proven(ProviderName.X, f"x-{n}", "x"), NOW, act())
        for n in range(MAX_PER_PERSON + 4)
    )
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, TooManyIdentities) for each in done) == 4
    with pytest.raises(UnknownUser):
        await stage.store.link(99, CHANNEL, NOW, act())


async def test_people_join_with_their_identity_or_not_at_all(stage: Stage) -> None:
    """What is taken is told apart; nobody is stored without the identity that lets them in."""
    new = person("cleo", NO_PASSWORD)
    user = await stage.store.join(new, CHANNEL, NOW)
    owner = await stage.store.owner(ProviderName.YOUTUBE, "g-1")
    assert owner is not None
    assert owner.user_id == user.user_id
    assert (await stage.acts())[-2:] == [Act.REGISTER, Act.IDENTITY_LINKED]
    with pytest.raises(IdentityTaken):
        await stage.store.join(person("dora", NO_PASSWORD), CHANNEL, NOW)
    assert not await stage.users.is_email_taken("dora@example.com")
    other = msgspec.structs.replace(CHANNEL, subject="g-2")
    with pytest.raises(EmailTaken):
        await stage.store.join(msgspec.structs.replace(new, handle_key="dora"), other, NOW)
    with pytest.raises(HandleTaken):
        await stage.store.join(
            msgspec.structs.replace(person("dora"), handle_key="cleo"), other, NOW
        )
    assert await stage.store.owner(ProviderName.YOUTUBE, "g-2") is None


async def test_lists_are_ones_own_newest_first_page_by_page(stage: Stage) -> None:
    """Nobody sees another's; a page goes on below the last one's id."""
    for n in range(5):
        await stage.store.link(1, Proven(ProviderName.X, f"x-{n}", "x"), NOW + n, act())
    await stage.store.link(2, CHANNEL, NOW, act())
    first = await stage.store.identities(1, before=None, limit=3)
    rest = await stage.store.identities(1, before=first[-1].identity_id, limit=3)
    assert [each.subject for each in (*first, *rest)] == ["x-4", "x-3", "x-2", "x-1", "x-0"]


async def test_unlinking_is_for_its_own_person_and_done_once(stage: Stage) -> None:
    """Somebody else's is not there. What is gone cannot be noted as used, and can be linked by somebody else."""
    linked = await stage.store.link(1, CHANNEL, NOW, act())
    gone = act(Act.IDENTITY_UNLINKED)
    assert not await stage.store.unlink(2, linked.identity_id, NOW, gone)
    assert await stage.store.seen(linked.identity_id, CHANNEL, NOW + 1)
    done = await asyncio.gather(
        *(stage.store.unlink(1, linked.identity_id, NOW, gone) for _ in range(5))
    )
    assert done.count(True) == 1
    assert not await stage.store.seen(linked.identity_id, CHANNEL, NOW + 2)
    assert (await stage.acts()).count(Act.IDENTITY_UNLINKED) == 1
    assert (await stage.store.link(2, CHANNEL, NOW, act())).user_id == 2


async def test_the_last_way_in_stays(stage: Stage) -> None:
    """Without a password one identity is left, also if all are removed at once; with a password none has to be."""
    user = await stage.store.join(person("cleo", NO_PASSWORD), CHANNEL, NOW)
    extra = await stage.store.link(user.user_id, Proven(ProviderName.X, "x", "x"), NOW, act())
    first = await stage.store.owner(ProviderName.YOUTUBE, "g-1")
    assert first is not None
    ids = [first.identity_id, extra.identity_id]
    gone = act(Act.IDENTITY_UNLINKED)
    done = await asyncio.gather(
        *(stage.store.unlink(user.user_id, each, NOW, gone) for each in ids),
        return_exceptions=True,
    )
    assert [type(each) for each in done].count(LastWayIn) == 1
    left = await stage.store.identities(user.user_id, before=None, limit=5)
    assert len(left) == 1
    assert await stage.users.replace_password_hash(user.user_id, NO_PASSWORD, "hash")
    assert await stage.store.unlink(user.user_id, left[0].identity_id, NOW, gone)


async def test_without_a_database_it_is_unavailable(tmp_path: Path) -> None:
    """The port's error, not a driver's."""
    engine = make_engine(f"sqlite:///{tmp_path / 'no' / 'folder' / 'cse.db'}")
    store = SqlLinkedStore(engine)
    for call in (store.owner(ProviderName.X, "1"), store.link(1, CHANNEL, NOW, act())):
        with pytest.raises(Unavailable):
            await call
    await engine.dispose()
