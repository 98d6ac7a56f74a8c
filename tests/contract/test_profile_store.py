"""Holds ProfileStore, ClosureStore, ExportStore and ToldStore to their ports, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.leaving import SqlClosureStore, SqlExportStore
from cse.adapters.sql.profiles import SqlProfileStore
from cse.adapters.sql.telling import SqlToldStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.leaving.model import (
    DAY_MS,
    EXPORT_MS,
    EXPORTS_PER_DAY,
    Closure,
    Export,
    ExportRuns,
    TooManyExports,
)
from cse.users.model import NewUser
from cse.users.profiles.model import Change, Picture, Profile
from tests.servers.migrated import migrated

NOW = 1_700_000_000_000
FIRST = Picture("a" * 32, {64: b"small", 256: b"large"})
SECOND = Picture("b" * 32, {64: b"other", 256: b"other large"})


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A migrated database with two people, 1 and 2."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    made = make_engine(url)
    for name in ("Ada", "Bob"):
        new = NewUser(f"{name.lower()}@example.com", name, name.lower(), "hash", 0, NOW)
        await SqlUserStore(made).add_user(new)
    yield made
    await made.dispose()


def act(kind: Act = Act.PROFILE_CHANGED, user_id: int = 1) -> AuditAct:
    return AuditAct(act=kind, actor=user_actor(user_id), object=user_actor(user_id))


async def rows(engine: AsyncEngine, statement: str) -> list[Any]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def recorded(engine: AsyncEngine, kind: Act) -> int:
    return len(await rows(engine, f"SELECT number FROM audit_log WHERE act = '{kind.value}'"))


async def test_somebody_without_a_row_has_the_defaults(engine: AsyncEngine) -> None:
    """A profile need not be made before it is read; somebody else's is not changed with it."""
    store = SqlProfileStore(engine)
    assert await store.profile(1) == Profile()
    assert await store.muted(1) == frozenset()
    changed = await store.change(1, Change(bio="new", locale="de"), act(), NOW)
    assert changed == Profile(bio="new", locale="de")
    assert await store.change(1, Change(display_name="A", bio=""), act(), NOW) == Profile(
        "A", "", "de"
    )
    assert await store.profile(2) == Profile()
    assert await recorded(engine, Act.PROFILE_CHANGED) == 2


async def test_changes_at_once_all_count(engine: AsyncEngine) -> None:
    """The first row is made once, and no change undoes another."""
    store = SqlProfileStore(engine)
    await asyncio.gather(
        store.change(1, Change(bio="b"), act(), NOW),
        store.change(1, Change(display_name="n"), act(), NOW),
        store.change(1, Change(locale="de"), act(), NOW),
        store.mute(1, ["product", "trade"], act(Act.NOTIFICATIONS_SET), NOW),
    )
    assert await store.profile(1) == Profile("n", "b", "de")
    assert await store.muted(1) == {"product", "trade"}


async def test_people_are_found_by_their_handle(engine: AsyncEngine) -> None:
    """As it is compared; the profile comes with it."""
    store = SqlProfileStore(engine)
    await store.change(2, Change(bio="bob's"), act(user_id=2), NOW)
    found = await store.shown("bob")
    assert found is not None
    assert (found.user.user_id, found.user.handle, found.profile.bio) == (2, "Bob", "bob's")
    assert await store.shown("Bob") is None


async def test_a_picture_is_replaced_as_a_whole(engine: AsyncEngine) -> None:
    """No size of the old one stays; the same again changes and records nothing; another's stays."""
    store = SqlProfileStore(engine)
    assert await store.set_picture(1, FIRST, act(Act.AVATAR_SET), NOW)
    assert await store.set_picture(2, FIRST, act(Act.AVATAR_SET, 2), NOW)
    assert not await store.set_picture(1, FIRST, act(Act.AVATAR_SET), NOW)
    assert await store.image(FIRST.digest, 256) == b"large"
    assert await store.image(FIRST.digest, 65) is None
    assert await store.set_picture(1, SECOND, act(Act.AVATAR_SET), NOW)
    assert (await store.profile(1)).avatar == SECOND.digest
    assert await store.image(FIRST.digest, 64) == b"small", "Bob has it still"
    assert await store.set_picture(2, None, act(Act.AVATAR_REMOVED, 2), NOW)
    assert not await store.set_picture(2, None, act(Act.AVATAR_REMOVED, 2), NOW)
    assert await store.image(FIRST.digest, 64) is None
    assert await recorded(engine, Act.AVATAR_SET) == 3
    assert await recorded(engine, Act.AVATAR_REMOVED) == 1


async def test_of_many_pictures_at_once_one_stays_whole(engine: AsyncEngine) -> None:
    """Both sizes are of the picture that the profile names."""
    store = SqlProfileStore(engine)
    made = [Picture(f"{n:032x}", {64: b"%d" % n, 256: b"%d!" % n}) for n in range(8)]
    await asyncio.gather(*(store.set_picture(1, each, act(Act.AVATAR_SET), NOW) for each in made))
    digest = (await store.profile(1)).avatar
    kept = made[int(digest, 16)]
    assert await rows(engine, "SELECT count(*) FROM avatars") == [(2,)]
    assert await store.image(digest, 256) == kept.images[256]


async def test_a_closure_begins_once_and_is_done_once(engine: AsyncEngine) -> None:
    """However many gateways are at it: one record, one letter, one time."""
    store, done = SqlClosureStore(engine), act(Act.ACCOUNT_CLOSED)
    begun = [store.begin(1, "why", act(Act.CLOSURE_ASKED), NOW) for _ in range(6)]
    assert (await asyncio.gather(*begun)).count(True) == 1
    assert await store.closure(1) == Closure(1, NOW, None)
    assert await store.under_way(NOW, 10) == []
    assert await store.under_way(NOW + 1, 10) == [Closure(1, NOW, None)]
    ended = [store.finish(1, done, b"sealed", NOW + 5 + n) for n in range(6)]
    times = set(await asyncio.gather(*ended))
    assert len(times) == 1
    assert await store.under_way(NOW + 1, 10) == []
    assert not await store.give_up(1, act(Act.CLOSURE_GIVEN_UP), NOW + 20)
    assert await recorded(engine, Act.CLOSURE_ASKED) == await recorded(engine, Act.ACCOUNT_CLOSED)
    assert await rows(engine, "SELECT count(*) FROM mail_outbox") == [(1,)]
    assert await store.finish(2, done, None, NOW) is None


async def test_a_closure_that_is_given_up_can_begin_again(engine: AsyncEngine) -> None:
    """Nothing of it is left but its records."""
    store = SqlClosureStore(engine)
    await store.begin(1, "", act(Act.CLOSURE_ASKED), NOW)
    assert await store.give_up(1, act(Act.CLOSURE_GIVEN_UP), NOW)
    assert not await store.give_up(1, act(Act.CLOSURE_GIVEN_UP), NOW)
    assert await store.closure(1) is None
    assert await store.begin(1, "", act(Act.CLOSURE_ASKED), NOW)


async def test_what_ends_with_an_account_is_the_persons_own(engine: AsyncEngine) -> None:
    """Profile and picture go; another person's stay as they are."""
    profiles, store = SqlProfileStore(engine), SqlClosureStore(engine)
    for user_id in (1, 2):
        await profiles.set_picture(user_id, FIRST, act(Act.AVATAR_SET, user_id), NOW)
    await store.begin(1, "", act(Act.CLOSURE_ASKED), NOW)
    await store.finish(1, act(Act.ACCOUNT_CLOSED), None, NOW)
    assert await rows(engine, "SELECT user_id FROM profiles") == [(2,)]
    assert await rows(engine, "SELECT DISTINCT user_id FROM avatars") == [(2,)]


async def test_a_name_goes_when_its_time_is_over(engine: AsyncEngine) -> None:
    """Of who closed before that time, once; address and handle can be somebody else's then."""
    store = SqlClosureStore(engine)
    await store.begin(1, "my reason", act(Act.CLOSURE_ASKED), NOW)
    assert await store.anonymise(NOW + 100, NOW + 100, 10) == 0
    await store.finish(1, act(Act.ACCOUNT_CLOSED), None, NOW)
    assert await store.anonymise(NOW, NOW + 1, 10) == 0
    done = await asyncio.gather(*(store.anonymise(NOW + 1, NOW + 2, 10) for _ in range(3)))
    assert max(done) == 1
    assert await recorded(engine, Act.PERSON_ANONYMISED) == 1
    assert await store.anonymise(NOW + 1, NOW + 3, 10) == 0
    assert await rows(engine, "SELECT reason FROM closures") == [("",)]
    again = NewUser("ada@example.com", "Ada", "ada", "hash", 0, NOW)
    assert (await SqlUserStore(engine).add_user(again)).user_id == 3


def export(number: int, asked_at: int, user_id: int = 1) -> Export:
    return Export(f"{number:032x}", user_id, asked_at, None, 0)


async def test_exports_are_one_at_a_time_and_few_a_day(engine: AsyncEngine) -> None:
    """Of many at once one begins; one that never ended stands in the way for half an hour; others are not counted."""
    store, made = SqlExportStore(engine), act(Act.DATA_EXPORTED)
    tries = [store.begin(export(n, NOW), made) for n in range(5)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, ExportRuns) for each in results) == 4
    await store.begin(export(9, NOW, 2), made)
    with pytest.raises(ExportRuns):
        await store.begin(export(10, NOW + EXPORT_MS - 1), made)
    for number in range(1, EXPORTS_PER_DAY):
        await store.begin(export(10 + number, NOW + number * EXPORT_MS), made)
    last = NOW + EXPORTS_PER_DAY * EXPORT_MS
    with pytest.raises(TooManyExports) as refused:
        await store.begin(export(20, last), made)
    assert refused.value.until_ms == NOW + DAY_MS
    await store.begin(export(20, NOW + DAY_MS), made)
    await store.finish(f"{20:032x}", 7, NOW + DAY_MS + 1)
    newest = (await store.recent(1, 2))[0]
    assert (newest.lines, newest.finished_at) == (7, NOW + DAY_MS + 1)
    assert len(await store.recent(1, 2)) == 2
    assert await recorded(engine, Act.DATA_EXPORTED) == EXPORTS_PER_DAY + 2


async def test_what_was_told_moves_with_its_letters(engine: AsyncEngine) -> None:
    """Of many at once one moves and puts its letters; the others put none."""
    store = SqlToldStore(engine)
    before = await store.position()
    moved = [store.advance(before, before + 1, [(1, b"one"), (2, b"two")], NOW) for _ in range(6)]
    done = await asyncio.gather(*moved)
    assert sorted(done, key=str) == [2, *[None] * 5]
    assert await store.position() == before + 1
    assert await rows(engine, "SELECT count(*) FROM mail_outbox") == [(2,)]
    assert await store.advance(before + 1, before + 9, [], NOW) == 0


async def test_without_a_database_all_are_unavailable(tmp_path: Path) -> None:
    """The ports' error, not a driver's."""
    engine = make_engine(f"sqlite:///{tmp_path / 'no' / 'folder' / 'cse.db'}")
    for call in (
        SqlProfileStore(engine).profile(1),
        SqlClosureStore(engine).closure(1),
        SqlExportStore(engine).recent(1, 1),
        SqlToldStore(engine).position(),
    ):
        with pytest.raises(Unavailable):
            await call
    await engine.dispose()
