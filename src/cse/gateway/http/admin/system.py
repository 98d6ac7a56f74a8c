"""How the exchange is doing, for staff: the journal's position, how far history lags, every dependency."""

import re
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry

from cse.gateway.deps import Dependency, GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, encode
from cse.gateway.http.health import check_all
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.users.authority import Permission

_WAITING: Final = re.compile(r"cse_([a-z]+)_waiting_([a-z]+)")


class System(msgspec.Struct, frozen=True):
    """How the exchange is doing."""

    sequence: int
    """The journal's last command whose events are in the live views."""
    history_lag: int | None
    """Commands that SQL history has yet to take in; null: it cannot be asked."""
    dependencies: dict[str, Dependency]
    """`queue` is the engine's; each as in GET /api/health/ready."""
    waiting: dict[str, int]
    """How much waits, by what for: `engine_commands` that came in and are not answered, `publisher_messages` that
    Redis has not taken. Queues that this process does not have are left out."""


class SystemCalls:
    """The exchange's health over HTTP, for staff."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the same checks as GET /api/health/ready."""
        self._deps = deps

    async def system(self, _call: Call) -> Answer:
        """Return the journal's position, how far projections lag, and how every dependency is."""
        found = await check_all(self._deps)
        lag = found["history"].lag
        told = System(self._deps.live.sequence, lag, found, waiting(self._deps.registry))
        return Answer(200, encode(told))


def waiting(registry: CollectorRegistry) -> dict[str, int]:
    """Return how much waits in this process's queues, as its metrics say: `cse_QUEUE_waiting_WHAT`."""
    samples = (sample for metric in registry.collect() for sample in metric.samples)
    found = ((_WAITING.fullmatch(sample.name), sample.value) for sample in samples)
    return {f"{name[1]}_{name[2]}": int(value) for name, value in found if name}


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
