"""Second factors let in who has them: codes good once, guesses counted over all addresses, no owner locked out."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from cse.core.errors import Unavailable
from cse.users.errors import DamagedKeys, TooManyAttempts, UnknownUser, WrongCredentials
from cse.users.factor_errors import FactorRequired, NoTotp, TotpActive, WrongFactor, WrongProof
from cse.users.factor_ports import Proof
from cse.users.factors import FIRST_LOCK_MS, FREE_ATTEMPTS, LONGEST_LOCK_MS, lock_for
from cse.users.model import TokenPair
from cse.users.service import UserService
from cse.users.totp import STEP_SECONDS, code_at
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, World

STEP_MS = STEP_SECONDS * 1_000
OTHER = "bob@example.com"


class Bench:
    """Ada (user 1) and Bob (user 2) are registered; times move by whole steps."""

    def __init__(self, world: World, service: UserService) -> None:
        self.world, self.service, self.factors = world, service, service.factors
        self.secrets: dict[int, bytes] = {}

    def code(self, user_id: int = 1, steps: int = 0) -> str:
        """The code that the app of a person shows, so many steps from now."""
        now = self.world.clock.now_ms() // STEP_MS
        return code_at(self.secrets[user_id], now + steps)

    def wrong(self) -> str:
        """Six digits that are no code now."""
        good = {self.code(steps=steps) for steps in (-1, 0, 1)}
        return next(f"{number:06}" for number in range(9) if f"{number:06}" not in good)

    def wait(self, ms: int = STEP_MS) -> None:
        self.world.clock.time_ms += ms

    async def add(self, user_id: int = 1) -> list[str]:
        """Give somebody an authenticator; return the recovery codes. A step passes."""
        made = await self.factors.enrol(user_id)
        self.secrets[user_id] = base64.b32decode(made.secret)
        codes = await self.factors.confirm(user_id, "a" * 32, self.code(user_id))
        self.wait()
        return codes

    async def log_in(self, network: str = "", **proof: str) -> TokenPair:
        return await self.service.login(EMAIL, PASSWORD, network, proof=Proof(**proof))

    def acts(self) -> list[tuple[str, dict[str, Any]]]:
        """What was recorded of factors, oldest first."""
        found = [act for act in self.world.trail.acts if act.act.value.startswith("factor.")]
        return [(act.act.value, dict(act.after)) for act in found]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    world = World()
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    await service.register(OTHER, PASSWORD, "bob")
    yield Bench(world, service)
    service.close()


async def test_log_ins_ask_for_the_code_from_the_confirmation_on(bench: Bench) -> None:
    """An authenticator that waits asks nobody; a confirmed one asks everybody, once the password was right."""
    made = await bench.factors.enrol(1)
    assert made.uri.startswith("otpauth://totp/CS%20Exchange:ada%40example.com?")
    await bench.log_in()
    assert (await bench.factors.status(1)).is_waiting
    await bench.add()
    with pytest.raises(FactorRequired):
        await bench.log_in()
    with pytest.raises(WrongFactor):
        await bench.log_in(totp=bench.wrong())
    with pytest.raises(WrongCredentials):
        await bench.service.login(EMAIL, "not the password", proof=Proof(totp=bench.code()))
    await bench.log_in(totp=bench.code())
    await bench.service.login(OTHER, PASSWORD)


async def test_enrolling_again_replaces_what_waits_and_never_what_is_confirmed(
    bench: Bench,
) -> None:
    """The code of the secret that was shown first confirms nothing."""
    first = base64.b32decode((await bench.factors.enrol(1)).secret)
    bench.secrets[1] = base64.b32decode((await bench.factors.enrol(1)).secret)
    now = bench.world.clock.now_ms() // STEP_MS
    with pytest.raises(WrongProof):
        await bench.factors.confirm(1, "a" * 32, code_at(first, now))
    await bench.factors.confirm(1, "a" * 32, bench.code())
    with pytest.raises(TotpActive):
        await bench.factors.enrol(1)
    with pytest.raises(NoTotp):
        await bench.factors.confirm(1, "a" * 32, bench.code(steps=1))
    with pytest.raises(UnknownUser):
        await bench.factors.enrol(99)
    with pytest.raises(NoTotp):
        await bench.factors.confirm(2, "a" * 32, bench.code())


async def test_totp_reuse(bench: Bench) -> None:
    """A code is good once, on all gateways together, at any door, and so is none of an earlier step."""
    made = await bench.factors.enrol(1)
    bench.secrets[1] = base64.b32decode(made.secret)
    await bench.factors.confirm(1, "a" * 32, bench.code())
    with pytest.raises(WrongFactor):
        await bench.log_in(totp=bench.code())
    bench.wait()
    await bench.log_in(totp=bench.code(steps=1))
    elsewhere = await bench.world.service()
    for late in (bench.code(steps=1), bench.code(), bench.code(steps=-1)):
        with pytest.raises(WrongFactor):
            await elsewhere.login(EMAIL, PASSWORD, proof=Proof(totp=late))
        with pytest.raises(WrongProof):
            await bench.factors.prove(1, Proof(totp=late))
    elsewhere.close()


async def test_one_code_sent_many_times_at_once_lets_in_once(bench: Bench) -> None:
    """A stolen code that races its owner's own log-in."""
    await bench.add()
    same = Proof(totp=bench.code())
    user = (await bench.world.users.credentials(EMAIL)).user  # type: ignore[union-attr]  # registered
    answers = await asyncio.gather(
        *(bench.factors.check_log_in(user, same) for _ in range(FREE_ATTEMPTS)),
        return_exceptions=True,
    )
    assert sum(answer is None for answer in answers) == 1


async def test_totp_brute_force_over_many_ips(bench: Bench) -> None:
    """Wherever they come from: five guesses, then one per lock, each twice as long; the right code waits, too."""
    await bench.add()
    guesses = 0
    waited: list[int] = []
    for number in range(300):
        try:
            await bench.log_in(f"203.0.113.{number % 250}", totp=bench.wrong())
        except WrongFactor:
            guesses += 1
        except TooManyAttempts as error:
            with pytest.raises(TooManyAttempts):
                await bench.log_in("198.51.100.1", totp=bench.code())
            waited.append(error.retry_after_ms)
            bench.wait(error.retry_after_ms)
        if len(waited) == 9:
            break
    assert waited[:6] == [FIRST_LOCK_MS << step for step in range(6)]
    assert guesses == FREE_ATTEMPTS + len(waited) - 1
    bench.wait()
    await bench.log_in("198.51.100.1", totp=bench.code())
    with pytest.raises(WrongFactor):
        await bench.log_in(totp=bench.wrong())


async def test_a_hundred_guesses_at_once_are_five(bench: Bench) -> None:
    """They are counted before they are checked."""
    await bench.add()
    user = (await bench.world.users.credentials(EMAIL)).user  # type: ignore[union-attr]  # registered
    answers = await asyncio.gather(
        *(bench.factors.check_log_in(user, Proof(totp=bench.wrong())) for _ in range(100)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, WrongFactor) for answer in answers) == FREE_ATTEMPTS
    assert sum(isinstance(answer, TooManyAttempts) for answer in answers) == 100 - FREE_ATTEMPTS


def test_locks_double_up_to_a_day() -> None:
    """And never overflow or shrink."""
    locks = [lock_for(attempts) for attempts in range(200)]
    assert locks[:FREE_ATTEMPTS] == [0] * FREE_ATTEMPTS
    assert locks[FREE_ATTEMPTS] == FIRST_LOCK_MS
    assert locks == sorted(locks)
    assert locks[-1] == LONGEST_LOCK_MS


async def test_a_stranger_with_the_password_locks_out_no_owner(bench: Bench) -> None:
    """Sessions go on, step-up works, and a recovery code lets the owner in and opens the door again."""
    codes = await bench.add()
    pair = await bench.log_in(totp=bench.code())
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongFactor):
            await bench.log_in("192.0.2.66", totp=bench.wrong())
    bench.wait(1)
    with pytest.raises(TooManyAttempts):
        await bench.log_in(totp=bench.code())
    await bench.service.refresh(pair.refresh_token)
    assert await bench.factors.prove(1, Proof(totp=bench.code(steps=1))) == "totp"
    await bench.log_in(recovery_code=codes[0])
    bench.wait(STEP_MS - 1)
    await bench.log_in(totp=bench.code(steps=1))


async def test_code_of_another_account(bench: Bench) -> None:
    """Bob's codes, of either kind, open nothing of Ada's, also when his row is put in the place of hers."""
    await bench.add()
    theirs = await bench.add(2)
    bench.wait(2 * STEP_MS)
    for proof in (Proof(totp=bench.code(2)), Proof(recovery_code=theirs[0])):
        with pytest.raises(WrongFactor):
            await bench.service.login(EMAIL, PASSWORD, proof=proof)
        with pytest.raises(WrongProof):
            await bench.factors.prove(1, proof)
    store = bench.world.factors
    store.codes[1] = dict(store.codes[2])
    with pytest.raises(WrongFactor):
        await bench.log_in(recovery_code=theirs[0])
    ours = store.totps[1]
    store.totps[1] = type(ours)(1, store.totps[2].sealed, ours.enrolled_at, ours.confirmed_at, 0)
    with pytest.raises(DamagedKeys):
        await bench.log_in(totp=bench.code(2))


async def test_clock_skew_borders_at_log_in(bench: Bench) -> None:
    """One step early and one late are let in; two are not."""
    await bench.add()
    bench.wait(5 * STEP_MS)
    for steps in (-2, 2):
        with pytest.raises(WrongFactor):
            await bench.log_in(totp=bench.code(steps=steps))
    await bench.log_in(totp=bench.code(steps=-1))
    await bench.log_in(totp=bench.code(steps=1))


async def test_disabled_factor(bench: Bench) -> None:
    """It takes password and code; afterwards neither its codes nor its recovery codes mean anything."""
    codes = await bench.add()
    for missing in (Proof(totp=bench.code()), Proof(password=PASSWORD)):
        with pytest.raises(WrongProof):
            await bench.factors.disable(1, missing)
    with pytest.raises(WrongProof):
        await bench.factors.disable(1, Proof("not the password", bench.code()))
    await bench.factors.disable(1, Proof(PASSWORD, bench.code()))
    await bench.log_in()
    assert (await bench.factors.status(1)).codes_left == 0
    with pytest.raises(NoTotp):
        await bench.factors.disable(1, Proof(PASSWORD, bench.code()))
    with pytest.raises(NoTotp):
        await bench.factors.make_recovery_codes(1)
    bench.wait()
    old = bench.code()
    fresh = await bench.add()
    with pytest.raises(WrongFactor):
        await bench.log_in(totp=old)
    with pytest.raises(WrongFactor):
        await bench.log_in(recovery_code=codes[0])
    await bench.log_in(recovery_code=fresh[0])


async def test_a_lost_authenticator_is_disabled_with_a_recovery_code(bench: Bench) -> None:
    """The password and a recovery code do what the password and a code do."""
    codes = await bench.add()
    await bench.factors.disable(1, Proof(PASSWORD, recovery_code=codes[3]))
    await bench.log_in()


async def test_the_right_password_does_not_buy_more_guesses_at_disabling(bench: Bench) -> None:
    """Each try counts once, whichever half of it was wrong."""
    await bench.add()
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongProof):
            await bench.factors.disable(1, Proof(PASSWORD, bench.wrong()))
    with pytest.raises(TooManyAttempts):
        await bench.factors.disable(1, Proof(PASSWORD, bench.wrong()))


async def test_recovery_code_reuse(bench: Bench) -> None:
    """Each lets in once, however it is typed and at whichever door; the record tells how many are left."""
    codes = await bench.add()
    await bench.log_in(recovery_code=codes[0])
    for again in (codes[0], codes[0].upper().replace("-", " ")):
        with pytest.raises(WrongFactor):
            await bench.log_in(recovery_code=again)
        with pytest.raises(WrongProof):
            await bench.factors.prove(1, Proof(recovery_code=again))
    await bench.log_in(recovery_code=codes[1].upper())
    assert (await bench.factors.status(1)).codes_left == 8
    used = [after for act, after in bench.acts() if act == "factor.use_recovery_code"]
    assert used == [{"codes_left": 9}, {"codes_left": 8}]


async def test_of_two_uses_of_a_recovery_code_the_slower_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen it unused; the store says that another gateway was quicker."""
    codes = await bench.add()

    async def taken(*_: object) -> bool:
        return False

    monkeypatch.setattr(bench.world.factors, "use_code", taken)
    with pytest.raises(WrongFactor):
        await bench.log_in(recovery_code=codes[0])


async def test_guesses_at_a_confirmation_are_counted(bench: Bench) -> None:
    """Its answer holds recovery codes: a stolen session must not guess its way to them."""
    bench.secrets[1] = base64.b32decode((await bench.factors.enrol(1)).secret)
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongProof):
            await bench.factors.confirm(1, "a" * 32, bench.wrong())
    with pytest.raises(TooManyAttempts):
        await bench.factors.confirm(1, "a" * 32, bench.code())


async def test_new_recovery_codes_end_the_old_ones(bench: Bench) -> None:
    """Used or not; there are ten again."""
    old = await bench.add()
    await bench.log_in(recovery_code=old[0])
    new = await bench.factors.make_recovery_codes(1)
    assert len(set(new) - set(old)) == 10
    for code in old:
        with pytest.raises(WrongFactor):
            await bench.log_in(recovery_code=code)
    await bench.log_in(recovery_code=new[9])
    assert (await bench.factors.status(1)).codes_left == 9


async def test_a_code_or_a_password_proves_who_it_is(bench: Bench) -> None:
    """Whoever has an authenticator cannot do with the password; passwords are counted like codes."""
    assert await bench.factors.prove(1, Proof(password=PASSWORD)) == "password"
    for proof in (Proof(), Proof(totp="000000"), Proof(password="not the password"), Proof("")):
        with pytest.raises(WrongProof):
            await bench.factors.prove(1, proof)
    codes = await bench.add()
    with pytest.raises(WrongProof):
        await bench.factors.prove(1, Proof(password=PASSWORD))
    assert await bench.factors.prove(1, Proof(totp=bench.code())) == "totp"
    assert await bench.factors.prove(1, Proof(recovery_code=codes[0])) == "recovery_code"
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongProof):
            await bench.factors.prove(2, Proof(password="not the password"))
    with pytest.raises(TooManyAttempts):
        await bench.factors.prove(2, Proof(password=PASSWORD))
    await bench.service.login(OTHER, PASSWORD)


async def test_every_act_is_recorded_before_it_is_done(bench: Bench) -> None:
    """What cannot be recorded is not done: the authenticator stays, the recovery code stays good."""
    codes = await bench.add()
    with pytest.raises(WrongFactor):
        await bench.log_in(totp=bench.wrong())
    bench.world.trail.fails = Unavailable("the audit trail is out of reach")
    for refused in (
        bench.factors.make_recovery_codes(1),
        bench.factors.prove(1, Proof(recovery_code=codes[0])),
        bench.factors.disable(1, Proof(PASSWORD, bench.code())),
    ):
        with pytest.raises(Unavailable):
            await refused
    bench.world.trail.fails = None
    bench.wait()
    await bench.factors.prove(1, Proof(recovery_code=codes[0]))
    await bench.factors.make_recovery_codes(1)
    await bench.factors.disable(1, Proof(PASSWORD, bench.code()))
    assert bench.acts() == [
        ("factor.add", {"kind": "totp", "recovery_codes": 10}),
        ("factor.refuse", {"kind": "totp", "at": "log_in"}),
        ("factor.use_recovery_code", {"codes_left": 9}),
        ("factor.make_recovery_codes", {"recovery_codes": 10}),
        ("factor.remove", {"kind": "totp"}),
    ]
    assert {(act.actor, act.object) for act in bench.world.trail.acts[-5:]} == {
        ("user:1", "user:1")
    }


async def test_secrets_are_in_no_log_error_record_or_stored_row(bench: Bench) -> None:
    """Everything that was logged, raised, recorded, printed or stored is searched for every secret."""
    seen: list[str] = []
    with structlog.testing.capture_logs() as logged:
        made = await bench.factors.enrol(1)
        bench.secrets[1] = base64.b32decode(made.secret)
        codes = await bench.factors.confirm(1, "a" * 32, bench.code())
        seen += [repr(made), repr(Proof(PASSWORD, bench.code(), codes[0]))]
        tried = [Proof(totp=bench.code()), Proof(recovery_code=codes[1] + "x"), Proof(PASSWORD)]
        for proof in tried:
            with pytest.raises((WrongFactor, FactorRequired)) as refused:
                await bench.service.login(EMAIL, PASSWORD, proof=proof)
            seen += [repr(refused.value), str(refused.value)]
        await bench.factors.prove(1, Proof(recovery_code=codes[2]))
    store = bench.world.factors
    stored = [store.totps[1].sealed, *store.codes[1]]
    seen += [json.dumps(logged, default=repr), repr(store.totps), repr(bench.world.trail.acts)]
    used = [PASSWORD, made.secret, *(code for proof in tried if (code := proof.totp)), *codes]
    for secret in used:
        assert not [text for text in seen if secret in text or secret.replace("-", "") in text]
        assert not [row for row in stored if secret.replace("-", "").encode() in row]
    assert not [row for row in stored if bench.secrets[1] in row]
