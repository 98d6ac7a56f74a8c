"""`user.orders`: own orders as each command left them, and their fills."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from cse.gateway.present import account_fill_json, order_json
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.missed import Missed, MissedOrders, pages
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.channels.replay import Replay, UserChannel
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Kind, OrdersMessage
from cse.gateway.ws.touched import Touched
from cse.messages import events as e
from cse.messages.catalog import Catalog
from cse.projections.live import LiveAccounts
from cse.projections.views import FillView, OrderView

ASKED_AT_ONCE: Final = 4
"""Connections of one account for which history is read at once."""


class _Question:
    """What a subscriber asked of history, and what came back."""

    __slots__ = ("answered", "missed", "since", "until", "wanted")

    def __init__(self, since: int, until: int) -> None:
        """Ask for what came after `since`, up to `until`."""
        self.since: Final = since
        self.until: Final = until
        self.wanted = True
        """False: the subscriber has been given a snapshot meanwhile."""
        self.answered = False
        self.missed: Missed | None = None


class OrdersChannel(UserChannel):
    """`user.orders` of one account."""

    def __init__(
        self, account_id: int, live: LiveAccounts, catalog: Catalog, time_ms: int, replay: Replay
    ) -> None:
        """Begin after what `live` knows."""
        super().__init__(
            ChannelKind.USER_ORDERS.value, account_id, live.last_sequence(account_id), replay
        )
        self.history: MissedOrders | None = None
        """Where what memory has forgotten is read; None: nowhere."""
        self._live: Final = live
        self._catalog: Final = catalog
        self._time_ms = time_ms
        self._asked: Final[dict[Subscriber, _Question]] = {}
        """Who waits for history."""

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

    def open(self, subscriber: Subscriber, since: int | None) -> bool:
        """Open as UserChannel does; who asks for a snapshot no longer wants what is being read."""
        if since is None and subscriber in self._asked:
            self._asked[subscriber].wanted = False
        return super().open(subscriber, since)

    def _make_up(self, subscriber: Subscriber, since: int) -> bool:
        question = self._asked.get(subscriber)
        if question is None:
            if self._ask(subscriber, since):
                return False
        elif question.answered:
            del self._asked[subscriber]
            if question.since == since and question.missed and self._knows_from(question.until):
                self._tell(subscriber, question.missed, since, question.until)
                return True
        elif question.since == since and question.wanted:
            return False
        else:
            question.wanted = False
        subscriber.push(Outgoing(self.snapshot()))
        return True

    def _ask(self, subscriber: Subscriber, since: int) -> bool:
        """Ask history; False: there is none, or too many ask."""
        for who in [who for who, asked in self._asked.items() if asked.answered]:
            if who not in self.subscribers:
                del self._asked[who]
        if self.history is None or len(self._asked) >= ASKED_AT_ONCE:
            return False
        question = _Question(since, self.sequence)
        answer = partial(self._answered, subscriber, question)
        if not self.history.read(self.account_id, since, question.until, answer):
            return False
        self._asked[subscriber] = question
        return True

    def _answered(
        self, subscriber: Subscriber, question: "_Question", missed: Missed | None
    ) -> None:
        if question.wanted and subscriber in self.subscribers:
            question.answered, question.missed = True, missed
            subscriber.reopen(self)
        else:
            del self._asked[subscriber]

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
