"""A session may change who can get in for ten minutes after it proved who uses it, and no longer."""

import base64
from collections.abc import AsyncIterator

import pytest

from cse.core.errors import Unavailable
from cse.users.errors import InvalidToken
from cse.users.factor_errors import StepUpRequired, WrongProof
from cse.users.factor_ports import Proof
from cse.users.service import UserService
from cse.users.step_up import STEP_UP_MS
from cse.users.totp import code_at
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, START_MS, World


class Bench:
    """Ada (user 1) is registered."""

    def __init__(self, world: World, service: UserService) -> None:
        self.world, self.service = world, service
        self.secret = b""

    async def log_in(self, proof: Proof | None = None) -> str:
        """Return the id of the new session."""
        await self.service.login(EMAIL, PASSWORD, proof=proof or Proof())
        return list(self.world.sessions.sessions)[-1]

    def code(self) -> str:
        return code_at(self.secret, self.world.clock.now_ms() // 30_000)

    async def is_let_through(self, session_id: str, user_id: int = 1) -> bool:
        try:
            await self.service.step_ups.require(user_id, session_id)
        except (StepUpRequired, InvalidToken):
            return False
        return True


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    world = World()
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    yield Bench(world, service)
    service.close()


async def test_a_log_in_is_a_proof_for_ten_minutes(bench: Bench) -> None:
    """To the millisecond, and of its own person only."""
    session = await bench.log_in()
    bench.world.clock.time_ms += STEP_UP_MS
    assert await bench.is_let_through(session)
    assert not await bench.is_let_through(session, user_id=2)
    assert not await bench.is_let_through("f" * 32)
    bench.world.clock.time_ms += 1
    assert not await bench.is_let_through(session)


async def test_a_proof_is_good_for_its_session_and_ten_minutes(bench: Bench) -> None:
    """Another session of the same person has proved nothing by it; it is recorded how."""
    session, other = await bench.log_in(), await bench.log_in()
    bench.world.clock.time_ms += STEP_UP_MS + 1
    with pytest.raises(WrongProof):
        await bench.service.step_ups.prove(1, session, Proof("not the password"))
    assert not await bench.is_let_through(session)
    until = await bench.service.step_ups.prove(1, session, Proof(PASSWORD))
    assert until == bench.world.clock.now_ms() + STEP_UP_MS
    assert await bench.is_let_through(session)
    assert not await bench.is_let_through(other)
    act = bench.world.trail.acts[-1]
    assert (act.act.value, act.actor, act.after) == ("factor.step_up", "user:1", {"by": "password"})
    bench.world.clock.time_ms = until
    assert await bench.is_let_through(session)
    bench.world.clock.time_ms += 1
    assert not await bench.is_let_through(session)


async def test_proofs_from_before_the_authenticator_do_not_count(bench: Bench) -> None:
    """A thief who logged in with the password a minute ago gains nothing; the session that confirmed goes on."""
    thief, owner = await bench.log_in(), await bench.log_in()
    bench.world.clock.time_ms += 60_000
    made = await bench.service.factors.enrol(1)
    bench.secret = base64.b32decode(made.secret)
    assert await bench.is_let_through(thief)
    await bench.service.factors.confirm(1, owner, bench.code())
    assert not await bench.is_let_through(thief)
    assert await bench.is_let_through(owner)
    bench.world.clock.time_ms += 30_000
    with pytest.raises(WrongProof):
        await bench.service.step_ups.prove(1, thief, Proof(PASSWORD))
    assert await bench.is_let_through(await bench.log_in(Proof(totp=bench.code())))
    bench.world.clock.time_ms += 30_000
    with pytest.raises(StepUpRequired, match="a code of your second factor"):
        await bench.service.step_ups.require(1, thief)
    await bench.service.step_ups.prove(1, thief, Proof(totp=bench.code()))
    assert await bench.is_let_through(thief)


async def test_a_session_that_ended_proves_nothing(bench: Bench) -> None:
    """Neither its log-in nor a proof that comes too late."""
    session = await bench.log_in()
    await bench.world.sessions.revoke(session, START_MS)
    assert not await bench.is_let_through(session)
    with pytest.raises(InvalidToken):
        await bench.service.step_ups.prove(1, session, Proof(PASSWORD))


async def test_what_cannot_be_recorded_is_no_proof(bench: Bench) -> None:
    """The session stays as it was."""
    session = await bench.log_in()
    bench.world.clock.time_ms += STEP_UP_MS + 1
    bench.world.trail.fails = Unavailable("the audit trail is out of reach")
    with pytest.raises(Unavailable):
        await bench.service.step_ups.prove(1, session, Proof(PASSWORD))
    assert not await bench.is_let_through(session)
