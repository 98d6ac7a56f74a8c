"""The house's own money. The engine does a transfer once by its key, however often it is sent."""

from cse.gateway.deps import GatewayDeps
from cse.gateway.staff_acts.doing import apply, number
from cse.messages.commands import Transfer
from cse.users.approvals.ports import Executable, Execution
from cse.users.audit import NO_FACTS, Facts
from cse.users.authority import Permission


def house_transfer(deps: GatewayDeps) -> Executable:
    """Wanted: `from_account_id`, `to_account_id`, `asset_id`, `amount` (asset units)."""

    async def now(_wanted: Facts) -> Facts:
        return (
            NO_FACTS  # fees come in with every trade: the engine alone says whether there is enough
        )

    async def execute(execution: Execution) -> None:
        wanted = execution.wanted
        command = Transfer(
            from_account_id=number(wanted, "from_account_id"),
            to_account_id=number(wanted, "to_account_id"),
            asset_id=number(wanted, "asset_id"),
            amount=number(wanted, "amount"),
            key=execution.approval.key,
        )
        await apply(deps, execution, command)

    return Executable(Permission.HOUSE_TRANSFER, now, execute, is_repeatable=True)
