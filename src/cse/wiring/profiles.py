"""Profiles, leaving, and telling people what was done, on the configured database."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cse.adapters.images import PillowPictures
from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.leaving import SqlClosureStore, SqlExportStore
from cse.adapters.sql.personal_data import SqlIdentityData, SqlPersonalData
from cse.adapters.sql.profiles import SqlProfileStore
from cse.adapters.sql.sub_accounts import SqlSubAccountStore
from cse.adapters.sql.telling import SqlToldStore
from cse.gateway.deps import GatewayDeps
from cse.gateway.own_history import OwnHistory
from cse.messages.wire import AccountStatus
from cse.users.leaving.closure import Closures
from cse.users.leaving.export import Exports
from cse.users.leaving.model import Obstacle
from cse.users.profiles.avatars import Avatars
from cse.users.profiles.profile import Profiles
from cse.users.profiles.settings import NotificationSettings
from cse.users.sub_accounts.ports import SubAccountStore
from cse.users.telling.teller import Teller
from cse.wiring.ground import Ground

_PAGE: Final = 500


class ProfileParts(NamedTuple):
    """What is served of profiles and leaving."""

    profiles: Profiles
    notification_settings: NotificationSettings
    avatars: Avatars
    closures: Closures
    exports: Exports
    teller: Teller


def profile_parts(ground: Ground) -> ProfileParts:
    """Put them together; keep `run` of closures and teller running."""
    _, engine, core, deps = ground
    store = SqlProfileStore(engine)
    core.notices.muted = store.muted
    holdings = LiveHoldings(deps, SqlSubAccountStore(engine))
    sources = (
        SqlPersonalData(engine),
        SqlIdentityData(engine, core.box),
        OwnHistory(deps.history, deps.live, deps.catalog),
    )
    return ProfileParts(
        Profiles(store, core.users, core.clock, core.standing),
        NotificationSettings(store, core.clock),
        Avatars(store, PillowPictures(), core.clock),
        Closures(SqlClosureStore(engine), holdings, core),
        Exports(SqlExportStore(engine), sources, holdings, core),
        Teller(SqlAuditLog(engine, core.clock), SqlToldStore(engine), core),
    )


class LiveHoldings:
    """Holdings as the live view has them (port: cse.users.leaving.ports)."""

    def __init__(self, deps: GatewayDeps, sub_accounts: SubAccountStore) -> None:
        """Read these."""
        self._deps = deps
        self._sub_accounts = sub_accounts

    async def accounts(self, user_id: int, account_id: int) -> Sequence[int]:
        found: list[int] = []
        last = 0
        while page := await self._sub_accounts.page(user_id, after=last, limit=_PAGE):
            found += [each.account_id for each in page]
            last = page[-1].number
        return [*found, account_id]

    def obstacles(self, account_id: int) -> list[Obstacle]:
        live, catalog = self._deps.live, self._deps.catalog
        view = live.account(account_id)
        if view is None:
            return [Obstacle(account_id, "not_open", "it is still being opened")]
        if view.status is AccountStatus.CLOSED:
            return []
        found: list[Obstacle] = []
        if view.status is AccountStatus.FROZEN:
            found.append(Obstacle(account_id, "frozen", "it is frozen; please write to support"))
        if orders := len(live.open_orders(account_id)):
            found.append(Obstacle(account_id, "open_orders", f"{orders} open orders"))
        for balance in live.balances(account_id).values():
            asset = catalog.assets[balance.asset_id]
            if balance.available:
                what = f"{asset.format(balance.available)} {asset.symbol}"
                found.append(Obstacle(account_id, "balance", what))
            if balance.held:
                what = f"{asset.format(balance.held)} {asset.symbol} held by orders or withdrawals"
                found.append(Obstacle(account_id, "held", what))
        return found
