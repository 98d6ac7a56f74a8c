"""Sub-accounts and transfers between them, on the configured database."""

from cse.adapters.sql.sub_accounts import SqlSubAccountStore
from cse.adapters.sql.transfers import SqlTransferReader
from cse.gateway.deps import GatewayDeps
from cse.users.service import FEE_TIER
from cse.users.sub_accounts.service import FeeTierOf, SubAccounts
from cse.wiring.ground import Ground


def sub_accounts(ground: Ground) -> SubAccounts:
    """Put the service together; `run` keeps it current."""
    settings, engine, core, deps = ground
    most = settings.limits.sub_accounts
    return SubAccounts(SqlSubAccountStore(engine), core, fee_tiers(deps), at_once=most)


def transfers(ground: Ground) -> SqlTransferReader:
    """Return what reads transfers."""
    return SqlTransferReader(ground.engine)


def fee_tiers(deps: GatewayDeps) -> FeeTierOf:
    """Return what knows an account's fee tier; one that is not opened yet will have everybody's."""

    def tier_of(account_id: int) -> int:
        account = deps.live.account(account_id)
        return FEE_TIER if account is None else account.fee_tier

    return tier_of
