"""All calls of the admin API, behind the question whether whoever calls has a second factor."""

from functools import wraps
from typing import Final

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.admin.approvals import approval_operations
from cse.gateway.http.admin.audit import audit_operations
from cse.gateway.http.admin.audit_export import audit_export_operations
from cse.gateway.http.admin.fees import fee_operations
from cse.gateway.http.admin.house import house_operations
from cse.gateway.http.admin.identities import identity_operations
from cse.gateway.http.admin.identity_checks import review_operations
from cse.gateway.http.admin.kill_switch import kill_operations
from cse.gateway.http.admin.listings import listing_operations
from cse.gateway.http.admin.markets import market_admin_operations
from cse.gateway.http.admin.people import people_operations
from cse.gateway.http.admin.sub_accounts import staff_sub_account_operations
from cse.gateway.http.admin.system import system_operations
from cse.gateway.http.operations import Call, Handler, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import ApiProblem

WITHOUT_FACTOR: Final = frozenset({("POST", "/api/admin/kill-switch")})
"""It must stop trading while the database, which knows the factors, is away."""


def admin_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls of staff; each has a permission of its own."""
    operations = [
        *people_operations(deps),
        *staff_sub_account_operations(deps),
        *identity_operations(deps),
        *review_operations(deps),
        *market_admin_operations(deps),
        *listing_operations(deps),
        *kill_operations(deps),
        *fee_operations(deps),
        *house_operations(deps),
        *approval_operations(deps),
        *audit_operations(deps),
        *audit_export_operations(deps),
        *system_operations(deps),
    ]
    return [with_factor(operation, deps) for operation in operations]


def with_factor(operation: Operation, deps: GatewayDeps) -> Operation:
    """Return a call of staff that asks whether they have a second factor, where these settings want one."""
    if (operation.method, operation.path) in WITHOUT_FACTOR:
        return operation
    return operation._replace(handler=_guarded(operation.handler, deps))


def _guarded(handler: Handler, deps: GatewayDeps) -> Handler:
    @wraps(handler)
    async def guarded(call: Call) -> Answer:
        if deps.options.staff_second_factor and not await _has_factor(call, deps):
            raise ApiProblem(
                403,
                "second_factor_required_for_staff",
                "Staff acts with a second factor only: POST /api/auth/totp/enroll adds one.",
            )
        return await handler(call)

    return guarded


async def _has_factor(call: Call, deps: GatewayDeps) -> bool:
    return bool(await served(deps.concerns.second_factors).of(call.caller.user_id))
