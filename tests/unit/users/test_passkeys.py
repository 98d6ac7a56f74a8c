"""Passkeys let in who holds them, on our pages, with the authenticator's word who uses it; whatever else is refused."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from cse.gateway.http.passkey_json import AssertionJson, AttestationJson
from cse.messages.wire import AccountStatus
from cse.users.core import UserCore
from cse.users.devices import NO_DEVICE, Device
from cse.users.errors import (
    AccountNotOpen,
    InvalidField,
    InvalidToken,
    TooManyAttempts,
    WrongCredentials,
)
from cse.users.factor_errors import FactorRequired, NoTotp, StepUpRequired, WrongFactor, WrongProof
from cse.users.factor_ports import Proof
from cse.users.factors import FREE_ATTEMPTS
from cse.users.passkeys import verifying
from cse.users.passkeys.challenges import CHALLENGE_MS, Challenges
from cse.users.passkeys.checking import CheckParts, PasskeyChecker
from cse.users.passkeys.errors import (
    LastFactor,
    PasskeyKnown,
    PasskeyRefused,
    TooManyPasskeys,
)
from cse.users.passkeys.log_in import LogInParts, PasskeyLogIns
from cse.users.passkeys.model import Assertion, Attestation, RelyingParty
from cse.users.passkeys.service import MOST, Added, PasskeyParts, Passkeys
from cse.users.refused_logins import RefusedLogIns
from cse.users.service import UserService
from tests.unit.users.authenticator import BACKED_UP, BACKUP_ELIGIBLE, Authenticator
from tests.unit.users.passkey_stores import MemoryPasskeyStore
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, World

PARTY = RelyingParty("localhost", ("http://localhost:8000", "https://exchange.example"))
OTHER = "bob@example.com"
ADA, BOB = 1, 2


def assertion(told: dict[str, Any]) -> Assertion:
    return msgspec.convert(told, AssertionJson).parsed()


def attestation(told: dict[str, Any]) -> Attestation:
    return msgspec.convert(told, AttestationJson).parsed()


class Bench:
    """Ada (1) and Bob (2) are registered; each has a session."""

    def __init__(self, world: World, service: UserService, core: UserCore) -> None:
        self.world, self.service = world, service
        self.store = MemoryPasskeyStore(world.factors)
        challenges = Challenges(core.cache)
        checker = PasskeyChecker(
            CheckParts(self.store, challenges, PARTY, world.trail, world.clock)
        )
        core.factors.accept_passkeys(checker)
        self.own = Passkeys(
            PasskeyParts(
                store=self.store,
                users=core.users,
                challenges=challenges,
                checker=checker,
                factors=core.factors,
                party=PARTY,
                audit=world.trail,
                notices=core.notices,
                clock=world.clock,
            )
        )
        refused = RefusedLogIns(world.trail, world.clock)
        self.log_ins = PasskeyLogIns(
            LogInParts(self.store, core.users, checker, core.sessions, refused)
        )
        self.sessions: dict[int, str] = {}

    async def begin(self, user_id: int, **proof: Any) -> str:
        """A new session by the password; its id."""
        email = EMAIL if user_id == ADA else OTHER
        await self.service.login(email, PASSWORD, proof=Proof(**proof))
        self.sessions[user_id] = list(self.world.sessions.sessions)[-1]
        return self.sessions[user_id]

    async def add(self, key: Authenticator, user_id: int = ADA, label: str = "phone") -> Added:
        session_id = self.sessions[user_id]
        options = await self.own.registration_options(user_id, session_id)
        return await self.own.add(
            user_id, session_id, attestation(key.create(dict(options))), label
        )

    async def log_in(self, key: Authenticator, device: Device = NO_DEVICE) -> Any:
        return await self.log_ins.log_in(await self.answer(key), device)

    async def answer(self, key: Authenticator) -> Assertion:
        return assertion(key.get(dict(await self.log_ins.options())))

    async def second_factor(self, email: str = EMAIL) -> dict[str, Any]:
        """The options that a right password alone is told."""
        with pytest.raises(FactorRequired) as told:
            await self.service.login(email, PASSWORD)
        assert told.value.passkey_options is not None
        return dict(told.value.passkey_options)

    def acts(self) -> list[str]:
        return [name for name in self.world.trail.names() if name.startswith("factor.")]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    world = World()
    assembled = world.assemble()
    service = assembled.service
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    await service.register(OTHER, PASSWORD, "bob")
    made = Bench(world, service, assembled.core)
    await made.begin(ADA)
    await made.begin(BOB)
    yield made
    service.close()


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
