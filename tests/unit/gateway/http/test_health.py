"""Readiness under checks that fail, hang or lag."""

import asyncio

import pytest

from cse.core.errors import Unavailable
from cse.gateway.deps import Dependency
from cse.gateway.http import health
from tests.unit.gateway.world import World


async def ready(world: World) -> tuple[int, dict[str, object], str]:
    async with world.client(None) as client:
        answer = await client.get("/api/health/ready")
    told = answer.json()
    return answer.status_code, told["dependencies"], told["status"]


async def test_how_far_history_lags_is_told_in_commands() -> None:
    """The difference between the views' last command and history's position."""
    world = World()
    world.history.at = world.live.sequence - 3
    status, dependencies, word = await ready(world)
    assert (status, word) == (200, "ready")
    assert dependencies["history"] == {"ok": True, "required": False, "lag": 3}


async def test_a_check_that_hangs_is_a_check_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it longer than the limit; the others are told all the same."""
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.01)
    world = World()

    async def hangs() -> Dependency:
        await asyncio.Event().wait()
        raise AssertionError

    async def fine() -> Dependency:
        return Dependency(ok=True)

    world.deps.health = {"engine": hangs, "other": fine}
    status, dependencies, word = await ready(world)
    assert (status, word) == (503, "not_ready")
    assert dependencies["engine"] == {"ok": False, "detail": "no answer within 0.01 s"}
    assert dependencies["other"] == {"ok": True}


async def test_without_history_it_is_degraded_not_down() -> None:
    """Trading goes on without the database, so no supervisor should restart the gateway for it."""
    world = World()
    world.history.failure = Unavailable("the database does not answer")
    status, dependencies, word = await ready(world)
    assert (status, word) == (200, "degraded")
    assert dependencies["history"] == {
        "ok": False,
        "required": False,
        "detail": "the database does not answer",
    }


async def test_a_history_that_fell_silent_is_degraded_not_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database host that hangs must not take gateways that trade out of the load balancer, also where all
    limits are over at once, as after a moment in which the machine stood still.
    """
    monkeypatch.setattr(health, "HISTORY_TIMEOUT_S", 0.01)
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.01)
    world = World()

    async def hangs() -> int:
        await asyncio.Event().wait()
        raise AssertionError

    world.history.position = hangs  # type: ignore[method-assign]  # a server that was stopped, not ended
    status, dependencies, word = await ready(world)
    assert (status, word) == (200, "degraded")
    assert dependencies["history"] == {
        "ok": False,
        "required": False,
        "detail": "no answer within 0.01 s",
    }
