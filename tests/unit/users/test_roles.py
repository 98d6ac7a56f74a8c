"""Roles: the table denies by default, every process knows of a change at once, and the database may be away."""

import asyncio

import pytest

from cse.adapters.bus.memory import MemoryBus
from cse.core.errors import Unavailable
from cse.users.audit import MemoryAuditTrail
from cse.users.authority import TABLE, Permission, Role, permissions_of
from cse.users.errors import InvalidField
from cse.users.roles import Roles
from tests.unit.users.authorities import MemoryRoleStore
from tests.unit.users.people import FakeClock
from tests.waiting import wait_until_async

ANN = 1
STAFF = set(Permission) - TABLE[Role.USER]


class World:
    def __init__(self) -> None:
        self.trail, self.bus, self.clock = MemoryAuditTrail(), MemoryBus(), FakeClock()
        self.store = MemoryRoleStore(self.trail)

    def process(self) -> Roles:
        return Roles(self.store, self.bus, self.clock)


def test_only_the_table_gives_anything() -> None:
    """Nobody, users, creators and roles that are none have no staff permission; admin has all of them."""
    assert permissions_of([]) == permissions_of(["creator", "root", ""]) == TABLE[Role.USER]
    assert not STAFF & TABLE[Role.CREATOR]
    assert TABLE[Role.ADMIN] == set(Permission)
    assert set(TABLE) == set(Role)
    for role in Role:
        assert TABLE[Role.USER] <= TABLE[role]


async def test_a_role_counts_here_at_once_and_there_with_the_next_read() -> None:
    """Given and taken on one process, another one follows; who had nothing has nothing."""
    world = World()
    here, there = world.process(), world.process()
    await there.read()
    assert await here.grant(ANN, Role.RISK, actor="system", reason="first")
    assert here.may(ANN, Permission.MARKET_STATUS)
    assert not there.may(ANN, Permission.MARKET_STATUS)
    await there.read()
    assert there.of(ANN) == {"risk"}
    assert not await here.grant(ANN, Role.RISK, actor="system", reason="again")
    world.clock.time_ms += 5_000
    assert await here.revoke(ANN, Role.RISK, actor="system", reason="left")
    assert not here.may(ANN, Permission.MARKET_STATUS)
    await there.read()
    assert there.of(ANN) == frozenset()
    assert not await there.revoke(ANN, Role.RISK, actor="system", reason="again")
    assert world.trail.names() == ["role.grant", "role.revoke"]


async def test_the_bus_tells_of_a_change_without_waiting_for_the_next_read() -> None:
    """A process that runs learns of a role that was taken away on another one."""
    world = World()
    here, there = world.process(), world.process()
    await here.grant(ANN, Role.ADMIN, actor="system", reason="first")
    running = asyncio.create_task(there.run())
    await wait_until_async(lambda: there.of(ANN) == {"admin"})
    await here.revoke(ANN, Role.ADMIN, actor="system", reason="left")
    await wait_until_async(lambda: not there.of(ANN))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_with_the_database_away_what_is_known_goes_on_and_nothing_changes() -> None:
    """Reads fail, roles stay; a change is refused and counts nowhere."""
    world = World()
    roles = world.process()
    await roles.grant(ANN, Role.RISK, actor="system", reason="first")
    world.store.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await roles.read()
    with pytest.raises(Unavailable):
        await roles.grant(ANN, Role.ADMIN, actor="system", reason="no")
    assert roles.of(ANN) == {"risk"}


async def test_an_act_that_cannot_be_recorded_is_not_done() -> None:
    """The trail refuses: the role is not given."""
    world = World()
    world.trail.fails = Unavailable("away")
    roles = world.process()
    with pytest.raises(Unavailable):
        await roles.grant(ANN, Role.RISK, actor="system", reason="first")
    assert roles.of(ANN) == frozenset()


async def test_everybody_is_a_user_already() -> None:
    """`user` is neither given nor taken."""
    roles = World().process()
    for change in (roles.grant, roles.revoke):
        with pytest.raises(InvalidField):
            await change(ANN, Role.USER, actor="system", reason="x")
