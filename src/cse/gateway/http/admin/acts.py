"""What every act of staff has in common: a reason, a record before it is done, a command, the engine's answer."""

from typing import Annotated, Final

from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.operations import Call
from cse.gateway.order_requests import market_of
from cse.gateway.present import encode
from cse.gateway.problems import from_rejected
from cse.messages.catalog import Market
from cse.messages.events import Applied, Rejected
from cse.messages.wire import Command, MarketStatus
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
STATUSES: Final = {status: status.name.lower() for status in MarketStatus}

__all__ = ["STATUSES", "TAG", "Reason", "act_of", "encode", "market_named", "submit", "told"]


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


def market_named(deps: GatewayDeps, symbol: str) -> Market:
    """Return a market; raises ApiProblem 404."""
    return market_of(deps.catalog, symbol)
