"""How the exchange is doing, for staff: the journal's position, how far history lags, every dependency."""

import msgspec

from cse.gateway.deps import Dependency, GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, encode
from cse.gateway.http.health import check_all
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.users.authority import Permission


class System(msgspec.Struct, frozen=True):
    """How the exchange is doing."""

    sequence: int
    """The journal's last command whose events are in the live views."""
    history_lag: int | None
    """Commands that SQL history has yet to take in; null: it cannot be asked."""
    dependencies: dict[str, Dependency]
    """`queue` is the engine's; each as in GET /api/health/ready."""


class SystemCalls:
    """The exchange's health over HTTP, for staff."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the same checks as GET /api/health/ready."""
        self._deps = deps

    async def system(self, _call: Call) -> Answer:
        """Return the journal's position, how far projections lag, and how every dependency is."""
        found = await check_all(self._deps)
        return Answer(200, encode(System(self._deps.live.sequence, found["history"].lag, found)))


def system_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the call about the exchange's health."""
    return [
        Operation(
            "GET",
            "/api/admin/system",
            SystemCalls(deps).system,
            "How the exchange is doing",
            TAG,
            System,
            Need.READ,
            permission=Permission.SYSTEM_READ,
        )
    ]
