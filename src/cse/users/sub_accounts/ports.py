"""Where sub-accounts are kept (one contract suite: tests/contract/test_sub_account_store.py)."""

from collections.abc import Sequence
from typing import Protocol

from cse.users.sub_accounts.model import Bounds, NewSubAccount, Owned, SubAccount


class SubAccountStore(Protocol):
    """Sub-accounts. Every method is one transaction, with its record in the audit log where it changes something.

    Nothing is deleted. Every method raises cse.core.errors.Unavailable while the database is out of reach.
    """

    async def add(self, new: NewSubAccount, bounds: Bounds) -> SubAccount:
        """Store one with the next account id and the outbox row of its opening; of many at once no more than allowed.

        Raises:
            cse.users.errors.UnknownUser: there is no such person.
            LabelTaken: another one that is not closed has the label.
            TooManySubAccounts: that would exceed `bounds`.
        """
        ...

    async def page(self, user_id: int, *, after: int, limit: int) -> Sequence[SubAccount]:
        """Return a person's sub-accounts, closed ones too, oldest first, from above a `number` on."""
        ...

    async def find(self, user_id: int, account_id: int) -> SubAccount | None:
        """Return a sub-account; None: there is none, or it is somebody else's."""
        ...

    async def of_main(self, main_account_id: int) -> Sequence[SubAccount]:
        """Return the sub-accounts that are not closed of whoever has this first account, oldest first."""
        ...

    async def rename(
        self, user_id: int, account_id: int, label: str, at_ms: int
    ) -> SubAccount | None:
        """Give one another label; None: there is none that is not closed, or it is somebody else's.

        Raises:
            LabelTaken: another one that is not closed has the label.
        """
        ...

    async def mark_closed(self, user_id: int, account_id: int, at_ms: int) -> SubAccount | None:
        """Note that the engine closed one, harmless twice; None: there is none, or it is somebody else's."""
        ...

    async def opened_since(self, time_ms: int) -> Sequence[Owned]:
        """Return what was opened at or after a time."""
        ...
