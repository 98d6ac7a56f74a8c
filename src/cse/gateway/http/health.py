"""Whether the gateway lives, whether it is ready, what it counts."""

import asyncio
from typing import Final, Literal

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from cse.core.errors import CseError
from cse.gateway.deps import Dependency, GatewayDeps, HealthCheck
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode

TAG = "Health"
CHECK_TIMEOUT_S: Final = 2.0
HISTORY_TIMEOUT_S: Final = 1.0
"""History is not required: it has a limit of its own, so that a machine that stood still is not taken for unready."""


class Live(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["live"]


class Ready(msgspec.Struct, frozen=True):
    """How everything that the gateway needs is doing."""

    status: Literal["ready", "degraded", "not_ready"]
    """degraded: trading goes on, some other calls answer 503."""
    sequence: int
    """The last command whose events are in the live views."""
    dependencies: dict[str, Dependency]


class HealthCalls:
    """Health over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the checks that were given, and how far history is."""
        self._deps = deps
        self._registry: CollectorRegistry = deps.registry

    async def live(self, _call: Call) -> Answer:
        """Say that the process answers; restart it when this does not."""
        return Answer(200, encode(Live("live")))

    async def ready(self, _call: Call) -> Answer:
        """Say whether orders can be taken, how each dependency is, and how far each projection lags."""
        dependencies = await check_all(self._deps)
        found = dependencies.values()
        required = all(each.ok for each in found if each.required)
        status: Literal["ready", "degraded", "not_ready"] = "not_ready"
        if required:
            status = "ready" if all(each.ok for each in found) else "degraded"
        body = encode(Ready(status, self._deps.live.sequence, dependencies))
        return Answer(200 if required else 503, body)

    async def metrics(self, _call: Call) -> Answer:
        """Return what is counted, as Prometheus reads it. Nothing in it is about single users."""
        return Answer(200, generate_latest(self._registry))


async def check_all(deps: GatewayDeps) -> dict[str, Dependency]:
    """Return how everything that the gateway needs is doing, and how far history lags."""
    found = await asyncio.gather(*map(within, deps.health.values()), _history(deps))
    return dict(zip([*deps.health, "history"], found, strict=True))


async def _history(deps: GatewayDeps) -> Dependency:
    sequence = deps.live.sequence
    try:
        async with asyncio.timeout(HISTORY_TIMEOUT_S):
            position = await deps.gate.refresh()
    except TimeoutError:
        detail = f"no answer within {HISTORY_TIMEOUT_S:g} s"
        return Dependency(ok=False, required=False, detail=detail)
    except CseError as error:
        return Dependency(ok=False, required=False, detail=str(error))
    return Dependency(ok=True, required=False, lag=max(0, sequence - position))


async def within(check: HealthCheck) -> Dependency:
    """Return what a check says; one that takes too long is taken for a required one that failed."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return Dependency(ok=False, detail=f"no answer within {CHECK_TIMEOUT_S:g} s")


def health_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about health."""
    calls = HealthCalls(deps)
    return [
        Operation("GET", "/api/health/live", calls.live, "Is it alive?", TAG, Live),
        Operation(
            "GET",
            "/api/health/ready",
            calls.ready,
            "Is it ready?",
            TAG,
            Ready,
            also={503: "Not ready: the same body says why."},
        ),
        Operation(
            "GET",
            "/metrics",
            calls.metrics,
            "Metrics for Prometheus",
            TAG,
            None,
            media=CONTENT_TYPE_LATEST,
        ),
    ]
