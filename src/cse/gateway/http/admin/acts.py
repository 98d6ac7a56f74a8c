"""What every act of staff has in common: a reason, a record before it is done, a command, the engine's answer."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.lists import parse_id
from cse.gateway.http.operations import Call
from cse.gateway.order_requests import market_of
from cse.gateway.present import encode
from cse.gateway.present_market import MARKET_STATUSES
from cse.gateway.problems import from_reject_code, from_rejected
from cse.messages.catalog import Market
from cse.messages.events import Applied, Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Command
from cse.projections.live.accounts import AccountView
from cse.users.audit import Act, AuditAct, Facts

TAG: Final = "Administration"
Reason = Annotated[
    str,
    Meta(
        pattern="^[a-z][a-z0-9_]{2,63}$",
        description="Why, as a code that programs can count, such as `court_order`.",
        examples=["incident"],
    ),
]
STATUSES: Final = MARKET_STATUSES
ACCOUNT: Final[dict[str, dict[str, Any]]] = {"account_id": {"type": "integer", "minimum": 1}}
"""The parameter of calls about an account, as OpenAPI describes it."""
USER: Final[dict[str, dict[str, Any]]] = {"user_id": {"type": "integer", "minimum": 1}}
"""The same of calls about a person."""

__all__ = [
    "ACCOUNT",
    "STATUSES",
    "TAG",
    "USER",
    "Reason",
    "ReasonOnly",
    "account_of",
    "act_of",
    "encode",
    "market_named",
    "submit",
    "told",
]


class ReasonOnly(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why; the path says the rest."""

    reason: Reason


def act_of(
    call: Call, act: Act, object_: str, *, before: Facts, after: Facts, reason: str
) -> AuditAct:
    """Return an act of the caller as the audit trail takes it."""
    return AuditAct(
        act=act,
        actor=call.caller.actor,
        object=object_,
        before=before,
        after=after,
        reason=reason,
    )


async def told(deps: GatewayDeps, act: AuditAct, command: Command) -> Applied:
    """Record an act, then have its command applied.

    Raises:
        Unavailable: it could not be recorded, or the engine cannot be reached; nothing was done.
        ApiProblem: the engine refused it.
    """
    await deps.authority.trail.record(act)
    return await submit(deps, command)


async def submit(deps: GatewayDeps, command: Command) -> Applied:
    """Have a command applied; raises ApiProblem: the engine refused it."""
    applied = await deps.queue.submit(command)
    first = applied.events[0] if applied.events else None
    if isinstance(first, Rejected):
        raise from_rejected(first)
    return applied


def account_of(deps: GatewayDeps, call: Call) -> AccountView:
    """Return the account of a path's `account_id`; raises ApiProblem 404."""
    account_id = parse_id(call.path["account_id"])
    view = deps.live.account(account_id) if account_id is not None else None
    if view is None:
        raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
    return view


def market_named(deps: GatewayDeps, symbol: str) -> Market:
    """Return a market; raises ApiProblem 404."""
    return market_of(deps.catalog, symbol)
