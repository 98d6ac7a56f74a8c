"""Checks an assertion: whose challenge, whose passkey, whose signature, and a counter that only rises."""

import hmac
from typing import NamedTuple

import structlog

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, AuditTrail, user_actor
from cse.users.passkeys.challenges import Challenges
from cse.users.passkeys.errors import PasskeyRefused
from cse.users.passkeys.model import Assertion, Passkey, Purpose, RelyingParty, Use
from cse.users.passkeys.ports import PasskeyStore
from cse.users.passkeys.verifying import (
    Options,
    assertion_options,
    challenge_in,
    verify_assertion,
)

log = structlog.get_logger(__name__)


class CheckParts(NamedTuple):
    """What assertions are checked with."""

    store: PasskeyStore
    challenges: Challenges
    party: RelyingParty
    audit: AuditTrail
    clock: Clock


class PasskeyChecker:
    """Asks browsers for assertions and checks what they answer."""

    def __init__(self, parts: CheckParts) -> None:
        """Use these."""
        self._store, self._challenges, self._party, self._audit, self._clock = parts

    async def options(self, use: Use) -> Options:
        """Return the options for an assertion of this use; of a person they name their passkeys."""
        known = await self._store.passkeys_of(use.user_id) if use.user_id else []
        return assertion_options(self._party, await self._challenges.new(use), known)

    async def check(self, used: Assertion, use: Use) -> Passkey:
        """Return the passkey that this is an assertion of, which is used up with its challenge.

        Raises:
            PasskeyRefused: whatever was wrong; why stands in the log.
            Unavailable: the database or the audit trail is out of reach.
        """
        passkey = None
        try:
            challenge = challenge_in(used.client_data)
            await self._challenges.take(challenge, use)
            passkey = await self._store.by_credential(used.credential_id)
            self._require_owner(passkey, used, use)
            assert passkey is not None, "required just now"
            signed = verify_assertion(used, passkey, challenge, self._party)
            await self._note_use(passkey, signed.sign_count, backed_up=signed.backed_up)
        except PasskeyRefused as error:
            log.info(
                "passkey_refused",
                reason=error.reason,
                purpose=use.purpose.value,
                user_id=use.user_id or None,
                passkey_id=passkey.passkey_id if passkey else None,
            )
            raise
        return passkey

    def _require_owner(self, passkey: Passkey | None, used: Assertion, use: Use) -> None:
        """Require a passkey of the person who was asked, or of the one whom the authenticator names (7.2, step 6)."""
        if passkey is None:
            raise PasskeyRefused("credential_unknown")
        if use.user_id not in {0, passkey.user_id}:
            raise PasskeyRefused("credential_of_somebody_else")
        if used.user_handle is None:
            if use.purpose is Purpose.LOG_IN:
                raise PasskeyRefused("nobody_named")
        elif not hmac.compare_digest(used.user_handle, passkey.handle):
            raise PasskeyRefused("somebody_else_named")

    async def _note_use(self, passkey: Passkey, sign_count: int, *, backed_up: bool) -> None:
        """Store the counter; one that does not rise tells of a copy of the key (WebAuthn level 2, 6.1.1)."""
        now_ms = self._clock.now_ms()
        if await self._store.use(passkey, sign_count, backed_up=backed_up, at_ms=now_ms):
            return
        known = await self._store.by_credential(passkey.credential_id)
        if known is None:
            raise PasskeyRefused("removed_meanwhile")
        who = user_actor(passkey.user_id)
        await self._audit.record(
            AuditAct(
                act=Act.PASSKEY_CLONE_SUSPECTED,
                actor=who,
                object=who,
                before={"passkey": passkey.passkey_id, "sign_count": known.sign_count},
                after={"passkey": passkey.passkey_id, "sign_count": sign_count},
            )
        )
        raise PasskeyRefused("counter_went_back")
