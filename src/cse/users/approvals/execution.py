"""Executes what was approved, exactly once, and settles what a process left behind that died at it.

Of many gateways one claims an approval in SQL. What it then does is one idempotent command or transaction. If its
fate is not known, the state is looked at later: what was wanted is so (`done`), or nobody can tell (`unknown`, for a
person). Only what the engine itself does once by its key is ever sent again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import OutcomeUnknown, Unavailable
from cse.users.approvals.errors import ActRefused
from cse.users.approvals.model import (
    APPROVER_MAY_NOT,
    FOUND_DONE,
    NOT_FOUND_DONE,
    PROPOSER_MAY_NOT,
    RETRIED,
    STALE,
    Approval,
    Status,
)
from cse.users.approvals.ports import Acts, ApprovalStore, Ending, Executable, Execution
from cse.users.audit import Origin, origin
from cse.users.authority import Permission
from cse.users.roles import Roles

log = structlog.get_logger(__name__)


class Executor:
    """Does what was approved."""

    def __init__(self, store: ApprovalStore, acts: Acts, roles: Roles, clock: Clock) -> None:
        """Use these."""
        self._store: Final = store
        self._acts: Final = acts
        self._roles: Final = roles
        self._clock: Final = clock

    async def execute(self, approval: Approval) -> Approval:
        """Execute what is approved, unless another gateway does; return how it stands then.

        Raises:
            Unavailable: the database is out of reach; the loop goes on with it later.
        """
        claimed = await self._store.claim(approval.number, self._clock.now_ms())
        if claimed is None:
            return await self._store.approval(approval.number) or approval
        executable = self._acts[claimed.act]
        try:
            if await self._is_done_already(claimed, executable):
                return await self._end(claimed, Status.DONE, FOUND_DONE)
        except ActRefused as error:
            return await self._end(claimed, Status.FAILED, error.code)
        except Unavailable as error:
            return await self._release(claimed, error)
        return await self._do(claimed, executable)

    async def settle(self, approval: Approval) -> Approval:
        """Find out what became of an execution whose process died, or lost its answer."""
        executable = self._acts[approval.act]
        if executable.is_repeatable:
            return await self._do(approval, executable)
        try:
            is_so = await executable.now(approval.wanted) == approval.after
        except ActRefused:
            is_so = False
        if is_so:
            return await self._end(approval, Status.DONE, FOUND_DONE)
        log.error("approval_outcome_unknown", approval=approval.number, act=approval.act.value)
        return await self._end(approval, Status.UNKNOWN, NOT_FOUND_DONE)

    async def _is_done_already(self, approval: Approval, executable: Executable) -> bool:
        """Check that it may still be done; True: an attempt of which nothing was heard did it.

        Raises:
            ActRefused: it may not.
        """
        self._require_say(approval, executable.permission)
        now = await executable.now(approval.wanted)
        if now == approval.before:
            return False
        if approval.outcome == RETRIED and now == approval.after:
            return True
        raise ActRefused(STALE)

    def _require_say(self, approval: Approval, permission: Permission) -> None:
        """Refuse what is carried by people who have lost the permission since they said so; raises ActRefused."""
        if not self._roles.may(approval.proposed_by, permission):
            raise ActRefused(PROPOSER_MAY_NOT)
        agreed = sum(
            vote.agrees and self._roles.may(vote.user_id, permission) for vote in approval.votes
        )
        if agreed < approval.needed:
            raise ActRefused(APPROVER_MAY_NOT)

    async def _do(self, approval: Approval, executable: Executable) -> Approval:
        try:
            with _as_proposed(approval):
                await executable.execute(Execution(approval))
        except ActRefused as error:
            return await self._end(approval, Status.FAILED, error.code)
        except OutcomeUnknown as error:
            log.warning("approval_unsettled", approval=approval.number, error=str(error))
            return approval
        except Unavailable as error:
            return await self._release(approval, error)
        return await self._end(approval, Status.DONE, "")

    async def _release(self, approval: Approval, error: Unavailable) -> Approval:
        log.warning("approval_waits", approval=approval.number, error=str(error))
        return await self._store.release(approval.number, self._clock.now_ms()) or approval

    async def _end(self, approval: Approval, status: Status, outcome: str) -> Approval:
        ending = Ending(approval.number, status, outcome)
        ended = await self._store.end(ending, self._clock.now_ms())
        return ended or await self._store.approval(approval.number) or approval


@contextmanager
def _as_proposed(approval: Approval) -> Iterator[None]:
    """Let the act's own records say where the proposer was, whoever happens to execute it."""
    token = origin.set(Origin(approval.ip, approval.session_id))
    try:
        yield
    finally:
        origin.reset(token)
