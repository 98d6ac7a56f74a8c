"""Approvals of staff's acts, and all second factors together, on the configured database."""

from cse.adapters.sql.approvals import SqlApprovalStore
from cse.gateway.staff_acts.table import staff_acts
from cse.users.approvals.service import ApprovalOptions, Approvals
from cse.users.core import UserCore
from cse.users.second_factors import SecondFactors
from cse.wiring.ground import Ground


def approvals(ground: Ground) -> Approvals:
    """Put approvals together; keep `run` running."""
    operators, core = ground.settings.operators, ground.core
    options = ApprovalOptions(
        needed=operators.approvals, life_ms=operators.approval_hours * 3_600_000
    )
    store = SqlApprovalStore(ground.engine)
    return Approvals(store, staff_acts(ground.deps), core.roles, core.clock, options)


def second_factors(core: UserCore) -> SecondFactors:
    """Put all kinds of second factors together."""
    return SecondFactors(core.factors, core.session_list, core.notices)
