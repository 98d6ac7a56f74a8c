"""What decides whether an act is executed: whose word counts, what must still be so, and what nobody may guess."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cse.adapters.sql.approvals import SqlApprovalStore
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import CseError, OutcomeUnknown, Unavailable
from cse.users.approvals.errors import (
    ActRefused,
    MayNot,
    NoChange,
    NoSuchApproval,
    NotPending,
    OwnCase,
    OwnProposal,
)
from cse.users.approvals.model import Approval, Place, Proposal
from cse.users.approvals.ports import Ballot, Executable, Execution
from cse.users.approvals.service import ApprovalOptions, Approvals
from cse.users.audit import Act, Facts, MemoryAuditTrail, origin
from cse.users.authority import Permission, Role
from cse.users.model import NewUser
from tests.servers.migrated import migrated
from tests.unit.users.authorities import MemoryRoleStore, authority_of
from tests.unit.users.people import START_MS, FakeClock

ANN, BOB, CAT = 1, 2, 3
HERE = Place("a" * 32, "203.0.113.7")


class Lamp:
    """What the act is about: a lamp that is on or off."""

    def __init__(self) -> None:
        self.on = False
        self.fails: CseError | None = None
        self.is_lost = False
        """Whether it goes on before it fails."""
        self.done: list[Execution] = []
        self.origins: list[str] = []

    async def now(self, _wanted: Facts) -> Facts:
        return {"on": self.on}

    async def execute(self, execution: Execution) -> None:
        self.origins.append(origin.get().ip)
        if self.fails is not None and not self.is_lost:
            raise self.fails
        self.on = True
        self.done.append(execution)
        if self.fails is not None:
            raise self.fails


class Office:
    """Approvals of one kind of act, with people who may."""

    def __init__(self, store: SqlApprovalStore) -> None:
        self.clock, self.lamp, self.store = FakeClock(), Lamp(), store
        trail = MemoryAuditTrail()
        self.roles = authority_of(trail, MemoryRoleStore(trail), self.clock).roles
        self.approvals = self.serve()

    def serve(self, *, is_repeatable: bool = False, **options: int) -> Approvals:
        """What another gateway serves; if nothing else is said, it takes up at once what others have left."""
        lamp = self.lamp
        act = Executable(Permission.FEES_SET, lamp.now, lamp.execute, is_repeatable)
        acts = {Act.FEE_TIER_SET: act}
        chosen = ApprovalOptions(**{"fresh_ms": 0, "stuck_ms": 0, **options})
        return Approvals(self.store, acts, self.roles, self.clock, chosen)

    async def propose(self, **changes: Any) -> Approval:
        proposal = Proposal(
            act=Act.FEE_TIER_SET,
            object="lamp:1",
            wanted={},
            after={"on": True},
            reason="dark",
            proposed_by=ANN,
            key=b"k" * 16,
        )
        return await self.approvals.propose(msgspec.structs.replace(proposal, **changes), HERE)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    url = f"sqlite:///{tmp_path / 'cse.db'}"
    await migrated(url)
    engine = make_engine(url, durable=False)
    for name in ("ann", "bob", "cat"):
        await SqlUserStore(engine).add_user(NewUser(name, name, name, "hash", 0, START_MS))
    made = Office(SqlApprovalStore(engine))
    for user_id in (ANN, BOB):
        await made.roles.grant(user_id, Role.FINANCE, actor="system", reason="test")
    yield made
    await engine.dispose()


async def test_an_approved_act_is_done_once_as_the_proposer(office: Office) -> None:
    """With where the proposer was, and both names in its own record; later looks do nothing more."""
    made = await office.propose()
    done = await office.approvals.approve(made.number, BOB, "fine")
    assert done.status == "done"
    await office.approvals.look()
    (execution,) = office.lamp.done
    assert office.lamp.origins == ["203.0.113.7"]
    record = execution.record
    assert (record.act, record.actor, record.object) == ("fee_tier.set", "user:1", "lamp:1")
    assert record.before == {"on": False}
    assert record.after == {"on": True, "approval": made.name, "approved_by": ["user:2"]}


async def test_who_has_no_say_is_told_so(office: Office) -> None:
    """The proposer, whom it is about, who lacks the permission; and about nothing there is nothing to say."""
    made = await office.propose(subjects=[CAT])
    approvals = office.approvals
    for who, error in ((ANN, OwnProposal), (CAT, MayNot)):
        for say in (approvals.approve, approvals.reject):
            with pytest.raises(error):
                await say(made.number, who, "fine")
    await office.roles.grant(CAT, Role.FINANCE, actor="system", reason="test")
    with pytest.raises(OwnCase):
        await approvals.approve(made.number, CAT, "mine")
    with pytest.raises(OwnCase):
        await office.propose(subjects=[ANN], key=b"2" * 16)
    with pytest.raises(MayNot):
        await office.propose(proposed_by=4, key=b"3" * 16)
    with pytest.raises(NoSuchApproval):
        await approvals.approve(9, BOB, "fine")
    with pytest.raises(NotPending):
        await approvals.settle(made.number, BOB, is_done=True, reason="looked")
    assert not office.lamp.done


async def test_what_is_so_already_is_no_proposal(office: Office) -> None:
    """The lamp is on."""
    office.lamp.on = True
    with pytest.raises(NoChange):
        await office.propose()


async def test_a_proposal_expires_after_a_day_to_the_millisecond(office: Office) -> None:
    """A millisecond before it can be approved, then no more."""
    first, second = await office.propose(), await office.propose(object="lamp:2", key=b"2" * 16)
    office.clock.time_ms += 86_400_000 - 1
    assert (await office.approvals.approve(first.number, BOB, "fine")).status == "done"
    office.clock.time_ms += 1
    await office.approvals.look()
    assert (await office.approvals.approval(second.number)).status == "expired"
    with pytest.raises(NotPending):
        await office.approvals.approve(second.number, BOB, "late")


async def test_a_refusal_of_the_act_is_its_outcome(office: Office) -> None:
    """Nothing was done, and it is not tried again."""
    made = await office.propose()
    office.lamp.fails = ActRefused("no_bulb")
    failed = await office.approvals.approve(made.number, BOB, "fine")
    assert (failed.status, failed.outcome) == ("failed", "no_bulb")
    office.lamp.fails = None
    await office.approvals.look()
    assert not office.lamp.on


async def test_away_means_later_and_only_while_it_has_not_expired(office: Office) -> None:
    """Retried by whoever looks; after its time it has expired, and is done no more."""
    made = await office.propose()
    office.lamp.fails = Unavailable("no power")
    assert (await office.approvals.approve(made.number, BOB, "fine")).outcome == "retried"
    await office.approvals.look()
    assert (await office.approvals.approval(made.number)).status == "approved"
    office.clock.time_ms += 86_400_000
    office.lamp.fails = None
    await office.approvals.look()
    assert (await office.approvals.approval(made.number)).status == "expired"
    assert not office.lamp.on


async def test_away_after_it_was_done_is_found_out_and_not_done_twice(office: Office) -> None:
    """A commit whose answer was lost looks like a database that is away: what is wanted is so, that is enough."""
    made = await office.propose()
    office.lamp.fails, office.lamp.is_lost = Unavailable("the commit's answer was lost"), True
    await office.approvals.approve(made.number, BOB, "fine")
    await office.approvals.look()
    found = await office.approvals.approval(made.number)
    assert (found.status, found.outcome) == ("done", "found_done")
    assert len(office.lamp.done) == 1


@pytest.mark.parametrize(("is_done", "status"), [(True, "done"), (False, "unknown")])
async def test_a_lost_outcome_is_looked_at_and_never_guessed(
    office: Office, is_done: bool, status: str
) -> None:
    """The lamp is on: done. It is off: perhaps it was on and is off again, so nothing is sent a second time."""
    made = await office.propose()
    office.lamp.fails, office.lamp.is_lost = OutcomeUnknown("the wire broke"), True
    held = await office.approvals.approve(made.number, BOB, "fine")
    assert held.status == "executing"
    office.lamp.on = is_done
    await office.approvals.look()
    assert (await office.approvals.approval(made.number)).status == status
    await office.approvals.look()
    assert len(office.lamp.done) == 1


async def test_a_person_says_what_became_of_it(office: Office) -> None:
    """Not the proposer; once; and nothing is executed by it."""
    made = await office.propose()
    office.lamp.fails = OutcomeUnknown("the wire broke")
    await office.approvals.approve(made.number, BOB, "fine")
    await office.approvals.look()
    with pytest.raises(OwnProposal):
        await office.approvals.settle(made.number, ANN, is_done=True, reason="looked")
    settled = await office.approvals.settle(made.number, BOB, is_done=True, reason="looked")
    assert (settled.status, settled.outcome) == ("done", "looked")
    with pytest.raises(NotPending):
        await office.approvals.settle(made.number, BOB, is_done=False, reason="looked")
    assert not office.lamp.done


async def test_what_is_done_once_by_its_key_is_sent_again(office: Office) -> None:
    """A repeatable act whose outcome was lost: the loop sends it again until it is told."""
    gateway = office.serve(is_repeatable=True)
    made = await office.propose()
    office.lamp.fails = OutcomeUnknown("the wire broke")
    assert (await gateway.approve(made.number, BOB, "fine")).status == "executing"
    await gateway.look()
    assert (await gateway.approval(made.number)).status == "executing"
    office.lamp.fails = None
    await gateway.look()
    assert (await gateway.approval(made.number)).status == "done"


async def test_what_was_approved_just_now_is_left_to_who_approved(office: Office) -> None:
    """Between the last vote and its execution the loop takes nothing: else who approved is not told the end."""
    loop = office.serve(fresh_ms=2_000)
    made = await office.propose()
    agrees = Ballot(made.number, BOB, agrees=True, reason="fine")
    await office.store.vote(agrees, office.clock.now_ms())
    office.clock.time_ms += 1_999
    await loop.look()
    assert (await loop.approval(made.number)).status == "approved"
    office.clock.time_ms += 1
    await loop.look()  # whoever approved has died, or the engine was away
    assert (await loop.approval(made.number)).status == "done"
