"""ApprovalStore in SQL (cse.users.approvals.ports): each step in one transaction with its record in the audit log."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.approval_tables import approval_votes, approvals
from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.users.approvals.errors import (
    AlreadyVoted,
    KeyTaken,
    NoSuchApproval,
    NotPending,
    TooManyPending,
)
from cse.users.approvals.model import RETRIED, Approval, Proposal, Status, Vote
from cse.users.approvals.ports import MAX_PENDING, Ballot, Ending, Terms
from cse.users.audit import SYSTEM, Act, AuditAct, Facts, user_actor

_WHAT: Final = "the users' database"
_PAGE: Final = 100
_JSON: Final = ("wanted", "before", "after", "subjects")
_STEPS: Final = {
    Status.APPROVED: Act.APPROVAL_GIVEN,
    Status.PENDING: Act.APPROVAL_GIVEN,
    Status.REJECTED: Act.APPROVAL_REJECTED,
}


class SqlApprovalStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def propose(self, proposal: Proposal, terms: Terms) -> Approval:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    known = await _known(connection, proposal)
                    return known or await _add(connection, proposal, terms)
        except IntegrityError:  # somebody stored the same key between our look and our write
            with database_errors(_WHAT):
                async with self._reader.connect() as connection:
                    known = await _known(connection, proposal)
            if known is None:
                raise
            return known

    async def approval(self, number: int) -> Approval | None:
        found = await self._read(select(approvals).where(approvals.c.number == number))
        return found[0] if found else None

    async def approvals(
        self, status: Status | None, *, before: int | None, limit: int
    ) -> Sequence[Approval]:
        asked = select(approvals).order_by(approvals.c.number.desc()).limit(limit)
        if status is not None:
            asked = asked.where(_is(status))
        if before is not None:
            asked = asked.where(approvals.c.number < before)
        return await self._read(asked)

    async def vote(self, ballot: Ballot, at_ms: int) -> Approval:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                known = await _pending(connection, ballot.number, at_ms)
                if any(vote.user_id == ballot.user_id for vote in known.votes):
                    raise AlreadyVoted
                vote = Vote(ballot.user_id, ballot.agrees, ballot.reason, at_ms)
                row = {**msgspec.structs.asdict(vote), "approval": ballot.number}
                await connection.execute(insert(approval_votes).values(**row))
                counted = msgspec.structs.replace(known, votes=[*known.votes, vote])
                step = _Step(_after_vote(counted), user_actor(ballot.user_id), reason=ballot.reason)
                return await _move(connection, counted, step, at_ms)

    async def withdraw(self, number: int, actor: str, at_ms: int) -> Approval:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                known = await _pending(connection, number, at_ms)
                return await _move(
                    connection, known, _Step(Status.WITHDRAWN, actor, Act.APPROVAL_WITHDRAWN), at_ms
                )

    async def claim(self, number: int, at_ms: int) -> Approval | None:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    known = await _locked(connection, number)
                    if known.status is not Status.APPROVED or known.expires_at <= at_ms:
                        return None
                    step = _Step(Status.EXECUTING, SYSTEM, Act.APPROVAL_BEGUN, known.outcome)
                    return await _move(connection, known, step, at_ms)
        except IntegrityError:  # uq_approvals_executing: the object is busy
            return None

    async def release(self, number: int, at_ms: int) -> Approval | None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                known = await _locked(connection, number)
                if known.status is not Status.EXECUTING:
                    return None
                step = _Step(Status.APPROVED, SYSTEM, Act.APPROVAL_ENDED, RETRIED)
                return await _move(connection, known, step, at_ms)

    async def end(self, ending: Ending, at_ms: int) -> Approval | None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                known = await _locked(connection, ending.number)
                if known.status not in {Status.EXECUTING, Status.UNKNOWN}:
                    return None
                step = _Step(ending.status, ending.actor, Act.APPROVAL_ENDED, ending.outcome)
                return await _move(connection, known, step, at_ms)

    async def waiting(self, *, approved_before: int, stuck_before: int) -> Sequence[Approval]:
        ready = _is(Status.APPROVED) & (approvals.c.changed_at <= approved_before)
        stuck = _is(Status.EXECUTING) & (approvals.c.changed_at <= stuck_before)
        asked = select(approvals).where(ready | stuck)
        return await self._read(asked.order_by(approvals.c.number).limit(_PAGE))

    async def expire(self, at_ms: int) -> int:
        waits = _is(Status.PENDING) | _is(Status.APPROVED)
        due = select(approvals.c.number).where(waits, approvals.c.expires_at <= at_ms).limit(_PAGE)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                numbers = (await connection.execute(due)).scalars().all()
        return sum([await self._expire(number, at_ms) for number in numbers])

    async def _expire(self, number: int, at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                known = await _locked(connection, number)
                if known.status not in {Status.PENDING, Status.APPROVED}:
                    return False
                step = _Step(Status.EXPIRED, SYSTEM, Act.APPROVAL_EXPIRED)
                await _move(connection, known, step, at_ms)
                return True

    async def _read(self, asked: Select[Any]) -> list[Approval]:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return await _approvals(connection, asked)


class _Step(msgspec.Struct, frozen=True):
    """From one status to the next."""

    status: Status
    actor: str
    act: Act | None = None
    """None: as the status says."""
    outcome: str = ""
    reason: str = ""


def _after_vote(counted: Approval) -> Status:
    if not counted.votes[-1].agrees:
        return Status.REJECTED
    agreed = sum(vote.agrees for vote in counted.votes)
    return Status.APPROVED if agreed >= counted.needed else Status.PENDING


async def _add(connection: AsyncConnection, proposal: Proposal, terms: Terms) -> Approval:
    pending = select(func.count()).select_from(approvals).where(_is(Status.PENDING))
    if (await connection.execute(pending)).scalar_one() >= MAX_PENDING:
        raise TooManyPending(MAX_PENDING)
    status = Status.PENDING if terms.needed else Status.APPROVED
    fields = msgspec.structs.asdict(proposal) | {
        "before": terms.before,
        "session_id": terms.place.session_id,
        "ip": terms.place.ip,
        "needed": terms.needed,
        "proposed_at": terms.at_ms,
        "expires_at": terms.expires_at,
        "status": status,
        "outcome": "",
        "changed_at": terms.at_ms,
    }
    row = fields | {name: _json(fields[name]) for name in _JSON}
    row |= {"act": proposal.act.value, "status": status.value}
    added = await connection.execute(insert(approvals).values(**row).returning(approvals.c.number))
    approval = Approval(**fields, number=added.scalar_one(), votes=[])
    told = AuditAct(
        act=Act.APPROVAL_PROPOSED,
        actor=user_actor(proposal.proposed_by),
        object=approval.name,
        before=approval.before,
        after={**approval.after, "act": approval.act.value, "object": approval.object},
        reason=proposal.reason,
    )
    await append(connection, told, terms.at_ms)
    return approval


async def _move(connection: AsyncConnection, known: Approval, step: _Step, at_ms: int) -> Approval:
    """Write the next status and its record; the row is locked."""
    changed = {"status": step.status.value, "outcome": step.outcome, "changed_at": at_ms}
    mine = approvals.c.number == known.number
    await connection.execute(update(approvals).where(mine).values(**changed))
    after: Facts = {"status": step.status.value, "proposed_by": user_actor(known.proposed_by)}
    if step.outcome:
        after = {**after, "outcome": step.outcome}
    told = AuditAct(
        act=step.act or _STEPS[step.status],
        actor=step.actor,
        object=known.name,
        before={"status": known.status.value},
        after={**after, "act": known.act.value, "object": known.object},
        reason=step.reason,
    )
    await append(connection, told, at_ms)
    return msgspec.structs.replace(
        known, status=step.status, outcome=step.outcome, changed_at=at_ms
    )


async def _known(connection: AsyncConnection, proposal: Proposal) -> Approval | None:
    found = await _approvals(connection, select(approvals).where(approvals.c.key == proposal.key))
    if not found:
        return None
    first = found[0]
    if any(getattr(first, name) != getattr(proposal, name) for name in ("act", "object", "wanted")):
        raise KeyTaken
    return first


async def _locked(connection: AsyncConnection, number: int) -> Approval:
    """Return one, its row locked: of two at once the second waits (SQLite's transaction has the only write lock)."""
    asked = select(approvals).where(approvals.c.number == number).with_for_update()
    found = await _approvals(connection, asked)
    if not found:
        raise NoSuchApproval
    return found[0]


async def _pending(connection: AsyncConnection, number: int, at_ms: int) -> Approval:
    known = await _locked(connection, number)
    if known.status is not Status.PENDING:
        raise NotPending(known.status.value)
    if known.expires_at <= at_ms:
        raise NotPending(Status.EXPIRED.value)
    return known


async def _approvals(connection: AsyncConnection, asked: Select[Any]) -> list[Approval]:
    rows = (await connection.execute(asked)).mappings().all()
    votes: dict[int, list[Vote]] = {row["number"]: [] for row in rows}
    said = select(approval_votes).where(approval_votes.c.approval.in_(votes))
    for vote in await connection.execute(said.order_by(approval_votes.c.at_ms)):
        votes[vote.approval].append(Vote(vote.user_id, vote.agrees, vote.reason, vote.at_ms))
    return [
        Approval(
            **{
                **row,
                **{name: msgspec.json.decode(row[name]) for name in _JSON},
                "act": Act(row["act"]),
                "status": Status(row["status"]),
                "votes": votes[row["number"]],
            }
        )
        for row in rows
    ]


def _is(status: Status) -> ColumnElement[bool]:
    return approvals.c.status == status.value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
