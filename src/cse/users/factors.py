"""Second factors: an authenticator (TOTP), passkeys, and recovery codes for whoever has lost them.

Attempts are counted in SQL before a code is checked, over all addresses and gateways. After the fifth in a row without
success nothing more is tried for 30 seconds, and each further one doubles that, up to a day: guessing for a year with
the right password in hand hits with a chance of about one in a thousand. Sessions go on meanwhile, step-ups are
counted apart, and recovery codes (80 bits, nothing to guess) open the door at any time: no owner is locked out.
"""

from typing import Final, NamedTuple

import msgspec

from cse.core.clock import Clock
from cse.core.errors import CseError
from cse.users.audit import Act, AuditAct, AuditTrail, Facts, user_actor
from cse.users.errors import InvalidField, TooManyAttempts, UnknownUser
from cse.users.factor_codes import RecoveryCodes
from cse.users.factor_errors import FactorRequired, NoTotp, TotpActive, WrongFactor, WrongProof
from cse.users.factor_ports import Door, FactorStore, PasskeyCheck, PasskeySum, Proof, Totp
from cse.users.identity import normalise_password
from cse.users.model import Guarded, User
from cse.users.passkeys.errors import PasskeyRefused
from cse.users.passkeys.model import Assertion, Purpose, Use
from cse.users.passwords import PasswordHasher
from cse.users.secret_box import SecretBox
from cse.users.totp import base32, matching_step, new_secret, otpauth_uri

FREE_ATTEMPTS: Final = 5
FIRST_LOCK_MS: Final = 30_000
LONGEST_LOCK_MS: Final = 86_400_000
TOTP: Final = "totp"
PASSKEY: Final = "passkey"
RECOVERY_CODE: Final = "recovery_code"
PASSWORD: Final = "password"
_PURPOSES: Final = {Door.LOG_IN: Purpose.SECOND_FACTOR, Door.SESSION: Purpose.STEP_UP}


class Enrolment(Guarded, frozen=True):
    """What goes into an authenticator app; shown once."""

    secret: str
    """Base 32."""
    uri: str


class FactorStatus(msgspec.Struct, frozen=True):
    """Which second factors a person has."""

    confirmed_at: int | None
    """When the authenticator was confirmed; None: there is none that log-ins ask for."""
    is_waiting: bool
    """Whether one waits for its first code."""
    codes_left: int
    """Recovery codes that are still good."""
    passkeys: int = 0
    """How many passkeys there are."""


class Held(NamedTuple):
    """What log-ins of a person ask for."""

    totp: Totp | None
    """The authenticator, if it is confirmed."""
    passkeys: PasskeySum

    @property
    def kinds(self) -> list[str]:
        """Return the names of what can be shown; none: the password is enough."""
        own = [TOTP] * (self.totp is not None) + [PASSKEY] * (self.passkeys.how_many > 0)
        return [*own, RECOVERY_CODE] if own else []

    @property
    def since(self) -> int:
        """Return since when (Unix ms) there is a second factor; 0: there is none."""
        confirmed = self.totp.confirmed_at if self.totp else None
        return min([each for each in (confirmed, self.passkeys.since) if each], default=0)


def lock_for(attempts: int) -> int:
    """Return how long (ms) a door is locked after so many attempts in a row without success."""
    over = attempts - FREE_ATTEMPTS
    return 0 if over < 0 else min(FIRST_LOCK_MS << min(over, 20), LONGEST_LOCK_MS)


class Factors:
    """Adds, checks and removes second factors."""

    def __init__(
        self,
        store: FactorStore,
        box: SecretBox,
        hasher: PasswordHasher,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Use these; nothing is read yet."""
        self._store = store
        self._box = box
        self._hasher = hasher
        self._audit = audit
        self._clock = clock
        self._codes = RecoveryCodes(store, box, audit, clock)
        self._passkeys: PasskeyCheck | None = None

    def accept_passkeys(self, check: PasskeyCheck) -> None:
        """Take passkeys as proofs. Without this whoever has one is asked all the same, and shows another factor."""
        self._passkeys = check

    async def status(self, user_id: int) -> FactorStatus:
        """Return what a person has; errors: Unavailable (as everywhere here)."""
        totp = await self._store.totp(user_id)
        confirmed_at = totp.confirmed_at if totp else None
        return FactorStatus(
            confirmed_at,
            is_waiting=totp is not None and confirmed_at is None,
            codes_left=len(await self._store.unused_codes(user_id)),
            passkeys=(await self._store.passkeys(user_id)).how_many,
        )

    async def held(self, user_id: int) -> Held:
        """Return what log-ins of a person ask for."""
        totp = await self._store.totp(user_id)
        if totp is not None and totp.confirmed_at is None:
            totp = None
        return Held(totp, await self._store.passkeys(user_id))

    async def enrol(self, user_id: int) -> Enrolment:
        """Make an authenticator's secret. Log-ins ask for it as soon as its first code has confirmed it.

        Raises:
            TotpActive: there is a confirmed one.
            UnknownUser: there is no such person.
        """
        person = await self._store.person(user_id)
        if person is None:
            raise UnknownUser
        secret = new_secret()
        sealed = self._box.seal(TOTP, user_actor(user_id), secret)
        if not await self._store.enrol(Totp(user_id, sealed, self._clock.now_ms())):
            raise TotpActive
        return Enrolment(base32(secret), otpauth_uri(secret, person.email))

    async def confirm(self, user_id: int, session_id: str, code: str) -> list[str]:
        """Let log-ins ask for the authenticator from now on; return the recovery codes, which nobody sees again.

        The session has proved with this who uses it; others prove it anew before they change anything.

        Raises:
            NoTotp: none is waiting.
            WrongProof: it is not its code.
            TooManyAttempts: see the module.
        """
        totp = await self._store.totp(user_id)
        if totp is None or totp.confirmed_at is not None:
            raise NoTotp
        await self._count(user_id, Door.SESSION)
        now_ms = self._clock.now_ms()
        step = self._matching_step(totp, code, now_ms)
        if step is None:
            raise await self._refusal(user_id, TOTP, Door.SESSION)
        codes, digests = self.new_codes(user_id)
        await self._record(Act.FACTOR_ADDED, user_id, {"kind": TOTP, "recovery_codes": len(codes)})
        if not await self._store.confirm(totp, step, digests, now_ms):
            raise NoTotp
        await self._store.forget_attempts(user_id, Door.SESSION)
        await self._store.mark_proved(user_id, session_id, now_ms)
        return codes

    async def disable(self, user_id: int, proof: Proof, session_id: str = "") -> None:
        """Remove the authenticator; recovery codes stay for whoever has passkeys. Takes the password and a proof.

        Raises:
            NoTotp: there is none that is confirmed.
            WrongProof: one of the two is missing or wrong.
            TooManyAttempts: see the module.
        """
        held = await self.held(user_id)
        if held.totp is None:
            raise NoTotp
        if proof.password is None:
            raise WrongProof("Send your password, too.")
        # Counted once for both: else the right password, sent each time, would forget the guesses at the code.
        await self._count(user_id, Door.SESSION)
        await self._require_password(user_id, proof.password)
        await self._use(held, user_id, proof, Door.SESSION, session_id)
        await self._store.forget_attempts(user_id, Door.SESSION)
        await self._record(Act.FACTOR_REMOVED, user_id, {"kind": TOTP})
        if not await self._store.remove(held.totp):
            raise NoTotp

    async def reset(self, user_id: int) -> bool:
        """Remove every second factor and all recovery codes without any proof; False: there was none. Harmless twice.

        Whoever calls this has recorded why (`cse.users.second_factors`).
        """
        return await self._store.reset(user_id)

    def new_codes(self, user_id: int) -> tuple[list[str], list[bytes]]:
        """Return ten new recovery codes, and what is stored of them."""
        return self._codes.new(user_id)

    async def mark_proved(self, user_id: int, session_id: str) -> None:
        """Note that a session, by adding a factor, proved who uses it."""
        await self._store.mark_proved(user_id, session_id, self._clock.now_ms())

    async def make_recovery_codes(self, user_id: int) -> list[str]:
        """Return ten new recovery codes; the old ones are good no more.

        Raises:
            NoTotp: there is no second factor to recover from the loss of.
        """
        nothing = NoTotp("This account has no second factor that codes could stand in for.")
        if not (await self.held(user_id)).kinds:
            raise nothing
        codes, digests = self.new_codes(user_id)
        await self._record(Act.RECOVERY_CODES_MADE, user_id, {"recovery_codes": len(codes)})
        if not await self._store.replace_codes(user_id, digests, self._clock.now_ms()):
            raise nothing
        return codes

    async def check_log_in(self, user: User, proof: Proof) -> None:
        """Let somebody in whose password was right, if they have the second factor too, or need none.

        Raises:
            FactorRequired: no factor was shown; tells which there are, and what a passkey is asked with.
            WrongFactor: it is wrong, or was used before.
            TooManyAttempts: too many codes were tried lately; recovery codes and passkeys still work.
        """
        held = await self.held(user.user_id)
        if not held.kinds:
            return
        if proof.totp is None and proof.recovery_code is None and proof.passkey is None:
            options = None
            if held.passkeys.how_many and self._passkeys is not None:
                options = await self._passkeys.options(Use(Purpose.SECOND_FACTOR, user.user_id))
            raise FactorRequired(held.kinds, options)
        await self._check(held, user.user_id, proof, Door.LOG_IN)

    async def prove(self, user_id: int, proof: Proof, session_id: str = "") -> str:
        """Check what somebody who is logged in shows again: a second factor, or without any their password.

        Returns:
            What it was: `totp`, `passkey`, `recovery_code` or `password`.

        Raises:
            WrongProof: it is missing, wrong, or was used before.
            TooManyAttempts: see the module.
        """
        held = await self.held(user_id)
        if held.kinds:
            return await self._check(held, user_id, proof, Door.SESSION, session_id)
        if proof.password is None:
            raise WrongProof("Send your password.")
        await self.check_password(user_id, proof.password)
        return PASSWORD

    async def check_password(self, user_id: int, password: str) -> None:
        """Require the password of somebody who is logged in, counting attempts.

        Raises:
            WrongProof: it is wrong.
            TooManyAttempts: see the module.
        """
        await self._count(user_id, Door.SESSION)
        await self._require_password(user_id, password)
        await self._store.forget_attempts(user_id, Door.SESSION)

    async def _require_password(self, user_id: int, password: str) -> None:
        person = await self._store.person(user_id)
        right = await self._hasher.verify(
            _normalised(password), person.password_hash if person else None
        )
        if not right:
            raise await self._refusal(user_id, PASSWORD, Door.SESSION)

    async def _check(
        self, held: Held, user_id: int, proof: Proof, door: Door, session_id: str = ""
    ) -> str:
        """Use up what is shown, counting attempts where they can be guesses; return which it was."""
        if proof.recovery_code is None and proof.passkey is None and proof.totp is not None:
            await self._count(user_id, door)
        how = await self._use(held, user_id, proof, door, session_id)
        await self._store.forget_attempts(user_id, door)
        return how

    async def _use(
        self, held: Held, user_id: int, proof: Proof, door: Door, session_id: str
    ) -> str:
        if proof.recovery_code is not None:
            how, good = RECOVERY_CODE, await self._codes.use(user_id, proof.recovery_code)
        elif proof.passkey is not None:
            use = Use(_PURPOSES[door], user_id, session_id)
            how, good = PASSKEY, await self._is_passkey(proof.passkey, use)
        elif proof.totp is not None:
            how, good = TOTP, await self._is_code(held.totp, proof.totp)
        else:
            raise WrongProof(
                "Show your passkey, or send a code of your authenticator or for recovery."
            )
        if not good:
            raise await self._refusal(user_id, how, door)
        return how

    async def _is_code(self, totp: Totp | None, code: str) -> bool:
        if totp is None:
            return False
        step = self._matching_step(totp, code, self._clock.now_ms())
        return step is not None and await self._store.use_step(totp, step)

    async def _is_passkey(self, used: Assertion, use: Use) -> bool:
        if self._passkeys is None:
            return False
        try:
            await self._passkeys.check(used, use)
        except PasskeyRefused:
            return False
        return True

    async def _refusal(self, user_id: int, kind: str, door: Door) -> CseError:
        await self._record(Act.FACTOR_REFUSED, user_id, {"kind": kind, "at": door.value})
        return WrongFactor() if door is Door.LOG_IN else WrongProof()

    async def _count(self, user_id: int, door: Door) -> None:
        now_ms = self._clock.now_ms()
        locked_until = await self._store.attempt(user_id, door, now_ms, lock_for)
        if locked_until:
            raise TooManyAttempts(locked_until - now_ms)

    def _matching_step(self, totp: Totp, code: str, now_ms: int) -> int | None:
        secret = self._box.open(TOTP, user_actor(totp.user_id), totp.sealed)
        return matching_step(secret, code, now_ms)

    async def _record(self, act: Act, user_id: int, after: Facts) -> None:
        who = user_actor(user_id)
        await self._audit.record(AuditAct(act=act, actor=who, object=who, after=after))


def _normalised(password: str) -> str:
    """Return the password as it was hashed; what cannot be one becomes empty, and is checked like the rest."""
    try:
        return normalise_password(password)
    except InvalidField:
        return ""
