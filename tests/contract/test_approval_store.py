"""Holds the ApprovalStore to its port on both databases: states, races, and a record of every step."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.approvals import SqlApprovalStore
from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.approvals.errors import (
    AlreadyVoted,
    KeyTaken,
    NoSuchApproval,
    NotPending,
    TooManyPending,
)
from cse.users.approvals.model import RETRIED, Approval, Place, Proposal, Status
from cse.users.approvals.ports import Ballot, Ending, Terms
from cse.users.audit import Act
from cse.users.audit_log import AuditFilter
from cse.users.model import NewUser
from tests.servers.migrated import migrated
from tests.unit.users.people import FakeClock

NOW = 1_700_000_000_000
LIFE = 1_000
ANN, BOB, CAT = 1, 2, 3


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A database with three people."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    made = make_engine(url)
    for name in ("ann", "bob", "cat"):
        await SqlUserStore(made).add_user(
            NewUser(f"{name}@example.com", name, name, "hash", 0, NOW)
        )
    yield made
    await made.dispose()


@pytest.fixture
def store(engine: AsyncEngine) -> SqlApprovalStore:
    return SqlApprovalStore(engine)


def proposal(key: int = 1, **changes: Any) -> Proposal:
    made = Proposal(
        act=Act.FEE_TIER_SET,
        object="fee_tier:7",
        wanted={"tier": 7, "maker_ppm": 1, "taker_ppm": 2},
        after={"maker_ppm": 1, "taker_ppm": 2},
        reason="vip",
        proposed_by=ANN,
        key=key.to_bytes(16, "big"),
    )
    return msgspec.structs.replace(made, **changes)


def terms(needed: int = 1) -> Terms:
    return Terms({}, Place("a" * 32, "203.0.113.7"), needed, NOW, NOW + LIFE)


async def approved(store: SqlApprovalStore, key: int = 1, **changes: Any) -> Approval:
    made = await store.propose(proposal(key, **changes), terms())
    return await store.vote(Ballot(made.number, BOB, True, "fine"), NOW + 1)


async def acts_of(engine: AsyncEngine, approval: Approval) -> list[str]:
    log = SqlAuditLog(engine, FakeClock())
    found = await log.search(AuditFilter(object=approval.name), before=None, limit=50)
    return [record.act for record in reversed(found)]


async def test_a_proposal_comes_back_as_it_was_stored(store: SqlApprovalStore) -> None:
    """Every field; and the same key again is the same proposal, another one under it is refused."""
    made = await store.propose(proposal(subjects=[CAT]), terms())
    assert (made.status, made.proposed_at, made.expires_at) == (Status.PENDING, NOW, NOW + LIFE)
    assert (made.session_id, made.ip, made.subjects) == ("a" * 32, "203.0.113.7", [CAT])
    assert await store.approval(made.number) == made
    assert await store.propose(proposal(subjects=[CAT]), terms()) == made
    with pytest.raises(KeyTaken):
        await store.propose(proposal(object="fee_tier:8"), terms())
    assert await store.approval(made.number + 1) is None


async def test_pages_run_from_the_newest_and_are_filtered_by_status(
    store: SqlApprovalStore,
) -> None:
    """Below a number, of one status or all."""
    made = [await store.propose(proposal(key), terms()) for key in (1, 2, 3)]
    await store.withdraw(made[1].number, "user:1", NOW)
    every = await store.approvals(None, before=None, limit=2)
    assert [each.number for each in every] == [made[2].number, made[1].number]
    rest = await store.approvals(None, before=made[1].number, limit=2)
    assert [each.number for each in rest] == [made[0].number]
    pending = await store.approvals(Status.PENDING, before=None, limit=9)
    assert [each.number for each in pending] == [made[2].number, made[0].number]


async def test_as_many_agree_as_are_needed_and_each_once(
    store: SqlApprovalStore, engine: AsyncEngine
) -> None:
    """Of two that are needed the first leaves it pending; nobody counts twice; then nothing more is said."""
    made = await store.propose(proposal(), terms(2))
    first = await store.vote(Ballot(made.number, BOB, True, "fine"), NOW + 1)
    assert first.status is Status.PENDING
    with pytest.raises(AlreadyVoted):
        await store.vote(Ballot(made.number, BOB, True, "fine"), NOW + 2)
    second = await store.vote(Ballot(made.number, CAT, True, "too"), NOW + 3)
    assert second.status is Status.APPROVED
    assert [vote.user_id for vote in second.votes] == [BOB, CAT]
    assert await store.approval(made.number) == second
    with pytest.raises(NotPending):
        await store.vote(Ballot(made.number, CAT, False, "late"), NOW + 4)
    assert await acts_of(engine, made) == ["approval.propose"] + 2 * ["approval.approve"]


async def test_one_no_ends_it_and_what_is_over_stays_over(
    store: SqlApprovalStore, engine: AsyncEngine
) -> None:
    """Rejected or withdrawn: no vote, no withdrawal, no execution any more."""
    rejected = await store.propose(proposal(1), terms())
    await store.vote(Ballot(rejected.number, BOB, False, "too_cheap"), NOW + 1)
    withdrawn = await store.propose(proposal(2), terms())
    await store.withdraw(withdrawn.number, "user:1", NOW + 1)
    for each in (rejected, withdrawn):
        with pytest.raises(NotPending):
            await store.vote(Ballot(each.number, CAT, True, "fine"), NOW + 2)
        with pytest.raises(NotPending):
            await store.withdraw(each.number, "user:1", NOW + 2)
        assert await store.claim(each.number, NOW + 2) is None
        assert await store.end(Ending(each.number, Status.DONE, ""), NOW + 2) is None
    assert await acts_of(engine, rejected) == ["approval.propose", "approval.reject"]
    assert await acts_of(engine, withdrawn) == ["approval.propose", "approval.withdraw"]
    for call in (store.withdraw(9, "user:1", NOW), store.vote(Ballot(9, BOB, True, "x"), NOW)):
        with pytest.raises(NoSuchApproval):
            await call


async def test_of_many_votes_and_claims_at_once_one_counts(
    store: SqlApprovalStore, engine: AsyncEngine
) -> None:
    """Two approvers at once: one approval, one execution, one end."""
    made = await store.propose(proposal(), terms())
    votes = [store.vote(Ballot(made.number, who, True, "fine"), NOW + 1) for who in (BOB, CAT)]
    said = await asyncio.gather(*votes, return_exceptions=True)
    assert sorted(type(each).__name__ for each in said) == ["Approval", "NotPending"]
    claims = await asyncio.gather(*(store.claim(made.number, NOW + 2) for _ in range(5)))
    assert [each.status for each in claims if each] == [Status.EXECUTING]
    ending = Ending(made.number, Status.DONE, "")
    ends = await asyncio.gather(*(store.end(ending, NOW + 3) for _ in range(5)))
    assert [each.status for each in ends if each] == [Status.DONE]
    assert await acts_of(engine, made) == [
        "approval.propose",
        "approval.approve",
        "approval.execute",
        "approval.end",
    ]


async def test_one_thing_at_a_time_is_done_to_an_object(store: SqlApprovalStore) -> None:
    """The second waits until the first has ended; what is about something else does not."""
    first, second = await approved(store, 1), await approved(store, 2)
    other = await approved(store, 3, object="fee_tier:8")
    claims = await asyncio.gather(*(store.claim(each.number, NOW) for each in (first, second)))
    assert sum(each is not None for each in claims) == 1
    assert await store.claim(other.number, NOW) is not None
    running, waits = (first, second) if claims[0] else (second, first)
    assert await store.claim(waits.number, NOW) is None
    await store.end(Ending(running.number, Status.FAILED, "stale"), NOW)
    assert await store.claim(waits.number, NOW) is not None


async def test_what_was_not_done_is_released_and_what_is_unknown_is_held(
    store: SqlApprovalStore,
) -> None:
    """Released: approved again, and marked. Unknown: nobody executes it; an end that is found out later counts."""
    made = await approved(store)
    await store.claim(made.number, NOW)
    again = await store.release(made.number, NOW + 1)
    assert again is not None
    assert (again.status, again.outcome) == (Status.APPROVED, RETRIED)
    assert await store.release(made.number, NOW + 1) is None
    claimed = await store.claim(made.number, NOW + 2)
    assert claimed is not None
    assert claimed.outcome == RETRIED
    await store.end(Ending(made.number, Status.UNKNOWN, "not_found_done"), NOW + 3)
    assert await store.claim(made.number, NOW + 4) is None
    found = await store.end(Ending(made.number, Status.DONE, "seen", "user:2"), NOW + 5)
    assert found is not None
    assert found.status is Status.DONE


async def test_what_waits_is_what_is_approved_or_stuck(store: SqlApprovalStore) -> None:
    """Both count from the time that is asked about, and not earlier: till then whoever began goes on with it."""
    ready = await approved(store, 1)  # at NOW + 1
    running = await approved(store, 2, object="fee_tier:8")
    await store.propose(proposal(3), terms())
    await store.claim(running.number, NOW + 10)

    async def waiting(approved_before: int, stuck_before: int) -> list[int]:
        found = await store.waiting(approved_before=approved_before, stuck_before=stuck_before)
        return [each.number for each in found]

    assert await waiting(NOW, NOW + 9) == []
    assert await waiting(NOW + 1, NOW + 9) == [ready.number]
    assert await waiting(NOW, NOW + 10) == [running.number]
    assert await waiting(NOW + 1, NOW + 10) == [ready.number, running.number]


async def test_what_is_out_of_time_ends(store: SqlApprovalStore, engine: AsyncEngine) -> None:
    """Pending or approved; to the millisecond; nothing can be said to it or done with it then, swept or not."""
    pending, ready = await store.propose(proposal(1), terms()), await approved(store, 2)
    running = await approved(store, 3)
    await store.claim(running.number, NOW + 2)
    assert await store.expire(NOW + LIFE - 1) == 0
    with pytest.raises(NotPending):
        await store.vote(Ballot(pending.number, BOB, True, "fine"), NOW + LIFE)
    assert await store.claim(ready.number, NOW + LIFE) is None
    assert await store.expire(NOW + LIFE) == 2
    assert await store.expire(NOW + LIFE) == 0
    found = [await store.approval(each.number) for each in (pending, ready, running)]
    assert [each.status.value for each in found if each] == ["expired", "expired", "executing"]
    assert await acts_of(engine, pending) == ["approval.propose", "approval.expire"]


async def test_no_more_wait_than_may(
    store: SqlApprovalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the bound a new proposal is refused; one that was there already is still the same."""
    monkeypatch.setattr("cse.adapters.sql.approvals.MAX_PENDING", 2)
    made = [await store.propose(proposal(key), terms()) for key in (1, 2)]
    with pytest.raises(TooManyPending):
        await store.propose(proposal(3), terms())
    assert await store.propose(proposal(2), terms()) == made[1]


async def test_without_a_database_everything_is_unavailable(tmp_path: Path) -> None:
    """Not a driver's error, but ours."""
    store = SqlApprovalStore(make_engine(f"sqlite:///{tmp_path / 'no' / 'folder' / 'cse.db'}"))
    for call in (store.approval(1), store.propose(proposal(), terms()), store.claim(1, NOW)):
        with pytest.raises(Unavailable):
            await call
