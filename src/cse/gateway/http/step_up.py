"""Which calls need a session that proved lately who uses it: one table, asked in one place.

A test walks every route (tests/unit/gateway/http/test_step_up.py): a new call that changes who can get in is in
here, or that test is told why not.
"""

from collections.abc import Iterable
from functools import wraps
from typing import Final

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.operations import Call, Handler, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import ApiProblem, edge_problem
from cse.users.errors import InvalidToken
from cse.users.factor_errors import StepUpRequired
from cse.users.step_up import StepUps

NEEDS_STEP_UP: Final = frozenset(
    {
        ("POST", "/api/keys"),
        ("DELETE", "/api/keys/{key_id}"),
        ("POST", "/api/keys/{key_id}/rotate"),
        ("POST", "/api/auth/totp/enroll"),
        ("POST", "/api/auth/totp/confirm"),
        ("POST", "/api/auth/recovery-codes"),
        ("POST", "/api/auth/passkeys/options"),
        ("POST", "/api/auth/passkeys"),
        ("DELETE", "/api/auth/passkeys/{passkey_id}"),
        ("POST", "/api/auth/passkeys/{passkey_id}/remove"),
        ("POST", "/api/auth/password"),
        ("DELETE", "/api/identities/{identity_id}"),
        ("POST", "/api/auth/email"),
        ("POST", "/api/account/close"),
        ("POST", "/api/account/export"),
        ("PUT", "/api/admin/users/{user_id}/roles/{role}"),
        ("DELETE", "/api/admin/users/{user_id}/roles/{role}"),
        ("POST", "/api/admin/users/{user_id}/reset-factors"),
        ("POST", "/api/admin/accounts/{account_id}/status"),
        ("POST", "/api/admin/accounts/{account_id}/fee-tier"),
        ("PUT", "/api/admin/fee-tiers/{tier}"),
        ("POST", "/api/admin/markets"),
        ("POST", "/api/admin/markets/{market}/limits"),
        ("POST", "/api/admin/house/transfers"),
        ("POST", "/api/admin/approvals/{id}/approve"),
        ("POST", "/api/admin/approvals/{id}/reject"),
        ("POST", "/api/admin/approvals/{id}/withdraw"),
        ("POST", "/api/admin/approvals/{id}/settle"),
        ("POST", "/api/admin/users/{user_id}/identity-level"),
        ("POST", "/api/admin/identity-checks/{check_id}/decision"),
        ("POST", "/api/admin/sanctions-hits/{hit_id}/clear"),
        ("POST", "/api/admin/sanctions-hits/{hit_id}/confirm"),
    }
)
"""By method and path template."""
PROVE_THEMSELVES: Final = frozenset(
    {
        ("POST", "/api/auth/step-up"),
        ("POST", "/api/auth/totp/disable"),
    }
)
"""Calls that take the proof with them, and no less of it: disabling takes the password and a code."""
WHEN_OPENING: Final = frozenset({("POST", "/api/admin/markets/{market}/status")})
"""Calls that ask for it themselves, if they let people do more: stopping a market waits for nothing."""
_TOLD: Final = "Needs a session that proved lately who uses it: 403 `step_up_required` until POST /api/auth/step-up."


def with_step_up(operations: Iterable[Operation], deps: GatewayDeps) -> list[Operation]:
    """Return the operations, those of the table behind the question whether their session proved itself."""
    return [
        operation._replace(handler=_guarded(operation.handler, deps))
        if (operation.method, operation.path) in NEEDS_STEP_UP
        else operation
        for operation in operations
    ]


def _guarded(handler: Handler, deps: GatewayDeps) -> Handler:
    @wraps(handler)
    async def guarded(call: Call) -> Answer:
        await require_step_up(call, deps.users.step_ups)
        return await handler(call)

    guarded.__doc__ = f"{handler.__doc__}\n\n{_TOLD}"
    return guarded


async def require_step_up(call: Call, step_ups: StepUps) -> None:
    """Let a person's session through that proved itself lately.

    Raises:
        ApiProblem: 403 `step_up_required`, or `forbidden` for API keys: nobody stands behind them now; 401
            `invalid_token` for sessions that are not known here.
    """
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    try:
        await step_ups.require(call.caller.user_id, call.caller.session_id)
    except StepUpRequired as error:
        raise ApiProblem(403, "step_up_required", str(error)) from error
    except InvalidToken as error:
        raise ApiProblem(401, error.code, str(error)) from error
