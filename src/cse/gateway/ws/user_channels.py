"""The private channels of an account: own orders with their fills, and own balances.

Every command that touches the account gives one message, never joined with another and never dropped.
An account is followed from its first subscription on; the latest messages stay, so that a client which
lost its connection can ask for what it missed by the last sequence it saw. What is no longer in memory is
made up: balances from how they stand, orders and fills from history.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from cse.gateway.present import account_fill_json, balance_json, order_json
from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.channels.missed import Missed, MissedOrders, pages
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import BalancesMessage, Kind, OrdersMessage
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.touched import Touched, touched_by
from cse.messages import events as e
from cse.messages.catalog import Catalog
from cse.projections.live import LiveAccounts
from cse.projections.views import FillView, OrderView

ORDERS: Final = "user.orders"
BALANCES: Final = "user.balances"
USER_CHANNELS: Final = (ORDERS, BALANCES)
ASKED_AT_ONCE: Final = 4
"""Connections of one account for which history is read at once."""


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
        """Send what came after `since`, from memory or made up; a snapshot when that cannot be known."""
        if since is None or since > self.sequence:
            subscriber.push(Outgoing(self.snapshot()))
        elif since >= self._known_from:
            self._send_again(subscriber, since)
        else:
            return self._make_up(subscriber, since)
        return True

    def _send_again(self, subscriber: Subscriber, since: int) -> None:
        for sent in self._sent:
            if sent.sequence > since:
                subscriber.push(sent.outgoing)

    def _knows_from(self, sequence: int) -> bool:
        return sequence >= self._known_from

    @abstractmethod
    def _make_up(self, subscriber: Subscriber, since: int) -> bool:
        """Send what came after `since` although memory does not go back that far; see Channel.open."""

    @abstractmethod
    def snapshot(self) -> OrdersMessage | BalancesMessage:
        """Return everything as it stands."""


class _Answer(NamedTuple):
    """What history said to a subscriber's question."""

    since: int
    until: int
    missed: Missed | None


class OrdersChannel(UserChannel):
    """`user.orders` of one account."""

    def __init__(
        self, account_id: int, live: LiveAccounts, catalog: Catalog, time_ms: int, replay: Replay
    ) -> None:
        """Begin after what `live` knows."""
        super().__init__(ORDERS, account_id, live.last_sequence(account_id), replay)
        self.history: MissedOrders | None = None
        """Where what memory has forgotten is read; None: nowhere."""
        self._live: Final = live
        self._catalog: Final = catalog
        self._time_ms = time_ms
        self._asked: Final[dict[Subscriber, _Answer | None]] = {}
        """Who waits for history, and what it said."""

    def update(self, touched: Touched, applied: e.Applied) -> None:
        """Send what a command did to the account's orders."""
        self._time_ms = applied.time_ms
        known_orders = (self._live.order(order_id) for order_id in touched.orders)
        orders = [view for view in known_orders if view is not None]
        if orders:
            fills = [self._fill(*of_order) for of_order in touched.fills]
            known = [fill for fill in fills if fill is not None]
            self.send(self._message("update", applied.sequence, self.sequence, orders, known))

    def snapshot(self) -> OrdersMessage:
        """Return all open orders, newest first."""
        orders = self._live.open_orders(self.account_id)
        return self._message("snapshot", self.sequence, None, orders, [])

    def _make_up(self, subscriber: Subscriber, since: int) -> bool:
        for gone in [who for who in self._asked if who not in self.subscribers]:
            del self._asked[gone]
        if subscriber in self._asked:
            answer = self._asked[subscriber]
            if answer is None:
                return False
            del self._asked[subscriber]
            if answer.since == since and answer.missed and self._knows_from(answer.until):
                self._tell(subscriber, answer.missed, since, answer.until)
                return True
        elif self._ask(subscriber, since):
            return False
        subscriber.push(Outgoing(self.snapshot()))
        return True

    def _ask(self, subscriber: Subscriber, since: int) -> bool:
        """Ask history; False: there is none, or too many ask."""
        if self.history is None or len(self._asked) >= ASKED_AT_ONCE:
            return False
        until = self.sequence
        answer = partial(self._answered, subscriber, since, until)
        if not self.history.read(self.account_id, since, until, answer):
            return False
        self._asked[subscriber] = None
        return True

    def _answered(
        self, subscriber: Subscriber, since: int, until: int, missed: Missed | None
    ) -> None:
        if subscriber in self.subscribers and subscriber in self._asked:
            self._asked[subscriber] = _Answer(since, until, missed)
            subscriber.reopen(self)
        else:
            self._asked.pop(subscriber, None)

    def _tell(self, subscriber: Subscriber, missed: Missed, since: int, until: int) -> None:
        """Send what history knows, up to where memory begins, and go on from there."""
        previous = since
        for page in pages(missed, until):
            times = [each.updated_at for each in page.orders] + [
                each.time_ms for each in page.fills
            ]
            message = self._message(
                "update", page.sequence, previous, page.orders, page.fills, max(times, default=None)
            )
            subscriber.push(Outgoing(message))
            previous = page.sequence
        self._send_again(subscriber, until)

    def _fill(self, order_id: int, trade_id: int) -> FillView | None:
        fills = reversed(self._live.fills(order_id))
        return next((fill for fill in fills if fill.trade_id == trade_id), None)

    def _message(
        self,
        kind: Kind,
        sequence: int,
        previous: int | None,
        orders: Sequence[OrderView],
        fills: Sequence[FillView],
        time_ms: int | None = None,
    ) -> OrdersMessage:
        markets = self._catalog.markets
        return OrdersMessage(
            self.name,
            kind,
            sequence,
            previous,
            self._time_ms if time_ms is None else time_ms,
            [order_json(view, markets[view.market_id]) for view in orders],
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

    def _make_up(self, subscriber: Subscriber, since: int) -> bool:
        """Send all balances as they stand, those that are zero too: nothing older matters."""
        views = [
            self._live.balance(self.account_id, asset) for asset in sorted(self._catalog.assets)
        ]
        balances = [balance_json(view, self._catalog) for view in views]
        message = BalancesMessage(
            self.name, "update", self.sequence, since, self._time_ms, balances
        )
        subscriber.push(Outgoing(message))
        return True

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
