"""The private channels of an account: own orders with their fills, and own balances.

Every command that touches the account gives one message, never joined with another and never dropped.
An account is followed from its first subscription on; the latest messages stay, so that a client which
lost its connection can ask for what it missed by the last sequence it saw. What is no longer in memory is
made up: balances from how they stand, orders and fills from history.
"""

from collections import OrderedDict
from typing import Final

from cse.gateway.ws.channels.missed import MissedOrders
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.channels.own_balances import BalancesChannel
from cse.gateway.ws.channels.own_orders import OrdersChannel
from cse.gateway.ws.channels.replay import Replay, UserChannel
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.touched import touched_by
from cse.messages import events as e
from cse.messages.catalog import Catalog
from cse.projections.live import LiveAccounts

USER_CHANNELS: Final = (ChannelKind.USER_ORDERS.value, ChannelKind.USER_BALANCES.value)


class UserChannels:
    """The channels of all accounts that are followed."""

    def __init__(self, live: LiveAccounts, catalog: Catalog, options: WsOptions) -> None:
        """Follow nobody yet. `live` must have seen a command before `apply` gets it, and none after it."""
        self._live: Final = live
        self._catalog: Final = catalog
        self._options: Final = options
        self._accounts: Final[OrderedDict[int, tuple[OrdersChannel, BalancesChannel]]] = (
            OrderedDict()
        )
        self._replay: Final = Replay(options.replay_messages, options.replay_total)
        self._time_ms = 0
        self._history: MissedOrders | None = None

    def read_missed_from(self, history: MissedOrders) -> None:
        """Read orders and fills that memory has forgotten from here, for all accounts."""
        self._history = history
        for orders, _ in self._accounts.values():
            orders.history = history

    def __len__(self) -> int:
        return len(self._accounts)

    def channel(self, name: str, account_id: int) -> UserChannel:
        """Return an account's channel by its name (one of USER_CHANNELS), following it from now on."""
        if account_id not in self._accounts:
            args = (
                account_id,
                self._live,
                self._catalog,
                self._time_ms,
                self._replay,
            )
            self._accounts[account_id] = (OrdersChannel(*args), BalancesChannel(*args))
            self._accounts[account_id][0].history = self._history
            self._forget_idle(account_id)
        self._accounts.move_to_end(account_id)
        return self._accounts[account_id][USER_CHANNELS.index(name)]

    def apply(self, applied: e.Applied) -> None:
        """Send what a command did to the accounts that are followed."""
        self._time_ms = applied.time_ms
        if not self._accounts:
            return
        touched = touched_by(applied, self._accounts, self._catalog)
        for account_id, what in touched.items():
            orders, balances = self._accounts[account_id]
            orders.update(what, applied)
            balances.update(what, applied)

    def _forget_idle(self, but: int) -> None:
        """Forget the account that nobody has asked for longest, unless somebody listens or it just came."""
        if len(self._accounts) <= self._options.replay_accounts:
            return
        for account_id, channels in self._accounts.items():
            if account_id != but and not any(channel.subscribers for channel in channels):
                del self._accounts[account_id]
                return
