"""What staff does to a person's first account is done to their sub-accounts, too."""

from cse.gateway.deps import GatewayDeps
from cse.messages.wire import AccountStatus


async def follow(deps: GatewayDeps, account_id: int, status: AccountStatus) -> None:
    """Freeze or unfreeze the sub-accounts of whoever has this first account, after it; of a sub-account: nothing.

    A crash in between leaves some as they were: the same again does the rest.

    Raises:
        Unavailable, OutcomeUnknown: some may have it and some not; do it again.
    """
    if deps.concerns.sub_accounts is not None:
        await deps.concerns.sub_accounts.follow_status(account_id, status)
