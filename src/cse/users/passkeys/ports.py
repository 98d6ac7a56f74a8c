"""Port of passkeys. One contract suite.

Every method is one transaction and raises cse.core.errors.Unavailable while what it stands on is out of reach. What
adds or removes a second factor of a person happens one after the other, here and in `FactorStore`, whatever its kind.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from cse.users.passkeys.model import Passkey


class Removed(NamedTuple):
    """What was removed, and whether the person has a second factor still."""

    passkey: Passkey
    factor_left: bool


class PasskeyStore(Protocol):
    """Passkeys in the users' tables."""

    async def add(self, new: Passkey, codes: Sequence[bytes], at_most: int) -> bool:
        """Store a passkey; with recovery codes (digests) if it is the person's first second factor.

        Returns:
            Whether the codes were stored.

        Raises:
            cse.users.errors.UnknownUser: there is no such person.
            cse.users.passkeys.errors.PasskeyKnown: somebody has a passkey with this credential id.
            cse.users.passkeys.errors.TooManyPasskeys: the person has `at_most` already.
        """
        ...

    async def passkeys_of(self, user_id: int) -> Sequence[Passkey]:
        """Return all passkeys of a person, oldest first."""
        ...

    async def by_credential(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey that authenticators name so, whoever's it is."""
        ...

    async def rename(self, user_id: int, passkey_id: str, label: str) -> Passkey | None:
        """Give a passkey another label and return it; None: there is none, or it is somebody else's."""
        ...

    async def remove(self, user_id: int, passkey_id: str, *, spare_last: bool) -> Removed | None:
        """Remove a passkey; recovery codes go with the last second factor.

        None: there is none, or it is somebody else's.

        Raises:
            cse.users.passkeys.errors.LastFactor: nothing else is left, and `spare_last`; nothing was removed.
        """
        ...

    async def use(self, used: Passkey, sign_count: int, *, backed_up: bool, at_ms: int) -> bool:
        """Note that a passkey was used, with its new counter; False: it is gone, or its counter is that far already.

        Of many with one counter at once exactly one gets True; counters that stay 0 all do.
        """
        ...
