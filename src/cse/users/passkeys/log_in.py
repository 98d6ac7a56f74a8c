"""Logging in by a passkey alone: it is something that a person has, and the authenticator has verified who uses it.

Nobody is named before: the authenticator names the person. What is not a guess is not counted (as recovery codes
are not); attempts are paid for as all log-ins are.
"""

from typing import NamedTuple

from cse.users.devices import Device
from cse.users.model import TokenPair
from cse.users.passkeys.checking import PasskeyChecker
from cse.users.passkeys.errors import PasskeyRefused
from cse.users.passkeys.model import Assertion, Purpose, Use
from cse.users.passkeys.ports import PasskeyStore
from cse.users.passkeys.verifying import Options
from cse.users.ports import UserStore
from cse.users.refused_logins import RefusedLogIns
from cse.users.sessions import Sessions

_USE = Use(Purpose.LOG_IN)


class LogInParts(NamedTuple):
    """What log-ins by passkey are made of."""

    store: PasskeyStore
    users: UserStore
    checker: PasskeyChecker
    sessions: Sessions
    refused: RefusedLogIns


class PasskeyLogIns:
    """Begins sessions."""

    def __init__(self, parts: LogInParts) -> None:
        """Use these."""
        self._store, self._users, self._checker, self._sessions, self._refused = parts

    async def options(self) -> Options:
        """Return the options of an assertion by whichever passkey somebody chooses."""
        return await self._checker.options(_USE)

    async def log_in(self, used: Assertion, device: Device) -> TokenPair:
        """Begin a session.

        Raises:
            PasskeyRefused: whatever was wrong.
            AccountNotOpen: the account is frozen or closed.
            Unavailable: the database is out of reach.
        """
        try:
            passkey = await self._checker.check(used, _USE)
        except PasskeyRefused:
            owner = await self._store.by_credential(used.credential_id)
            await self._refused.note(owner.user_id if owner else None, "wrong_passkey")
            raise
        known = await self._users.credentials_of(passkey.user_id)
        if known is None:
            raise PasskeyRefused("person_unknown")
        pair = await self._sessions.begin(known.user, device)
        # Whoever removes a passkey, or resets all factors, ends sessions afterwards: either they find this one, or
        # the passkey is found missing here (as `UserService` does with passwords).
        if await self._store.by_credential(passkey.credential_id) is None:
            await self._sessions.end_by_refresh_token(pair.refresh_token)
            raise PasskeyRefused("removed_meanwhile")
        return pair
