"""Second factors: an authenticator (TOTP), and recovery codes for whoever has lost it.

Attempts are counted in SQL before a code is checked, over all addresses and gateways. After the fifth in a row without
success nothing more is tried for 30 seconds, and each further one doubles that, up to a day: guessing for a year with
the right password in hand hits with a chance of about one in a thousand. Sessions go on meanwhile, step-ups are
counted apart, and recovery codes (80 bits, nothing to guess) open the door at any time: no owner is locked out.
"""

from typing import Final

import msgspec

from cse.core.clock import Clock
from cse.core.errors import CseError
from cse.users import recovery_codes
from cse.users.audit import Act, AuditAct, AuditTrail, Facts, user_actor
from cse.users.errors import InvalidField, TooManyAttempts, UnknownUser
from cse.users.factor_errors import FactorRequired, NoTotp, TotpActive, WrongFactor, WrongProof
from cse.users.factor_ports import Door, FactorStore, Proof, Totp
from cse.users.identity import normalise_password
from cse.users.model import Guarded, User
from cse.users.passwords import PasswordHasher
from cse.users.secret_box import SecretBox
from cse.users.totp import base32, matching_step, new_secret, otpauth_uri

FREE_ATTEMPTS: Final = 5
FIRST_LOCK_MS: Final = 30_000
LONGEST_LOCK_MS: Final = 86_400_000
_TOTP: Final = "totp"
_RECOVERY_CODE: Final = "recovery_code"
_PASSWORD: Final = "password"
_CODES: Final = "recovery-codes"


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

    async def status(self, user_id: int) -> FactorStatus:
        """Return what a person has; errors: Unavailable (as everywhere here)."""
        totp = await self._store.totp(user_id)
        if totp is None or totp.confirmed_at is None:
            return FactorStatus(None, totp is not None, 0)
        left = await self._store.unused_codes(user_id)
        return FactorStatus(totp.confirmed_at, is_waiting=False, codes_left=len(left))

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
        sealed = self._box.seal(_TOTP, user_actor(user_id), secret)
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
            raise await self._refusal(user_id, _TOTP, Door.SESSION)
        codes, digests = self._new_codes(user_id)
        await self._record(Act.FACTOR_ADDED, user_id, {"kind": _TOTP, "recovery_codes": len(codes)})
        if not await self._store.confirm(totp, step, digests, now_ms):
            raise NoTotp
        await self._store.forget_attempts(user_id, Door.SESSION)
        await self._store.mark_proved(user_id, session_id, now_ms)
        return codes

    async def disable(self, user_id: int, proof: Proof) -> None:
        """Remove the authenticator and all recovery codes. Takes the password and a code of either kind.

        Raises:
            NoTotp: there is none that is confirmed.
            WrongProof: one of the two is missing or wrong.
            TooManyAttempts: see the module.
        """
        totp = await self._confirmed(user_id)
        if totp is None:
            raise NoTotp
        if proof.password is None:
            raise WrongProof("Send your password, too.")
        # Counted once for both: else the right password, sent each time, would forget the guesses at the code.
        await self._count(user_id, Door.SESSION)
        await self._check_password(user_id, proof.password)
        await self._use_code(totp, proof, Door.SESSION)
        await self._store.forget_attempts(user_id, Door.SESSION)
        await self._record(Act.FACTOR_REMOVED, user_id, {"kind": _TOTP})
        if not await self._store.remove(totp):
            raise NoTotp

    async def remove_for(self, user_id: int) -> bool:
        """Remove the authenticator and all recovery codes without any proof; False: there is none.

        Whoever calls this has recorded why (`cse.users.second_factors`).
        """
        totp = await self._store.totp(user_id)
        return totp is not None and await self._store.remove(totp)

    async def make_recovery_codes(self, user_id: int) -> list[str]:
        """Return ten new recovery codes; the old ones are good no more.

        Raises:
            NoTotp: there is no authenticator to recover from the loss of.
        """
        totp = await self._confirmed(user_id)
        if totp is None:
            raise NoTotp
        codes, digests = self._new_codes(user_id)
        await self._record(Act.RECOVERY_CODES_MADE, user_id, {"recovery_codes": len(codes)})
        if not await self._store.replace_codes(totp, digests, self._clock.now_ms()):
            raise NoTotp
        return codes

    async def check_log_in(self, user: User, proof: Proof) -> None:
        """Let somebody in whose password was right, if they have the second factor too, or need none.

        Raises:
            FactorRequired: neither a code nor a recovery code was sent.
            WrongFactor: it is wrong, or was used before.
            TooManyAttempts: too many codes were tried lately; recovery codes still work.
        """
        totp = await self._confirmed(user.user_id)
        if totp is None:
            return
        if proof.totp is None and proof.recovery_code is None:
            raise FactorRequired
        await self._check_code(totp, proof, Door.LOG_IN)

    async def prove(self, user_id: int, proof: Proof) -> str:
        """Check what somebody who is logged in shows again: a second factor, or without any their password.

        Returns:
            What it was: `totp`, `recovery_code` or `password`.

        Raises:
            WrongProof: it is missing, wrong, or was used before.
            TooManyAttempts: see the module.
        """
        totp = await self._confirmed(user_id)
        if totp is not None:
            return await self._check_code(totp, proof, Door.SESSION)
        if proof.password is None:
            raise WrongProof("Send your password.")
        await self._count(user_id, Door.SESSION)
        await self._check_password(user_id, proof.password)
        await self._store.forget_attempts(user_id, Door.SESSION)
        return _PASSWORD

    async def _confirmed(self, user_id: int) -> Totp | None:
        totp = await self._store.totp(user_id)
        return None if totp is None or totp.confirmed_at is None else totp

    async def _check_password(self, user_id: int, password: str) -> None:
        person = await self._store.person(user_id)
        right = await self._hasher.verify(
            _normalised(password), person.password_hash if person else None
        )
        if not right:
            raise await self._refusal(user_id, _PASSWORD, Door.SESSION)

    async def _check_code(self, totp: Totp, proof: Proof, door: Door) -> str:
        """Use up a code of either kind, counting attempts where they can be guesses; return which it was."""
        if proof.recovery_code is None and proof.totp is not None:
            await self._count(totp.user_id, door)
        how = await self._use_code(totp, proof, door)
        await self._store.forget_attempts(totp.user_id, door)
        return how

    async def _use_code(self, totp: Totp, proof: Proof, door: Door) -> str:
        if proof.recovery_code is not None:
            await self._use_recovery_code(totp.user_id, proof.recovery_code, door)
            return _RECOVERY_CODE
        if proof.totp is None:
            raise WrongProof("Send a code of your authenticator, or a recovery code.")
        step = self._matching_step(totp, proof.totp, self._clock.now_ms())
        if step is None or not await self._store.use_step(totp, step):
            raise await self._refusal(totp.user_id, _TOTP, door)
        return _TOTP

    async def _use_recovery_code(self, user_id: int, code: str, door: Door) -> None:
        plain = recovery_codes.normalise(code)
        unused = await self._store.unused_codes(user_id)
        wanted = self._box.digests(_CODES, user_actor(user_id), plain or b"")
        digest = recovery_codes.find(wanted, unused)
        if plain is None or digest is None:
            raise await self._refusal(user_id, _RECOVERY_CODE, door)
        await self._record(Act.RECOVERY_CODE_USED, user_id, {"codes_left": len(unused) - 1})
        if not await self._store.use_code(user_id, digest, self._clock.now_ms()):
            raise await self._refusal(user_id, _RECOVERY_CODE, door)

    async def _refusal(self, user_id: int, kind: str, door: Door) -> CseError:
        await self._record(Act.FACTOR_REFUSED, user_id, {"kind": kind, "at": door.value})
        return WrongFactor() if door is Door.LOG_IN else WrongProof()

    async def _count(self, user_id: int, door: Door) -> None:
        now_ms = self._clock.now_ms()
        locked_until = await self._store.attempt(user_id, door, now_ms, lock_for)
        if locked_until:
            raise TooManyAttempts(locked_until - now_ms)

    def _matching_step(self, totp: Totp, code: str, now_ms: int) -> int | None:
        secret = self._box.open(_TOTP, user_actor(totp.user_id), totp.sealed)
        return matching_step(secret, code, now_ms)

    def _new_codes(self, user_id: int) -> tuple[list[str], list[bytes]]:
        codes = recovery_codes.new_codes()
        owner = user_actor(user_id)
        plain = [recovery_codes.normalise(code) or b"" for code in codes]
        return codes, [self._box.digests(_CODES, owner, each)[0] for each in plain]

    async def _record(self, act: Act, user_id: int, after: Facts) -> None:
        who = user_actor(user_id)
        await self._audit.record(AuditAct(act=act, actor=who, object=who, after=after))


def _normalised(password: str) -> str:
    """Return the password as it was hashed; what cannot be one becomes empty, and is checked like the rest."""
    try:
        return normalise_password(password)
    except InvalidField:
        return ""
