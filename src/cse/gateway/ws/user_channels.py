"""The private channels of an account: own orders with their fills, and own balances.

Every command that touches the account gives one message, never joined with another and never dropped.
An account is followed from its first subscription on; the latest messages stay, so that a client which
lost its connection can ask for what it missed by the last sequence it saw.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from typing import Final, NamedTuple

from cse.gateway.present import account_fill_json, balance_json, order_json
from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import BalancesMessage, Kind, OrdersMessage
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.touched import Touched, touched_by
from cse.messages import events as e
from cse.messages.catalog import Catalog
from cse.projections.live import LiveAccounts
from cse.projections.views import FillView

ORDERS: Final = "user.orders"
BALANCES: Final = "user.balances"
USER_CHANNELS: Final = (ORDERS, BALANCES)


class _Sent(NamedTuple):
    sequence: int
    outgoing: Outgoing


class Replay:
    """Bounds what all private channels together keep: past the total the oldest message of all goes."""

    def __init__(self, per_channel: int, total: int) -> None:
        """Keep so many messages per channel, and so many in all."""
        self.per_channel: Final = per_channel
        self._total: Final = total
        self._order: Final[deque[UserChannel]] = deque()

    def added(self, channel: "UserChannel") -> None:
        """Note that a channel keeps one more message."""
        self._order.append(channel)
        if len(self._order) > self._total:
            self._order.popleft().forget_oldest()


class UserChannel(Channel, ABC):
    """One private channel of one account, with its latest messages."""

    def __init__(self, name: str, account_id: int, sequence: int, replay: Replay) -> None:
        """Begin after `sequence`; `replay` says how much stays."""
        super().__init__(name, sequence)
        self.account_id: Final = account_id
        self._sent: Final[deque[_Sent]] = deque()
        self._replay: Final = replay
        self._known_from = sequence
        """What came after this sequence can be sent again."""
        self._forgotten_early = 0

    def send(self, message: OrdersMessage | BalancesMessage) -> None:
        """Send an update and keep it for a while."""
        outgoing = Outgoing(message)
        self.sequence = message.sequence
        self._sent.append(_Sent(message.sequence, outgoing))
        if len(self._sent) > self._replay.per_channel:
            self._known_from = self._sent.popleft().sequence
            self._forgotten_early += 1
        self._replay.added(self)
        self.publish(outgoing)

    def forget_oldest(self) -> None:
        """Forget the message that is the oldest of all channels', if it is still here."""
        if self._forgotten_early:
            self._forgotten_early -= 1
        else:
            self._known_from = self._sent.popleft().sequence

    def open(self, subscriber: Subscriber, since: int | None) -> bool:
        """Send what came after `since` if all of that is known, else a snapshot."""
        if since is None or not self._known_from <= since <= self.sequence:
            subscriber.push(Outgoing(self.snapshot()))
            return True
        for sent in self._sent:
            if sent.sequence > since:
                subscriber.push(sent.outgoing)
        return True

    @abstractmethod
    def snapshot(self) -> OrdersMessage | BalancesMessage:
        """Return everything as it stands."""


class OrdersChannel(UserChannel):
    """`user.orders` of one account."""

    def __init__(
        self, account_id: int, live: LiveAccounts, catalog: Catalog, time_ms: int, replay: Replay
    ) -> None:
        """Begin after what `live` knows."""
        super().__init__(ORDERS, account_id, live.last_sequence(account_id), replay)
        self._live: Final = live
        self._catalog: Final = catalog
        self._time_ms = time_ms

    def update(self, touched: Touched, applied: e.Applied) -> None:
        """Send what a command did to the account's orders."""
        self._time_ms = applied.time_ms
        orders = [order_id for order_id in touched.orders if self._live.order(order_id)]
        if orders:
            fills = [self._fill(*of_order) for of_order in touched.fills]
            known = [fill for fill in fills if fill is not None]
            self.send(self._message("update", applied.sequence, self.sequence, orders, known))

    def snapshot(self) -> OrdersMessage:
        """Return all open orders, newest first."""
        orders = [view.order_id for view in self._live.open_orders(self.account_id)]
        return self._message("snapshot", self.sequence, None, orders, [])

    def _fill(self, order_id: int, trade_id: int) -> FillView | None:
        fills = reversed(self._live.fills(order_id))
        return next((fill for fill in fills if fill.trade_id == trade_id), None)

    def _message(
        self,
        kind: Kind,
        sequence: int,
        previous: int | None,
        orders: list[int],
        fills: list[FillView],
    ) -> OrdersMessage:
        markets = self._catalog.markets
        views = [view for order_id in orders if (view := self._live.order(order_id))]
        return OrdersMessage(
            self.name,
            kind,
            sequence,
            previous,
            self._time_ms,
            [order_json(view, markets[view.market_id]) for view in views],
            [account_fill_json(fill, markets[fill.market_id]) for fill in fills],
        )


class BalancesChannel(UserChannel):
    """`user.balances` of one account."""

    def __init__(
        self, account_id: int, live: LiveAccounts, catalog: Catalog, time_ms: int, replay: Replay
    ) -> None:
        """Begin after what `live` knows."""
        super().__init__(BALANCES, account_id, live.last_sequence(account_id), replay)
        self._live: Final = live
        self._catalog: Final = catalog
        self._time_ms = time_ms
        self._known = live.balances(account_id)

    def update(self, touched: Touched, applied: e.Applied) -> None:
        """Send the balances that a command changed, those that went to zero too."""
        self._time_ms = applied.time_ms
        changed = []
        for asset_id in sorted(touched.assets):
            view = self._live.balance(self.account_id, asset_id)
            if self._known.get(asset_id) != view:
                self._known[asset_id] = view
                changed.append(balance_json(view, self._catalog))
        if changed:
            self.send(
                BalancesMessage(
                    self.name, "update", applied.sequence, self.sequence, applied.time_ms, changed
                )
            )

    def snapshot(self) -> BalancesMessage:
        """Return all balances that are not zero."""
        views = self._live.balances(self.account_id)
        balances = [balance_json(view, self._catalog) for _, view in sorted(views.items())]
        return BalancesMessage(self.name, "snapshot", self.sequence, None, self._time_ms, balances)


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
            self._forget_idle()
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

    def _forget_idle(self) -> None:
        """Forget the account that nobody has asked for longest, unless somebody listens."""
        if len(self._accounts) <= self._options.replay_accounts:
            return
        for account_id, channels in self._accounts.items():
            if not any(channel.subscribers for channel in channels):
                del self._accounts[account_id]
                return
