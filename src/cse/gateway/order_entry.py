"""Order entry: raw JSON and an account in, answer bytes out. HTTP and WebSocket both go through here.

Every method raises ApiProblem for a refusal (its own or the engine's) and lets Unavailable (nothing was
done) and OutcomeUnknown (it may have been done) through; `problems.from_error` renders them.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from cse.core.errors import Unavailable
from cse.gateway import schemas as s
from cse.gateway.order_answers import placed_order
from cse.gateway.order_lookup import OrderLookup, OrderRef
from cse.gateway.order_requests import (
    AmendRequest,
    CancelAfterRequest,
    PlaceRequest,
    amend_command,
    market_of,
    place_command,
)
from cse.gateway.order_to_trade import OrderToTrade
from cse.gateway.present import encode, order_with_fills
from cse.gateway.problems import ApiProblem, from_reject_code
from cse.gateway.refusals import explain_refusal
from cse.gateway.requests import decode
from cse.messages.catalog import Catalog
from cse.messages.commands import AmendOrder, CancelAll, CancelOrder, PlaceOrder, SetCancelAfter
from cse.messages.events import (
    Applied,
    CancelAfterSet,
    OrderAccepted,
    OrderAmended,
    OrderClosed,
    Rejected,
)
from cse.messages.ports import CommandQueue
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Command
from cse.projections.live import LiveAccounts
from cse.projections.views import OrderView
from cse.users.identity_checks.errors import LevelTooLow

REPLAYED: Final[Mapping[str, str]] = {"Idempotent-Replayed": "true"}
NO_HEADERS: Final[Mapping[str, str]] = {}


class Answer(NamedTuple):
    """What a call answers: an HTTP status, a JSON body and headers besides the usual ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = NO_HEADERS
    rest: AsyncIterator[bytes] | None = None
    """What follows `body`, made while it is sent, of a length that nobody knows yet; None: nothing."""


class Prepared(NamedTuple):
    """A command that is ready to be handed in, and the order that it is about when that is known already."""

    command: PlaceOrder | AmendOrder | CancelOrder
    view: OrderView | None = None


class OrderEntry:
    """Places, amends and cancels orders of one account at a time."""

    def __init__(
        self,
        queue: CommandQueue,
        catalog: Catalog,
        live: LiveAccounts,
        lookup: OrderLookup,
        order_to_trade: OrderToTrade | None = None,
    ) -> None:
        """Use `queue` for commands, the views for what orders are and were; `order_to_trade` counts them."""
        self._order_to_trade = order_to_trade or OrderToTrade()
        self.may_trade: Callable[[int], bool] | None = None
        """Whether an account's identity level covers trading; None: trading takes none."""
        self._queue = queue
        self._catalog = catalog
        self._live = live
        self._lookup = lookup

    async def place(self, account_id: int, body: bytes) -> Answer:
        """Place an order (body: PlaceRequest): 201 with the order after matching.

        The same `client_order_id` with the same body: 200 with the first order as it stands.
        """
        return await self._finish(self.prepare_place(account_id, body))

    def prepare_place(self, account_id: int, body: bytes) -> Prepared:
        """Return the command of what `place` is asked for."""
        command = place_command(account_id, decode(PlaceRequest, body), self._catalog)
        self.require_level(account_id)
        self.count_placed(account_id)
        return Prepared(command)

    def require_level(self, account_id: int) -> None:
        """Let an account place and amend orders; cancelling takes no level.

        Raises:
            ApiProblem: 403 `identity_level_too_low`.
            Unavailable: whose sub-account it is, is not known yet.
        """
        if self.may_trade is not None and not self.may_trade(account_id):
            raise ApiProblem(403, LevelTooLow.code, LevelTooLow.meaning)

    def count_placed(self, account_id: int) -> None:
        """Count an order that is about to be placed; raises ApiProblem: 429, see OrderToTrade."""
        excess = self._order_to_trade.place(account_id)
        if excess is not None:
            raise excess.problem()

    def count_amended(self, account_id: int) -> None:
        """Count an order that is about to be amended; raises ApiProblem: 429, see OrderToTrade."""
        excess = self._order_to_trade.place(account_id, 0, amended=1)
        if excess is not None:
            raise excess.problem()

    def count_cancelled(self, account_id: int) -> None:
        """Count an order that is about to be cancelled: never refused."""
        self._order_to_trade.cancelled(account_id)

    async def amend(self, account_id: int, ref: OrderRef, body: bytes) -> Answer:
        """Change an open order (body: AmendRequest): 200 with the order as it stands then."""
        request = decode(AmendRequest, body)
        view = await self._lookup.own_open(account_id, ref)
        return await self._finish(self._prepared_amend(view, request))

    def prepare_amend(self, account_id: int, order_id: int, body: bytes) -> Prepared | None:
        """Return the command of what `amend` is asked for; None when only history may know the order."""
        request = decode(AmendRequest, body)
        view = self._lookup.own_open_now(account_id, order_id)
        return None if view is None else self._prepared_amend(view, request)

    def _prepared_amend(self, view: OrderView, request: AmendRequest) -> Prepared:
        market = self._catalog.markets[view.market_id]
        command = amend_command(view.account_id, view.order_id, "", request, market)
        self.require_level(view.account_id)
        self.count_amended(view.account_id)
        return Prepared(command, view)

    async def cancel(self, account_id: int, ref: OrderRef) -> Answer:
        """Cancel an open order: 200 with the order as it stands then; 409 when it is done already."""
        return await self._finish(
            self._prepared_cancel(await self._lookup.own_open(account_id, ref))
        )

    def prepare_cancel(self, account_id: int, order_id: int) -> Prepared | None:
        """Return the command of what `cancel` is asked for; None when only history may know the order."""
        view = self._lookup.own_open_now(account_id, order_id)
        return None if view is None else self._prepared_cancel(view)

    def _prepared_cancel(self, view: OrderView) -> Prepared:
        command = CancelOrder(view.account_id, view.order_id, "")
        self.count_cancelled(view.account_id)
        return Prepared(command, view)

    async def _finish(self, prepared: Prepared) -> Answer:
        command, view = prepared
        return await self.applied(command, await self._queue.submit(command), view)

    async def applied(self, command: Command, applied: Applied, view: OrderView | None) -> Answer:
        """Return the answer to a place, amend or cancel command that was applied.

        `view` is the order that was amended or cancelled; None when the command named one by client order
        id that nobody had looked up.
        """
        answer = self.applied_now(command, applied, view)
        if answer is not None:
            return answer
        if isinstance(command, PlaceOrder):
            view = await self._lookup.own(command.account_id, _first_placed(applied))
            return Answer(200, await self.order_body(view), REPLAYED)
        return Answer(200, await self.order_body(self._changed(applied, view)))

    def applied_now(
        self, command: Command, applied: Applied, view: OrderView | None
    ) -> Answer | None:
        """Return what `applied` does, if memory alone can tell; else None."""
        first = applied.events[0]
        if isinstance(first, OrderAccepted):
            market = self._catalog.markets[first.market_id]
            placed, fills = placed_order(applied, first, market)
            return Answer(201, encode(order_with_fills(placed, fills, market)))
        if isinstance(first, Rejected):
            if isinstance(command, PlaceOrder) and first.code is RejectCode.ALREADY_APPLIED:
                return None
            raise self._refusal(first, command, view)
        now = self._changed(applied, view)
        fills_now = self._lookup.fills_now(now)
        if fills_now is None:
            return None
        market = self._catalog.markets[now.market_id]
        return Answer(200, encode(order_with_fills(now, fills_now, market)))

    def _refusal(
        self, rejected: Rejected, command: Command, view: OrderView | None = None
    ) -> ApiProblem:
        """Return the engine's refusal in words that help."""
        if rejected.code is RejectCode.ORDER_NOT_FOUND:
            closed = view or self._named(command)
            if closed:
                detail = f"Order {closed.order_id} was closed a moment ago."
                return from_reject_code(RejectCode.ORDER_CLOSED, detail)
        return explain_refusal(rejected, command, self._catalog, self._live, view)

    def _changed(self, applied: Applied, view: OrderView | None) -> OrderView:
        """Return the order that an amend or cancel command was about, as it stands now."""
        now = self._live.order(view.order_id if view else _order_id(applied)) or view
        assert now is not None, "the live view keeps an order that was changed just now"
        return now

    async def cancel_all(self, account_id: int, market: str | None = None) -> Answer:
        """Cancel all open orders, of one market or all: 200 with how many and which."""
        market_id = market_of(self._catalog, market).market_id if market is not None else 0
        command = CancelAll(account_id, market_id)
        self.count_cancelled(account_id)
        applied = await self._queue.submit(command)
        if applied.events and isinstance(applied.events[0], Rejected):
            raise self._refusal(applied.events[0], command)
        order_ids = [event.order_id for event in applied.events if isinstance(event, OrderClosed)]
        return Answer(200, encode(s.Cancelled(len(order_ids), order_ids)))

    async def cancel_after(self, account_id: int, body: bytes) -> Answer:
        """Arm, renew or disarm the dead-man switch (body: CancelAfterRequest): 200 with when it fires."""
        request = decode(CancelAfterRequest, body)
        command = SetCancelAfter(account_id, request.timeout_ms)
        applied = await self._queue.submit(command)
        event = applied.events[0]
        if isinstance(event, Rejected):
            raise self._refusal(event, command)
        assert isinstance(event, CancelAfterSet), f"unexpected first event {event!r}"
        return Answer(200, encode(s.CancelAfter(event.deadline or None)))

    async def order_body(self, view: OrderView) -> bytes:
        """Return an order with all its fills as JSON.

        What was done is not undone by a history that is away or behind: then the fills in memory have to
        do, and the answer says so (`fills_complete: false`).
        """
        market = self._catalog.markets[view.market_id]
        shown = msgspec.structs.replace(view)  # the live object may move while we wait for history
        try:
            fills = await self._lookup.fills(shown)
        except (Unavailable, ApiProblem):
            answer = order_with_fills(shown, self._lookup.recent_fills(shown), market)
            return encode(msgspec.structs.replace(answer, fills_complete=False))
        return encode(order_with_fills(shown, fills, market))

    def _named(self, command: Command) -> OrderView | None:
        """Return the order that an amend or cancel command names by client order id, closed or not."""
        if isinstance(command, AmendOrder | CancelOrder) and command.client_order_id:
            return self._live.order_by_client_id(command.account_id, command.client_order_id)
        return None


def _first_placed(applied: Applied) -> int:
    """Return which order was placed under this client order id before."""
    first = applied.events[0]
    assert isinstance(first, Rejected), f"unexpected first event {first!r}"
    return first.order_id


def _order_id(applied: Applied) -> int:
    """Return which order an amend or cancel command was about."""
    for event in applied.events:
        if isinstance(event, OrderAmended | OrderClosed):
            return event.order_id
    raise AssertionError(f"command {applied.sequence} changed no order")
