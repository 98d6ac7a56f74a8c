"""Identity checks over SQLite and PostgreSQL: states hold when several act at once, each act has its record."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.identity_checks import SqlIdentityStore
from cse.adapters.sql.users import SqlUserStore
from cse.users.audit import Act, AuditAct
from cse.users.audit_log import AuditFilter
from cse.users.identity_checks.model import (
    Check,
    DocumentKind,
    Found,
    NewCheck,
    NewDocument,
    Status,
)
from cse.users.identity_checks.ports import Decided
from cse.users.model import NewUser
from tests.servers.migrated import migrated
from tests.unit.users.people import FakeClock

NOW = 1_700_000_000_000
ANN, BOB, RITA, SAM = 1, 2, 3, 4
HIT = Found("X-1", "Ann Lee", b"d" * 16, 100)
OTHER_HIT = Found("X-2", "Anne Lee", b"e" * 16, 95)
STALE_MS = 1_000


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A database with two customers and two reviewers."""
    url = f"sqlite:///{tmp_path / 'cse.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    await migrated(url)
    made = make_engine(url)
    people = SqlUserStore(made)
    for name in ("ann", "bob", "rita", "sam"):
        await people.add_user(NewUser(f"{name}@example.com", name.title(), name, "$2b$", 0, NOW))
    yield made
    await made.dispose()


@pytest.fixture
def store(engine: AsyncEngine) -> SqlIdentityStore:
    return SqlIdentityStore(engine)


def act(name: Act = Act.IDENTITY_CHECK_SUBMITTED) -> AuditAct:
    return AuditAct(act=name, actor="user:1", object="identity_check:1")


async def begun(store: SqlIdentityStore, user_id: int = ANN, level: int = 1) -> Check:
    check_id = await store.begin(NewCheck(user_id, level, "manual", b"sealed", NOW), act())
    assert check_id is not None
    return await read(store, check_id)


async def read(store: SqlIdentityStore, check_id: int) -> Check:
    check = await store.check(check_id)
    assert check is not None
    return check


async def submitted(store: SqlIdentityStore, user_id: int = ANN, level: int = 1) -> Check:
    check = await begun(store, user_id, level)
    assert await store.submit(check, [], act(), NOW) is Status.SUBMITTED
    return await read(store, check.check_id)


async def claimed(store: SqlIdentityStore, check: Check, reviewer: int = RITA) -> bool:
    return await store.claim(check.check_id, reviewer, act(), NOW, STALE_MS)


def decision(
    check: Check, status: Status = Status.APPROVED, reviewer: int | None = RITA
) -> Decided:
    return Decided(check.check_id, check.user_id, check.level, status, reviewer, "good", "note")


async def approved(store: SqlIdentityStore, user_id: int = ANN, level: int = 1) -> Check:
    check = await submitted(store, user_id, level)
    assert await claimed(store, check)
    assert await store.decide(decision(check), act(), NOW)
    return await read(store, check.check_id)


def document(check: Check, name: str = "a" * 32) -> NewDocument:
    kind = DocumentKind.SELFIE
    return NewDocument(check.check_id, kind, "image/jpeg", 7, b"s" * 32, name, NOW)


async def recorded(engine: AsyncEngine) -> int:
    log = SqlAuditLog(engine, FakeClock())
    return len(await log.search(AuditFilter(object="identity_check:1"), before=None, limit=100))


async def test_from_draft_to_level(store: SqlIdentityStore) -> None:
    """Begun, handed in, claimed, approved: the level and its time are there, and every other process can read them."""
    check = await approved(store)
    assert (check.status, check.reviewer_id, check.reason, check.note) == (
        Status.APPROVED,
        RITA,
        "good",
        "note",
    )
    assert await store.level_of(ANN) == 1
    (change,) = await store.levels_changed((0, 0), 10)
    assert change == (ANN, 1_000, 1, NOW)
    assert await store.levels_changed((NOW, ANN), 10) == []
    last = await store.last_approved(ANN)
    assert last is not None
    assert last.check_id == check.check_id


async def test_a_person_has_one_open_check(store: SqlIdentityStore) -> None:
    """Ten begun at once: one is. After its end the next one may begin."""
    new = NewCheck(ANN, 1, "manual", b"sealed", NOW)
    ids = await asyncio.gather(*(store.begin(new, act()) for _ in range(10)))
    (check_id,) = [each for each in ids if each is not None]
    assert await store.withdraw(await read(store, check_id), act(), NOW)
    assert await store.begin(new, act()) is not None


async def test_submitted_twice_at_once_is_submitted_once(
    store: SqlIdentityStore, engine: AsyncEngine
) -> None:
    """One of them did it, and one record stands in the log."""
    check = await begun(store)
    before = await recorded(engine)
    done = await asyncio.gather(*(store.submit(check, [], act(), NOW) for _ in range(5)))
    assert sorted(done, key=str) == [None] * 4 + [Status.SUBMITTED]
    assert await recorded(engine) == before + 1


async def test_what_is_submitted_is_what_was_looked_at(store: SqlIdentityStore) -> None:
    """Data that changed between the comparison with the list and handing in are compared anew."""
    check = await begun(store)
    assert await store.change_data(check, b"other", act(), NOW)
    assert await store.submit(check, [], act(), NOW) is None
    assert (await read(store, check.check_id)).status is Status.DRAFT
    assert not await store.change_data(check, b"third", act(), NOW)


async def test_of_two_reviewers_one_claims(store: SqlIdentityStore) -> None:
    """At once, in any order; the other one may when the claim is old or released; nobody claims their own."""
    check = await submitted(store)
    won = await asyncio.gather(*(claimed(store, check, who) for who in (RITA, SAM)))
    assert sorted(won) == [False, True]
    holder, other = (RITA, SAM) if won[0] else (SAM, RITA)
    assert await claimed(store, check, holder)
    assert not await store.claim(check.check_id, other, act(), NOW + STALE_MS - 1, STALE_MS)
    assert not await store.release(check.check_id, other, act(), NOW)
    assert await store.claim(check.check_id, other, act(), NOW + STALE_MS, STALE_MS)
    assert await store.release(check.check_id, other, act(), NOW)
    assert not await store.claim(check.check_id, ANN, act(), NOW, STALE_MS)


async def test_of_two_decisions_at_once_one_counts(
    store: SqlIdentityStore, engine: AsyncEngine
) -> None:
    """Approved and rejected in the same moment: exactly one of the two, whole, with one record."""
    check = await submitted(store)
    assert await claimed(store, check)
    before = await recorded(engine)
    done = await asyncio.gather(
        *(
            store.decide(decision(check, status), act(), NOW)
            for status in (Status.APPROVED, Status.REJECTED, Status.APPROVED)
        )
    )
    assert sum(done) == 1
    now = await read(store, check.check_id)
    assert await store.level_of(ANN) == (1 if now.status is Status.APPROVED else 0)
    assert await recorded(engine) == before + 1


async def test_who_has_not_claimed_it_does_not_decide(store: SqlIdentityStore) -> None:
    """Neither an unclaimed check, nor another reviewer's."""
    check = await submitted(store)
    assert not await store.decide(decision(check), act(), NOW)
    assert await claimed(store, check, SAM)
    assert not await store.decide(decision(check), act(), NOW)
    assert await store.level_of(ANN) == 0
    assert await store.decide(decision(check, reviewer=None), act(), NOW)


async def test_a_withdrawn_check_is_not_decided(store: SqlIdentityStore) -> None:
    """The person's will and the reviewer's decision at once: one of the two, never both."""
    check = await submitted(store)
    assert await claimed(store, check)
    one, other = await asyncio.gather(
        store.withdraw(check, act(), NOW), store.decide(decision(check), act(), NOW)
    )
    assert one is not other
    assert await store.level_of(ANN) == (1 if other else 0)
    assert not await store.withdraw(check, act(), NOW)
    assert not await store.decide(decision(check), act(), NOW)


async def test_who_is_asked_for_more_hands_in_again(store: SqlIdentityStore) -> None:
    """The check goes back to its person, off the desk, and may be changed and handed in again."""
    check = await submitted(store)
    assert await claimed(store, check)
    assert await store.decide(decision(check, Status.MORE_NEEDED), act(), NOW)
    now = await read(store, check.check_id)
    assert (now.status, now.reviewer_id, now.decided_at) == (Status.MORE_NEEDED, None, None)
    assert await store.add_document(document(check), act(), 10) is not None
    assert await store.submit(now, [], act(), NOW) is Status.SUBMITTED


async def test_a_level_that_was_taken_meanwhile_is_not_jumped_over(store: SqlIdentityStore) -> None:
    """A check for level 2 is worth nothing when level 1 is gone before it is approved."""
    await approved(store)
    check = await submitted(store, level=2)
    assert await claimed(store, check)
    assert await store.lower_level(ANN, 1, 0, act(), NOW + 1)
    assert not await store.decide(decision(check), act(), NOW + 2)
    assert (await read(store, check.check_id)).status is Status.SUBMITTED
    assert await store.level_of(ANN) == 0


async def test_levels_are_only_lowered_from_what_they_were(store: SqlIdentityStore) -> None:
    """Of two that lower at once one does; nobody is raised this way."""
    await approved(store)
    done = await asyncio.gather(*(store.lower_level(ANN, 1, 0, act(), NOW + 1) for _ in range(3)))
    assert sorted(done) == [False, False, True]
    assert not await store.lower_level(ANN, 0, 1, act(), NOW + 2)
    assert [change.level for change in await store.levels_changed((NOW, ANN), 10)] == [0]


async def test_a_likeness_holds_a_check_until_the_last_one_is_cleared(
    store: SqlIdentityStore,
) -> None:
    """Cleared at once by two people, too: the check goes back to the queue, and a held one is never decided."""
    check = await begun(store)
    assert await store.submit(check, [HIT, OTHER_HIT], act(), NOW) is Status.HELD
    assert not await claimed(store, check)
    assert not await store.decide(decision(check, reviewer=None), act(), NOW)
    assert not await store.withdraw(check, act(), NOW)
    hits = await store.hits("open", after=0, limit=10)
    assert [(hit.user_id, hit.entry_id) for hit in hits] == [(ANN, "X-1"), (ANN, "X-2")]
    done = await asyncio.gather(
        *(store.decide_hit(hit, act(), NOW, confirmed=False, by=RITA) for hit in (*hits, *hits))
    )
    assert sorted(done) == [False, False, True, True]
    assert (await read(store, check.check_id)).status is Status.SUBMITTED
    assert await store.hits("open", after=0, limit=10) == []


async def test_a_confirmed_likeness_ends_the_check(store: SqlIdentityStore) -> None:
    """Rejected, whatever is said of the others; of clearing and confirming at once one counts."""
    check = await begun(store)
    await store.submit(check, [HIT, OTHER_HIT], act(), NOW)
    first, second = await store.hits_of(check.check_id)
    done = await asyncio.gather(
        store.decide_hit(first, act(), NOW, confirmed=True, by=RITA),
        store.decide_hit(first, act(), NOW, confirmed=False, by=SAM),
    )
    assert sorted(done) == [False, True]
    if done[0]:
        assert (await read(store, check.check_id)).status is Status.REJECTED
        assert await store.decide_hit(second, act(), NOW, confirmed=False, by=SAM)
        assert (await read(store, check.check_id)).status is Status.REJECTED


async def test_a_changed_list_holds_what_waits(store: SqlIdentityStore) -> None:
    """What is known of a check is not found again; one that was cleared for its person before does not hold it."""
    check = await submitted(store)
    assert await claimed(store, check)
    assert await store.add_hits(check, [HIT], act(), NOW) == 1
    assert (await read(store, check.check_id)).status is Status.HELD
    assert await store.add_hits(check, [HIT], act(), NOW) == 0
    other = await begun(store, BOB)
    known = Found(HIT.entry_id, HIT.entry_name, HIT.entry_digest, 100, is_cleared=True)
    assert await store.submit(other, [known], act(), NOW) is Status.SUBMITTED
    assert await store.add_hits(other, [HIT], act(), NOW) == 0


async def test_how_far_a_list_was_gone_through(store: SqlIdentityStore) -> None:
    """Each version for itself; drafts and what is over are not compared, of approved ones the newest."""
    first = await approved(store)
    second = await approved(store, level=2)
    await begun(store)
    waiting = await submitted(store, BOB)
    found = await store.to_screen(after=0, limit=10)
    assert [check.check_id for check in found] == [second.check_id, waiting.check_id]
    assert [each.check_id for each in await store.to_screen(after=second.check_id, limit=1)] == [
        waiting.check_id
    ]
    assert await store.screened_until(b"l" * 32) is None
    for position in (first.check_id, waiting.check_id):
        await store.note_screened(b"l" * 32, position, NOW)
    assert await store.screened_until(b"l" * 32) == waiting.check_id
    assert await store.screened_until(b"m" * 32) is None


async def test_documents_go_into_what_is_with_its_person(store: SqlIdentityStore) -> None:
    """No more than so many, also when they come at once; none when it was handed in."""
    check = await begun(store)
    ids = await asyncio.gather(
        *(store.add_document(document(check, f"{n:032x}"), act(), 3) for n in range(6))
    )
    assert sum(each is not None for each in ids) == 3
    assert len(await store.documents_of(check.check_id)) == 3
    await store.submit(check, [], act(), NOW)
    assert await store.add_document(document(check, "f" * 32), act(), 10) is None


async def test_what_is_purged(store: SqlIdentityStore) -> None:
    """Documents of refused checks after their time; not earlier, not twice, not of approved ones, not of open hits."""
    kept, refused = await begun(store), await begun(store, BOB)
    for check, name in ((kept, "a" * 32), (refused, "b" * 32)):
        await store.add_document(document(check, name), act(), 10)
    await store.submit(kept, [HIT], act(), NOW)
    await store.withdraw(refused, act(), NOW)
    assert await store.to_purge(NOW, 10) == []
    (gone,) = await store.to_purge(NOW + 1, 10)
    assert gone.check_id == refused.check_id
    names = ["a" * 32, "b" * 32, "c" * 32]
    assert await store.known_files(names) == {"a" * 32, "b" * 32}
    assert await store.mark_deleted(gone, act(), NOW + 1)
    assert not await store.mark_deleted(gone, act(), NOW + 1)
    assert await store.to_purge(NOW + 1, 10) == []
    assert await store.known_files(names) == {"a" * 32}


async def test_lists_are_paged(store: SqlIdentityStore) -> None:
    """The queue by rising id, one's own checks newest first."""
    for _ in range(3):
        await store.withdraw(await begun(store), act(), NOW)
    assert [each.check_id for each in await store.checks_of(ANN, before=None, limit=2)] == [3, 2]
    assert [each.check_id for each in await store.checks_of(ANN, before=2, limit=2)] == [1]
    assert await store.checks_of(BOB, before=None, limit=2) == []
    queue = await store.queue(Status.WITHDRAWN, after=1, limit=5)
    assert [check.check_id for check in queue] == [2, 3]


async def test_what_cannot_be_recorded_is_not_done(
    store: SqlIdentityStore, engine: AsyncEngine
) -> None:
    """The audit log refuses the row: neither the decision nor the level happens."""
    check = await submitted(store)
    assert await claimed(store, check)
    refuse = {
        "sqlite": "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'x'); END",
        "postgresql": "ALTER TABLE audit_log ADD CONSTRAINT ck_full CHECK (number < 0) NOT VALID",
    }[engine.dialect.name]
    async with engine.begin() as connection:
        await connection.execute(text(refuse))
    with pytest.raises(DBAPIError):
        await store.decide(decision(check), act(), NOW)
    assert (await read(store, check.check_id)).status is Status.SUBMITTED
    assert await store.level_of(ANN) == 0
