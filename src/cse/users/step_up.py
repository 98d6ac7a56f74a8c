"""Step-up: what changes who can get in is done by a session only that proved lately who uses it.

A log-in is such a proof; later a second factor is, or the password of whoever has none. Proofs from before there was
a second factor do not count: they were made without it.
"""

from typing import Final

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, AuditTrail, user_actor
from cse.users.errors import InvalidToken
from cse.users.factor_errors import StepUpRequired
from cse.users.factor_ports import FactorStore, Proof
from cse.users.factors import Factors

STEP_UP_MS: Final = 600_000
"""How long a proof is good: ten minutes."""


class StepUps:
    """Marks sessions, and asks for the mark. The mark lies in SQL: good on every gateway, gone with its session."""

    def __init__(
        self, store: FactorStore, factors: Factors, audit: AuditTrail, clock: Clock
    ) -> None:
        """Use these."""
        self._store = store
        self._factors = factors
        self._audit = audit
        self._clock = clock

    async def prove(self, user_id: int, session_id: str, proof: Proof) -> int:
        """Check the proof and mark the session; return until when (Unix ms) the mark is good.

        Raises:
            WrongProof, TooManyAttempts: see `Factors.prove`; the session goes on without the mark.
            InvalidToken: the session has ended.
            Unavailable: the database is out of reach.
        """
        how = await self._factors.prove(user_id, proof, session_id)
        who = user_actor(user_id)
        await self._audit.record(
            AuditAct(act=Act.STEP_UP, actor=who, object=who, after={"by": how})
        )
        now_ms = self._clock.now_ms()
        if not await self._store.mark_proved(user_id, session_id, now_ms):
            raise InvalidToken("session_revoked", "The session has ended; log in again.")
        return now_ms + STEP_UP_MS

    async def require(self, user_id: int, session_id: str) -> None:
        """Let sessions through that proved lately who uses them.

        Raises:
            StepUpRequired: this one has not.
            InvalidToken: the person has no such session (any more).
            Unavailable: the database is out of reach.
        """
        proved_at = await self._store.proved_at(user_id, session_id)
        if proved_at is None:
            raise InvalidToken("invalid_token", "This session is not known here; log in again.")
        held = await self._factors.held(user_id)
        since = max(self._clock.now_ms() - STEP_UP_MS, held.since)
        if proved_at < since:
            what = "a code of your second factor (or a passkey)" if held.kinds else "your password"
            raise StepUpRequired(
                f"Prove that it is you: send {what} to POST /api/auth/step-up, then this again."
            )
