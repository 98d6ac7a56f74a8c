"""Order entry: raw JSON and an account in, answer bytes out. HTTP and WebSocket both go through here.

Every method raises ApiProblem for a refusal (its own or the engine's) and lets Unavailable (nothing was
done) and OutcomeUnknown (it may have been done) through; `problems.from_error` renders them.
"""

from collections.abc import Mapping
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

REPLAYED: Final[Mapping[str, str]] = {"Idempotent-Replayed": "true"}
NO_HEADERS: Final[Mapping[str, str]] = {}


class Answer(NamedTuple):
    """What a call answers: an HTTP status, a JSON body and headers besides the usual ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = NO_HEADERS


class OrderEntry:
    """Places, amends and cancels orders of one account at a time."""

    def __init__(
        self, queue: CommandQueue, catalog: Catalog, live: LiveAccounts, lookup: OrderLookup
    ) -> None:
        """Use `queue` for commands, the views for what orders are and were."""
        self._queue = queue
        self._catalog = catalog
        self._live = live
        self._lookup = lookup

    async def place(self, account_id: int, body: bytes) -> Answer:
        """Place an order (body: PlaceRequest): 201 with the order after matching.

        The same `client_order_id` with the same body: 200 with the first order as it stands.
        """
        command = place_command(account_id, decode(PlaceRequest, body), self._catalog)
        return await self.placed(command, await self._queue.submit(command))

    async def placed(self, command: PlaceOrder, applied: Applied) -> Answer:
        """Return the answer to a place command that was applied."""
        first = applied.events[0]
        if isinstance(first, OrderAccepted):
            market = self._catalog.markets[first.market_id]
            view, fills = placed_order(applied, first, market)
            return Answer(201, encode(order_with_fills(view, fills, market)))
        if isinstance(first, Rejected) and first.code is RejectCode.ALREADY_APPLIED:
            view = await self._lookup.own(command.account_id, first.order_id)
            return Answer(200, await self.order_body(view), REPLAYED)
        raise self._refusal(applied, command)

    async def amend(self, account_id: int, ref: OrderRef, body: bytes) -> Answer:
        """Change an open order (body: AmendRequest): 200 with the order as it stands then."""
        request = decode(AmendRequest, body)
        view = await self._lookup.own_open(account_id, ref)
        market = self._catalog.markets[view.market_id]
        command = amend_command(account_id, view.order_id, "", request, market)
        return await self.changed(command, await self._queue.submit(command), view)

    async def cancel(self, account_id: int, ref: OrderRef) -> Answer:
        """Cancel an open order: 200 with the order as it stands then; 409 when it is done already."""
        view = await self._lookup.own_open(account_id, ref)
        command = CancelOrder(account_id, view.order_id, "")
        return await self.changed(command, await self._queue.submit(command), view)

    async def applied(self, command: Command, applied: Applied, view: OrderView | None) -> Answer:
        """Return the answer to a place, amend or cancel command that was applied.

        `view` is the order that was amended or cancelled; None when the command named one by client order
        id that nobody had looked up.
        """
        if isinstance(command, PlaceOrder):
            return await self.placed(command, applied)
        return await self.changed(command, applied, view)

    async def changed(self, command: Command, applied: Applied, view: OrderView | None) -> Answer:
        """Return the answer to an amend or cancel command that was applied."""
        first = applied.events[0]
        if isinstance(first, Rejected):
            closed = view or self._named(command)
            if closed and first.code is RejectCode.ORDER_NOT_FOUND:
                detail = f"Order {closed.order_id} was closed a moment ago."
                raise from_reject_code(RejectCode.ORDER_CLOSED, detail)
            raise self._refusal(applied, command, view)
        order_id = view.order_id if view else _order_id(applied)
        now = self._live.order(order_id) or view
        assert now is not None, "the live view keeps an order that was changed just now"
        return Answer(200, await self.order_body(now))

    async def cancel_all(self, account_id: int, market: str | None = None) -> Answer:
        """Cancel all open orders, of one market or all: 200 with how many and which."""
        market_id = market_of(self._catalog, market).market_id if market is not None else 0
        command = CancelAll(account_id, market_id)
        applied = await self._queue.submit(command)
        if applied.events and isinstance(applied.events[0], Rejected):
            raise self._refusal(applied, command)
        order_ids = [event.order_id for event in applied.events if isinstance(event, OrderClosed)]
        return Answer(200, encode(s.Cancelled(len(order_ids), order_ids)))

    async def cancel_after(self, account_id: int, body: bytes) -> Answer:
        """Arm, renew or disarm the dead-man switch (body: CancelAfterRequest): 200 with when it fires."""
        request = decode(CancelAfterRequest, body)
        command = SetCancelAfter(account_id, request.timeout_ms)
        applied = await self._queue.submit(command)
        event = applied.events[0]
        if not isinstance(event, CancelAfterSet):
            raise self._refusal(applied, command)
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

    def _refusal(
        self, applied: Applied, command: Command, view: OrderView | None = None
    ) -> ApiProblem:
        """Return the engine's refusal in words that help."""
        rejected = applied.events[0]
        assert isinstance(rejected, Rejected), f"unexpected first event {rejected!r}"
        return explain_refusal(rejected, command, self._catalog, self._live, view)


def _order_id(applied: Applied) -> int:
    """Return which order an amend or cancel command was about."""
    for event in applied.events:
        if isinstance(event, OrderAmended | OrderClosed):
            return event.order_id
    raise AssertionError(f"command {applied.sequence} changed no order")
