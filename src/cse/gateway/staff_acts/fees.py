"""Fee tiers, set and assigned."""

from cse.gateway.deps import GatewayDeps
from cse.gateway.staff_acts.doing import account_now, apply, catch_up, number
from cse.messages.commands import SetAccountFeeTier, SetFeeTier
from cse.users.approvals.ports import Executable, Execution
from cse.users.audit import Facts
from cse.users.authority import Permission


def fee_tier_set(deps: GatewayDeps) -> Executable:
    """Wanted: `tier`, `maker_ppm`, `taker_ppm`. A tier that is none yet shows as nothing."""

    async def now(wanted: Facts) -> Facts:
        await catch_up(deps)
        known = deps.catalog.fee_tiers.get(number(wanted, "tier"))
        return {"maker_ppm": known.maker_ppm, "taker_ppm": known.taker_ppm} if known else {}

    async def execute(execution: Execution) -> None:
        rates = (number(execution.wanted, name) for name in ("tier", "maker_ppm", "taker_ppm"))
        await apply(deps, execution, SetFeeTier(*rates))

    return Executable(Permission.FEES_SET, now, execute)


def fee_tier_assigned(deps: GatewayDeps) -> Executable:
    """Wanted: `account_id`, `fee_tier`."""

    async def now(wanted: Facts) -> Facts:
        return {"fee_tier": (await account_now(deps, wanted)).fee_tier}

    async def execute(execution: Execution) -> None:
        ids = (number(execution.wanted, name) for name in ("account_id", "fee_tier"))
        await apply(deps, execution, SetAccountFeeTier(*ids))

    return Executable(Permission.FEES_SET, now, execute)
