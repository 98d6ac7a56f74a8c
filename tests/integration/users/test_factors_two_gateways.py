"""Second factors on two gateways, without Redis too: codes good once, guesses counted together, proofs on both."""

import asyncio
import base64
import time

import pytest

from cse.core.errors import CseError
from cse.users.errors import TooManyAttempts
from cse.users.factor_errors import StepUpRequired, WrongFactor, WrongProof
from cse.users.factor_ports import Proof
from cse.users.factors import FREE_ATTEMPTS
from cse.users.totp import STEP_SECONDS, code_at, matching_step
from tests.integration.users.test_two_gateways import Gateway, pair
from tests.servers import PrivateRedis
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD

__all__ = ["pair"]
SESSION = "a" * 32


async def enrolled(here: Gateway) -> bytes:
    """Register Ada (user 1) with an authenticator; the code of this step is used up."""
    await here.service.register(EMAIL, PASSWORD, HANDLE)
    secret = base64.b32decode((await here.service.factors.enrol(1)).secret)
    step = int(time.time()) // STEP_SECONDS
    await here.service.factors.confirm(1, SESSION, code_at(secret, step))
    return secret


def next_code(secret: bytes) -> str:
    """The code of the next step, which is accepted already."""
    return code_at(secret, int(time.time()) // STEP_SECONDS + 1)


def wrong_code(secret: bytes) -> str:
    """Six digits that are no code now."""
    now_ms = int(time.time() * 1_000)
    tried = (f"{number:06}" for number in range(9))
    return next(code for code in tried if matching_step(secret, code, now_ms) is None)


async def outcome(gateway: Gateway, **proof: str) -> type[CseError] | None:
    """Log in; return what was refused with, None for a session."""
    try:
        await gateway.service.login(EMAIL, PASSWORD, proof=Proof(**proof))
    except CseError as error:
        return type(error)
    return None


async def test_a_code_is_good_once_on_both(
    pair: tuple[Gateway, Gateway], private_redis: PrivateRedis
) -> None:
    """Four log-ins with one code on two gateways at once, without Redis: one session."""
    secret = await enrolled(pair[0])
    private_redis.kill()
    code = next_code(secret)
    outcomes = await asyncio.gather(*(outcome(each, totp=code) for each in pair * 2))
    assert outcomes.count(None) == 1
    assert outcomes.count(WrongFactor) == 3


async def test_guesses_are_counted_on_both_together(
    pair: tuple[Gateway, Gateway], private_redis: PrivateRedis
) -> None:
    """Twenty at once, half here and half there, and Redis is gone: five are looked at. A recovery code still opens."""
    secret = await enrolled(pair[0])
    (code, *_) = await pair[1].service.factors.make_recovery_codes(1)
    private_redis.kill()
    wrong = wrong_code(secret)
    outcomes = await asyncio.gather(*(outcome(each, totp=wrong) for each in pair * 10))
    assert outcomes.count(WrongFactor) == FREE_ATTEMPTS
    assert outcomes.count(TooManyAttempts) == 20 - FREE_ATTEMPTS
    assert await outcome(pair[1], totp=next_code(secret)) is TooManyAttempts
    assert await outcome(pair[0], recovery_code=code) is None
    assert await outcome(pair[1], recovery_code=code) is WrongFactor


async def test_a_proof_counts_on_both(pair: tuple[Gateway, Gateway]) -> None:
    """A session from before the authenticator proves itself here and is let through there."""
    here, there = pair
    await here.service.register(EMAIL, PASSWORD, HANDLE)
    await here.service.login(EMAIL, PASSWORD)
    (session,) = await here.service.session_list.page(1, before=None, limit=9)
    session_id = session.session_id
    await there.service.step_ups.require(1, session_id)
    secret = base64.b32decode((await there.service.factors.enrol(1)).secret)
    step = int(time.time()) // STEP_SECONDS
    await there.service.factors.confirm(1, SESSION, code_at(secret, step))
    with pytest.raises(StepUpRequired):
        await here.service.step_ups.require(1, session_id)
    with pytest.raises(WrongProof):
        await here.service.step_ups.prove(1, session_id, Proof(PASSWORD))
    await here.service.step_ups.prove(1, session_id, Proof(totp=next_code(secret)))
    await there.service.step_ups.require(1, session_id)
