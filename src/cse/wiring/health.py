"""Health checks of what a gateway stands on; each answers within a second and never raises."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.core.errors import Unavailable
from cse.gateway.deps import Dependency, HealthCheck
from cse.wiring.background import Background
from cse.wiring.shared import Shared

_PATIENCE_S = 0.9


def health_checks(
    engine: AsyncEngine, shared: Shared, background: Background
) -> dict[str, HealthCheck]:
    """Return the checks by name; Redis only where one is configured."""
    reader = read_only(engine)

    async def ask_database() -> None:
        with database_errors("the database"):
            async with reader.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def ask_redis() -> None:
        await shared.ping()

    async def tasks() -> Dependency:
        told = "; ".join(f"{name}: {error}" for name, error in background.failures.items())
        return Dependency(ok=not told, required=False, detail=told)

    checks: dict[str, HealthCheck] = {"database": _check(ask_database), "tasks": tasks}
    if shared.in_redis:
        checks["redis"] = _check(ask_redis)
    return checks


def _check(ask: Callable[[], Awaitable[None]]) -> HealthCheck:
    async def check() -> Dependency:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await ask()
        except TimeoutError:
            return Dependency(ok=False, required=False, detail=f"no answer within {_PATIENCE_S} s")
        except Unavailable as error:
            return Dependency(ok=False, required=False, detail=str(error))
        return Dependency(ok=True, required=False)

    return check
