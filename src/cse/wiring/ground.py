"""What the concerns of people are put together from (`cse.wiring.concerns`)."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from cse.gateway.deps import GatewayDeps
from cse.settings import Settings
from cse.users.core import UserCore


class Ground(NamedTuple):
    """What concerns are put together from."""

    settings: Settings
    engine: AsyncEngine
    """A durable one, on a migrated database."""
    core: UserCore
    deps: GatewayDeps
