"""Attacks on passkeys, each by its name: whatever is not its holder, on our page, now, is refused."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from cse.messages.wire import AccountStatus
from cse.users.devices import NO_DEVICE
from cse.users.errors import (
    AccountNotOpen,
    InvalidToken,
    WrongCredentials,
)
from cse.users.factor_errors import WrongFactor, WrongProof
from cse.users.factor_ports import Proof
from cse.users.passkeys import verifying
from cse.users.passkeys.challenges import CHALLENGE_MS
from cse.users.passkeys.errors import (
    PasskeyRefused,
)
from tests.unit.users.authenticator import Authenticator
from tests.unit.users.passkey_bench import (
    ADA,
    BOB,
    PARTY,
    Bench,
    assertion,
    attestation,
    passkey_bench,
)
from tests.unit.users.people import EMAIL, PASSWORD


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with passkey_bench() as made:
        yield made


async def test_replayed_assertion(bench: Bench) -> None:
    """What was good once is refused, also when it comes ten times at once."""
    key = Authenticator()
    key.counts = False  # so that the challenge alone decides
    await bench.add(key)
    used = await bench.answer(key)
    rush = await asyncio.gather(
        *(bench.log_ins.log_in(used, NO_DEVICE) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(each, PasskeyRefused) for each in rush) == 9
    with pytest.raises(PasskeyRefused):
        await bench.log_ins.log_in(used, NO_DEVICE)
    late = await bench.answer(key)
    bench.world.clock.time_ms += CHALLENGE_MS
    with pytest.raises(PasskeyRefused):
        await bench.log_ins.log_in(late, NO_DEVICE)


@pytest.mark.parametrize(
    "origin",
    [
        "https://exchange.example.evil.example",
        "http://localhost:8001",
        "http://localhost",
        "https://localhost:8000",
        "null",
        "",
    ],
)
async def test_foreign_origin(bench: Bench, origin: str) -> None:
    """A page that is not ours can relay everything but its own address; when it is used and when it is made."""
    key = Authenticator()
    await bench.add(key)
    stranger = Authenticator()
    key.origin = stranger.origin = origin
    with pytest.raises(PasskeyRefused):
        await bench.log_in(key)
    with pytest.raises(PasskeyRefused):
        await bench.add(stranger)


async def test_foreign_rp_id(bench: Bench) -> None:
    """What is signed for another domain is not for us."""
    key, stranger = Authenticator(), Authenticator()
    await bench.add(key)
    key.rp_id = stranger.rp_id = "evil.example"
    with pytest.raises(PasskeyRefused):
        await bench.log_in(key)
    with pytest.raises(PasskeyRefused):
        await bench.add(stranger)


async def test_foreign_users_credential(bench: Bench) -> None:
    """Bob's passkey is neither Ada's second factor nor her step-up, and no handle makes it hers."""
    ada, bob = Authenticator(), Authenticator()
    await bench.add(ada)
    await bench.add(bob, BOB)
    stolen = assertion(bob.get(await bench.second_factor()))
    with pytest.raises(WrongFactor):
        await bench.service.login(EMAIL, PASSWORD, proof=Proof(passkey=stolen))
    options = await bench.own.step_up_options(ADA, bench.sessions[ADA])
    with pytest.raises(WrongProof):
        await bench.service.step_ups.prove(
            ADA, bench.sessions[ADA], Proof(passkey=assertion(bob.get(dict(options))))
        )
    bob.handle = ada.handle
    for handle in (ada.handle, b"", b"x" * 32):
        bob.handle = handle
        with pytest.raises(PasskeyRefused):
            await bench.log_in(bob)
    bob.credential_id = ada.credential_id
    with pytest.raises(PasskeyRefused):
        await bench.log_in(bob)
    with pytest.raises(PasskeyRefused):
        await bench.log_in(Authenticator())


async def test_missing_user_verification(bench: Bench) -> None:
    """A touch is not enough: who holds the device must be its owner."""
    key, other = Authenticator(), Authenticator()
    await bench.add(key)
    for flags in (0, 1, 4):
        key.flags = other.flags = flags
        with pytest.raises(PasskeyRefused):
            await bench.log_in(key)
        with pytest.raises(PasskeyRefused):
            await bench.add(other)


async def test_counter_going_back(bench: Bench) -> None:
    """Two copies of a key count apart: the one behind is refused and recorded, the one ahead goes on."""
    key = Authenticator()
    await bench.add(key)
    for _ in range(3):
        await bench.log_in(key)
    for counter in (0, 2):  # the next one says 1 and 3
        key.counter = counter
        with pytest.raises(PasskeyRefused):
            await bench.log_in(key)
    key.counts, key.counter = False, 0
    with pytest.raises(PasskeyRefused):
        await bench.log_in(key)
    suspected = [a for a in bench.world.trail.acts if a.act.value == "factor.suspect_clone"]
    assert [act.after["sign_count"] for act in suspected] == [1, 3, 0]
    assert {act.before["sign_count"] for act in suspected} == {3}
    key.counts, key.counter = True, 3
    await bench.log_in(key)


async def test_challenge_of_another_session(bench: Bench) -> None:
    """Of a step-up, a registration, a log-in: each is for one purpose, person and session, and burns when misused."""
    key = Authenticator()
    await bench.add(key)
    there = bench.sessions[ADA]
    here = await bench.begin(ADA, passkey=assertion(key.get(await bench.second_factor())))
    asked = await bench.own.step_up_options(ADA, there)
    proof = Proof(passkey=assertion(key.get(dict(asked))))
    with pytest.raises(WrongProof):
        await bench.service.step_ups.prove(ADA, here, proof)
    with pytest.raises(WrongProof):
        await bench.service.step_ups.prove(ADA, there, proof)
    with pytest.raises(PasskeyRefused):
        await bench.log_ins.log_in(
            assertion(key.get(dict(await bench.own.step_up_options(ADA, here)))), NO_DEVICE
        )
    with pytest.raises(WrongFactor):
        await bench.begin(ADA, passkey=await bench.answer(key))
    made = await bench.own.registration_options(ADA, there)
    told = attestation(Authenticator().create(dict(made)))
    for user_id, session_id in ((ADA, here), (BOB, bench.sessions[BOB]), (ADA, there)):
        with pytest.raises(PasskeyRefused):
            await bench.own.add(user_id, session_id, told, "mine")
    assert len(await bench.own.of(ADA)) == 1


async def test_wrong_algorithm(bench: Bench) -> None:
    """A key of an algorithm that we did not offer, or that is no key of its algorithm, is not stored."""
    for algorithm in (-35, -65535, -48, 0, -257, -8):
        key = Authenticator()
        key.algorithm = algorithm
        with pytest.raises(PasskeyRefused):
            await bench.add(key)
    assert await bench.own.of(ADA) == []


async def test_made_up_bytes_are_refused_and_never_a_fault(bench: Bench) -> None:
    """A thousand answers with flipped, cut and doubled bytes: nothing but refusals comes of them."""
    key = Authenticator()
    await bench.add(key)
    chance = random.Random(14)
    options = dict(await bench.log_ins.options())
    good = assertion(key.get(options))
    passkey = (await bench.own.of(ADA))[0]
    made = attestation(Authenticator().create(dict(await bench.own.registration_options(1, "s"))))
    challenge = verifying.challenge_in(made.client_data)
    for _ in range(500):
        field = chance.choice(["client_data", "authenticator_data", "signature"])
        used = msgspec.structs.replace(good, **{field: _spoilt(getattr(good, field), chance)})
        with pytest.raises(PasskeyRefused):
            verifying.verify_assertion(
                used, passkey, verifying.challenge_in(used.client_data), PARTY
            )
        bad = _spoilt(made.attestation_object, chance)
        try:
            verifying.verify_registration(
                msgspec.structs.replace(made, attestation_object=bad), challenge, PARTY
            )
        except PasskeyRefused:
            continue  # a changed counter or point may still be a passkey of its own


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    kind = chance.randrange(3)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
    return data[:at] if kind == 1 else data[:at] + data[at:] * 2


async def test_a_frozen_account_is_let_in_by_no_passkey(bench: Bench) -> None:
    """As with the password: told who it is about only after the passkey was good."""
    key = Authenticator()
    await bench.add(key)
    bench.world.statuses[1_000] = AccountStatus.FROZEN
    with pytest.raises(AccountNotOpen):
        await bench.log_in(key)
    key.origin = "https://evil.example"
    with pytest.raises(PasskeyRefused):
        await bench.log_in(key)


async def test_a_passkey_that_goes_while_it_logs_in_opens_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Support resets factors after the check and before the session: the session is ended."""
    key = Authenticator()
    await bench.add(key)
    add_session = bench.world.sessions.add_session

    async def reset_first(*given: Any) -> None:
        await bench.service.factors.reset(ADA)
        await add_session(*given)

    monkeypatch.setattr(bench.world.sessions, "add_session", reset_first)
    with pytest.raises(PasskeyRefused):
        await bench.log_in(key)
    last = list(bench.world.sessions.sessions)[-1]
    assert last in bench.world.sessions.revoked


async def test_a_right_passkey_does_not_save_a_wrong_password(bench: Bench) -> None:
    """Options of a second factor are told after the right password only, and the log-in asks for it again."""
    key = Authenticator()
    await bench.add(key)
    with pytest.raises(WrongCredentials):
        await bench.service.login(EMAIL, "not the password")
    used = assertion(key.get(await bench.second_factor()))
    with pytest.raises(WrongCredentials):
        await bench.service.login(EMAIL, "not the password", proof=Proof(passkey=used))
    await bench.begin(ADA, passkey=used)
    with pytest.raises(InvalidToken):
        await bench.service.step_ups.require(ADA, "f" * 32)
