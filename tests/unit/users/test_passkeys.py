"""Passkeys let in who holds them, are a second factor and a proof, and come and go by rules; all of it is recorded."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cse.users.devices import Device
from cse.users.errors import (
    InvalidField,
    TooManyAttempts,
)
from cse.users.factor_errors import FactorRequired, NoTotp, StepUpRequired, WrongFactor, WrongProof
from cse.users.factor_ports import Proof
from cse.users.factors import FREE_ATTEMPTS
from cse.users.passkeys.errors import (
    LastFactor,
    PasskeyKnown,
    PasskeyRefused,
    TooManyPasskeys,
)
from cse.users.passkeys.service import MOST
from tests.unit.users.authenticator import BACKED_UP, BACKUP_ELIGIBLE, Authenticator
from tests.unit.users.passkey_bench import (
    ADA,
    BOB,
    Bench,
    assertion,
    passkey_bench,
)
from tests.unit.users.people import EMAIL, PASSWORD


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with passkey_bench() as made:
        yield made


async def test_a_passkey_logs_in_alone_and_beside_the_password(bench: Bench) -> None:
    """Its first registration brings recovery codes; from then on the password alone is not enough."""
    key = Authenticator()
    added = await bench.add(key)
    assert len(added.recovery_codes or []) == 10
    assert added.passkey.transports == ("internal",)
    await bench.log_in(key)
    with pytest.raises(FactorRequired) as told:
        await bench.service.login(EMAIL, PASSWORD)
    assert told.value.kinds == ("passkey", "recovery_code")
    options = dict(told.value.passkey_options or {})
    assert len(options["allowCredentials"]) == 1
    await bench.begin(ADA, passkey=assertion(key.get(options)))
    await bench.begin(BOB)
    assert (await bench.own.of(ADA))[0].sign_count == 2
    second = await bench.add(Authenticator(), label="laptop")
    assert second.recovery_codes is None


async def test_options_ask_for_what_we_require(bench: Bench) -> None:
    """Discoverable, user verification, no attestation, our algorithms; known credentials are not made twice."""
    options: Any = await bench.own.registration_options(ADA, bench.sessions[ADA])
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert options["attestation"] == "none"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7, -257]
    assert options["excludeCredentials"] == []
    key = Authenticator()
    await bench.add(key)
    again: Any = await bench.own.registration_options(ADA, bench.sessions[ADA])
    assert len(again["excludeCredentials"]) == 1
    assert again["user"]["id"] != options["user"]["id"]
    assert EMAIL.encode() not in key.handle
    log_in: Any = await bench.log_ins.options()
    assert (log_in["allowCredentials"], log_in["userVerification"]) == ([], "required")


async def test_one_credential_is_one_persons(bench: Bench) -> None:
    """Nobody can register what is somebody's, and nobody has more than the most."""
    key = Authenticator()
    await bench.add(key)
    with pytest.raises(PasskeyKnown):
        await bench.add(key, BOB)
    for _ in range(MOST - 1):
        await bench.add(Authenticator())
    with pytest.raises(TooManyPasskeys):
        await bench.own.registration_options(ADA, bench.sessions[ADA])


async def test_the_last_factor_takes_the_password(bench: Bench) -> None:
    """Others go by the step-up alone; guesses at the password are counted; the codes go with the last factor."""
    first, second = Authenticator(), Authenticator()
    codes = (await bench.add(first)).recovery_codes or []
    one, two = (await bench.add(second)).passkey, (await bench.own.of(ADA))[0]
    assert await bench.own.remove(BOB, one.passkey_id) is None
    assert await bench.own.remove(ADA, one.passkey_id) is not None
    assert await bench.own.remove(ADA, one.passkey_id) is None
    with pytest.raises(LastFactor):
        await bench.own.remove(ADA, two.passkey_id)
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongProof):
            await bench.own.remove(ADA, two.passkey_id, "not the password")
    with pytest.raises(TooManyAttempts):
        await bench.own.remove(ADA, two.passkey_id, PASSWORD)
    bench.world.clock.time_ms += 86_400_000
    assert await bench.own.remove(ADA, two.passkey_id, PASSWORD) is not None
    await bench.begin(ADA)
    assert (await bench.service.factors.status(ADA)).codes_left == 0
    with pytest.raises(NoTotp):
        await bench.service.factors.make_recovery_codes(ADA)
    with pytest.raises(PasskeyRefused):
        await bench.log_in(first)
    assert codes


async def test_recovery_codes_stand_in_for_a_lost_passkey(bench: Bench) -> None:
    """Each lets in once; new ones can be made; TOTP codes mean nothing without an authenticator."""
    codes = (await bench.add(Authenticator())).recovery_codes or []
    await bench.begin(ADA, recovery_code=codes[0])
    with pytest.raises(WrongFactor):
        await bench.begin(ADA, recovery_code=codes[0])
    with pytest.raises(WrongFactor):
        await bench.begin(ADA, totp="000000")
    assert (await bench.service.factors.status(ADA)).codes_left == 9
    new = await bench.service.factors.make_recovery_codes(ADA)
    await bench.begin(ADA, recovery_code=new[0])


async def test_support_resets_all_factors(bench: Bench) -> None:
    """Passkeys and recovery codes go; the password alone lets in again, until a new one is added."""
    key = Authenticator()
    await bench.add(key)
    assert await bench.service.factors.reset(ADA)
    assert not await bench.service.factors.reset(ADA)
    with pytest.raises(PasskeyRefused):
        await bench.log_in(key)
    await bench.begin(ADA)
    assert await bench.own.of(ADA) == []


async def test_step_up_by_passkey(bench: Bench) -> None:
    """Proofs from before the first passkey do not count, but of the session that added it; a passkey is a proof."""
    elsewhere = await bench.begin(ADA)
    bench.world.clock.time_ms += 1
    here = await bench.begin(ADA)
    bench.world.clock.time_ms += 1
    key = Authenticator()
    await bench.add(key)
    await bench.service.step_ups.require(ADA, here)
    with pytest.raises(StepUpRequired):
        await bench.service.step_ups.require(ADA, elsewhere)
    with pytest.raises(WrongProof):
        await bench.service.step_ups.prove(ADA, elsewhere, Proof(PASSWORD))
    options = await bench.own.step_up_options(ADA, elsewhere)
    used = assertion(key.get(dict(options)))
    await bench.service.step_ups.prove(ADA, elsewhere, Proof(passkey=used))
    await bench.service.step_ups.require(ADA, elsewhere)


async def test_what_is_done_with_passkeys_is_recorded(bench: Bench) -> None:
    """Added, refused, suspected, removed, and who logged in from where; names of credentials are in no record."""
    key = Authenticator()
    added = await bench.add(key, label=" my phone ")
    assert added.passkey.label == "my phone"
    await bench.log_in(key, Device("203.0.113.7", "a browser"))
    key.flags |= BACKUP_ELIGIBLE | BACKED_UP
    await bench.log_in(key)
    assert (await bench.own.of(ADA))[0].backed_up
    bob = Authenticator()
    with pytest.raises(WrongFactor):
        await bench.begin(ADA, passkey=assertion(bob.get(await bench.second_factor())))
    key.origin = "https://evil.example"
    with pytest.raises(PasskeyRefused):
        await bench.log_in(key)
    refused = [a for a in bench.world.trail.acts if a.act.value == "session.log_in_refused"]
    assert [(act.object, act.reason) for act in refused] == [("user:1", "wrong_passkey")]
    await bench.own.remove(ADA, added.passkey.passkey_id, PASSWORD)
    assert bench.acts() == ["factor.add", "factor.refuse", "factor.remove"]


async def test_labels_are_printable(bench: Bench) -> None:
    """Nothing that cannot be seen, or turns a page around; a rename is the owner's only."""
    added = await bench.add(Authenticator())
    own = added.passkey.passkey_id
    for label in ("", "  ", "a\nb", "\u202eabc", "x" * 65):
        with pytest.raises(InvalidField):
            await bench.own.rename(ADA, own, label)
    assert await bench.own.rename(BOB, own, "mine now") is None
    renamed = await bench.own.rename(ADA, own, "Handy")
    assert renamed is not None
    assert renamed.label == "Handy"
