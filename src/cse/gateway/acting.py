"""Which account a person's log-in acts on: their first one, or the sub-account that a request names."""

from typing import Final

from cse.gateway.auth import Principal
from cse.gateway.http.lists import parse_id
from cse.gateway.problems import from_reject_code
from cse.messages.reject_codes import RejectCode
from cse.users.sub_accounts.ownership import Ownership

ACCOUNT: Final = b"x-cse-account"
"""The header that names an account, by its id."""


class ActingAccounts:
    """Knows what belongs to whom; what is somebody else's and what is nobody's are told alike."""

    __slots__ = ("_owners",)

    def __init__(self, owners: Ownership | None) -> None:
        """Ask this; None: there are no sub-accounts here."""
        self._owners: Final = owners

    def header(self, principal: Principal, value: bytes) -> int:
        """Return the account that the header names.

        Raises:
            ApiProblem: 404 `account_not_found`, it is none of the person's, or no id at all.
            Unavailable: who owns what is not known yet.
        """
        account_id = parse_id(value.decode("latin-1"))
        if account_id is None:
            raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
        return self.account(principal.user_id, principal.account_id, account_id)

    def account(self, user_id: int, main_account_id: int, account_id: int) -> int:
        """Return the account itself if it is this person's; raises as `header`."""
        if account_id != main_account_id:
            owner = None if self._owners is None else self._owners.owner_of(account_id)
            if owner is None or owner != user_id:
                raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
        return account_id
