"""What people do is in the audit trail before it is done; what cannot be recorded is not done."""

import pytest

from cse.core.errors import Unavailable
from cse.users.audit import Origin, origin
from cse.users.errors import WrongCredentials
from cse.users.service import UserService
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, World


@pytest.fixture
def world() -> World:
    return World()


async def registered(world: World) -> UserService:
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    return service


async def test_log_in_and_log_out_say_who_from_where_and_which_session(world: World) -> None:
    """Both records name the person and the session; the address is that of the request."""
    service = await registered(world)
    token = origin.set(Origin("203.0.113.9"))
    await service.login(EMAIL, PASSWORD)
    (session_id,) = world.sessions.sessions
    await service.logout(session_id, 1)
    origin.reset(token)
    began, ended = world.trail.acts
    assert (began.act, began.actor, began.object) == (
        "session.log_in",
        "user:1",
        f"session:{session_id}",
    )
    assert (ended.act, ended.actor, ended.object) == (
        "session.log_out",
        "user:1",
        f"session:{session_id}",
    )
    assert (began.ip, ended.ip) == ("203.0.113.9", "203.0.113.9")


async def test_refused_log_ins_say_who_was_meant_and_nothing_that_was_typed(world: World) -> None:
    """A wrong password names its person, an unknown address nobody; neither word is kept."""
    service = await registered(world)
    for email in (EMAIL, "stranger@example.com"):
        with pytest.raises(WrongCredentials):
            await service.login(email, "my other password")
    assert [(act.act.value, act.actor, act.object) for act in world.trail.acts] == [
        ("session.log_in_refused", "nobody", "user:1"),
        ("session.log_in_refused", "nobody", "nobody"),
    ]
    told = repr(world.trail.acts)
    assert "password" not in told
    assert "@" not in told


async def test_a_log_in_that_cannot_be_recorded_is_refused(world: World) -> None:
    """No record, no session; nor does a session end without one."""
    service = await registered(world)
    await service.login(EMAIL, PASSWORD)
    (session_id,) = world.sessions.sessions
    world.trail.fails = Unavailable("away")
    with pytest.raises(Unavailable):
        await service.login(EMAIL, PASSWORD)
    with pytest.raises(Unavailable):
        await service.logout(session_id, 1)
    assert list(world.sessions.sessions) == [session_id]
    assert not world.sessions.revoked
