"""A likeness to the sanctions list is cleared by two people; confirming one freezes, and waits for nobody."""

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.staff_acts.doing import number
from cse.users.approvals.errors import ActRefused
from cse.users.approvals.ports import Executable, Execution
from cse.users.audit import Facts
from cse.users.authority import Permission
from cse.users.identity_checks.errors import IdentityRefusal


def sanctions_hit_cleared(deps: GatewayDeps) -> Executable:
    """Wanted: `hit_id`. The store records it in the transaction of the change itself."""

    async def now(wanted: Facts) -> Facts:
        try:
            hit = await served(deps.concerns.identity_checks).holds.hit(number(wanted, "hit_id"))
        except IdentityRefusal as error:
            raise ActRefused(error.code) from error
        return {"hit_id": hit.hit_id, "status": hit.status}

    async def execute(execution: Execution) -> None:
        approval = execution.approval
        try:
            await served(deps.concerns.identity_checks).holds.decide(
                number(execution.wanted, "hit_id"),
                approval.proposed_by,
                approval.reason,
                confirmed=False,
                signed=execution.signed,
            )
        except IdentityRefusal as error:  # it was confirmed in the same moment
            raise ActRefused(error.code) from error

    return Executable(Permission.IDENTITY_HOLDS, now, execute)
