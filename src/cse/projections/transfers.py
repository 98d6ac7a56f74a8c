"""Transfers between accounts as history has them: the two legs of each in the ledger, told as one."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from cse.projections.views import PageKey


class TransferView(msgspec.Struct, frozen=True, gc=False):
    """Money that went from one account to another."""

    from_account_id: int
    to_account_id: int
    asset_id: int
    amount: int
    """Asset units."""
    time_ms: int
    sequence: int
    position: int
    """Of the leg of the account that was asked for."""

    @property
    def key(self) -> PageKey:
        """Where the next page goes on."""
        return PageKey(self.sequence, self.position)


class TransferReader(Protocol):
    """Reads them. Every method raises cse.core.errors.Unavailable while the database is out of reach."""

    async def transfers(
        self, account_id: int, others: Sequence[int], *, before: PageKey | None, limit: int
    ) -> Sequence[TransferView]:
        """Return an account's transfers by falling key.

        Args:
            account_id: whose.
            others: the accounts that its money may have gone to or come from; of one that is not among them,
                and of none, the other side is told as 0.
            before: the last one of the page before.
            limit: the most that are returned.
        """
        ...
