"""The one table of acts that take a second person: what is not in it cannot be proposed."""

from cse.gateway.deps import GatewayDeps
from cse.gateway.staff_acts.fees import fee_tier_assigned, fee_tier_set
from cse.gateway.staff_acts.house import house_transfer
from cse.gateway.staff_acts.listing import market_listed
from cse.gateway.staff_acts.markets import market_limits_set, market_status_set
from cse.gateway.staff_acts.people import account_status_set, factors_reset, role_set
from cse.gateway.staff_acts.sanctions import sanctions_hit_cleared
from cse.users.approvals.ports import Acts
from cse.users.audit import Act


def staff_acts(deps: GatewayDeps) -> Acts:
    """Return who may propose and approve each act, what it changes, and how it is done."""
    return {
        Act.FEE_TIER_SET: fee_tier_set(deps),
        Act.FEE_TIER_ASSIGNED: fee_tier_assigned(deps),
        Act.MARKET_LISTED: market_listed(deps),
        Act.MARKET_STATUS_SET: market_status_set(deps),
        Act.MARKET_LIMITS_SET: market_limits_set(deps),
        Act.ACCOUNT_STATUS_SET: account_status_set(deps),
        Act.ROLE_GRANTED: role_set(deps, held=True),
        Act.ROLE_REVOKED: role_set(deps, held=False),
        Act.FACTORS_RESET: factors_reset(deps),
        Act.SANCTIONS_HIT_CLEARED: sanctions_hit_cleared(deps),
        Act.HOUSE_TRANSFER: house_transfer(deps),
    }
