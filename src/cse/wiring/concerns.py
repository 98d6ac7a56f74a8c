"""The concerns of people that are put together apart from the user service: one function each, in its own file."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from cse.gateway.concerns import Concerns
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


def concerns(ground: Ground) -> Concerns:  # noqa: ARG001  # the first concern uses it
    """Return every concern that is served with these settings."""
    return Concerns()
