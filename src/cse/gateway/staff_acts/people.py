"""People: their roles, their second factors, and unfreezing their accounts."""

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.staff_acts.doing import (
    account_now,
    apply,
    number,
    person_now,
    refuse_if_stopped_again,
    text,
)
from cse.gateway.staff_acts.sub_accounts import follow
from cse.messages.commands import SetAccountStatus
from cse.messages.wire import AccountStatus
from cse.users.approvals.errors import ActRefused
from cse.users.approvals.ports import Executable, Execution
from cse.users.audit import Act, Facts
from cse.users.authority import Permission, Role
from cse.users.errors import UnknownUser
from cse.users.roles import Asked


def account_status_set(deps: GatewayDeps) -> Executable:
    """Wanted: `account_id`, `status`."""

    async def now(wanted: Facts) -> Facts:
        return {"status": (await account_now(deps, wanted)).status.name.lower()}

    async def execute(execution: Execution) -> None:
        wanted = execution.wanted
        status = AccountStatus[text(wanted, "status").upper()]
        account_id = number(wanted, "account_id")
        await refuse_if_stopped_again(deps, execution, Act.ACCOUNT_STATUS_SET)
        await apply(deps, execution, SetAccountStatus(account_id, status))
        await follow(deps, account_id, status)

    return Executable(Permission.ACCOUNT_FREEZE, now, execute)


def role_set(deps: GatewayDeps, *, held: bool) -> Executable:
    """Wanted: `user_id`, `role`. The store records it in the transaction of the change itself."""

    async def now(wanted: Facts) -> Facts:
        return {"roles": (await person_now(deps, wanted)).roles}

    async def execute(execution: Execution) -> None:
        wanted = execution.wanted
        asked = Asked(
            number(wanted, "user_id"),
            Role(text(wanted, "role")),
            held=held,
            actor=execution.actor,
            reason=execution.approval.reason,
            signed=execution.signed,
        )
        try:
            await deps.authority.roles.change(asked)
        except UnknownUser as error:
            raise ActRefused("user_not_found") from error

    return Executable(Permission.ROLES_SET, now, execute)


def factors_reset(deps: GatewayDeps) -> Executable:
    """Wanted: `user_id`."""

    async def now(wanted: Facts) -> Facts:
        person = await person_now(deps, wanted)
        return {"factors": await served(deps.concerns.second_factors).of(person.user_id)}

    async def execute(execution: Execution) -> None:
        await deps.authority.trail.record(execution.record)
        user_id = number(execution.wanted, "user_id")
        await served(deps.concerns.second_factors).reset(user_id)

    return Executable(Permission.RESET_FACTORS, now, execute)
