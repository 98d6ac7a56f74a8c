"""The calls under /api/orders."""

from typing import Literal

import msgspec

from cse.gateway.batch import BatchEntry, BatchResults
from cse.gateway.cursors import ORDERS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Access, Need
from cse.gateway.http.lists import MarketName, MarketPage, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer, Prepared
from cse.gateway.order_requests import (
    AmendRequest,
    BatchRequestSchema,
    CancelAfterRequest,
    PlaceRequest,
    market_of,
)
from cse.gateway.present import encode, order_json
from cse.gateway.preview import Preview, Previewer
from cse.gateway.problems import ApiProblem, from_reject_code
from cse.gateway.schemas import CancelAfter, Cancelled, Order, OrderWithFills
from cse.messages.reject_codes import RejectCode
from cse.projections.views import OrderView

TAG = "Orders"
_ORDER_ID = {"order_id": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}}
_CLIENT_ID = {"client_order_id": {"type": "string", "pattern": "^[A-Za-z0-9._:/-]{1,36}$"}}
_REPLAYED = {200: "The same `client_order_id` again: the first order as it stands now."}


class OrdersQuery(MarketPage, frozen=True, forbid_unknown_fields=True):
    """Which orders."""

    status: Literal["open", "closed", "all"] = "open"


class CancelAllQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders to cancel; without a market: all."""

    market: MarketName | None = None


class OrderList(msgspec.Struct, frozen=True):
    """A page of orders, newest first."""

    orders: list[Order]
    next_cursor: str | None
    """Give it as `cursor` to get the next page; null: this was the last."""


def _no_such_order() -> ApiProblem:
    return from_reject_code(RejectCode.ORDER_NOT_FOUND)


class OrderCalls:
    """Order entry and own orders over HTTP."""

    def __init__(self, deps: GatewayDeps, access: Access) -> None:
        """Use the shared order entry and views; `access` charges batches by their size."""
        self._deps = deps
        self._access = access
        self._entry = deps.order_entry
        self._batch = BatchEntry(deps.queue, deps.catalog, deps.lookup, deps.order_entry)
        self._previewer = Previewer(deps.catalog, deps.live, deps.market_data, deps.clock)

    async def place(self, call: Call) -> Answer:
        """Place an order; the answer shows it after matching, with its fills.

        Give a `client_order_id` and sending the same again is safe: it never places a second order.
        """
        return await self._entry.place(call.account_id, call.body)

    def prepare_place(self, call: Call) -> Prepared:
        """Do what `place` does before it hands in its command."""
        return self._entry.prepare_place(call.account_id, call.body)

    async def amend(self, call: Call) -> Answer:
        """Change an open order's price, trigger price or total quantity.

        A smaller quantity at the same price keeps its place in the queue; anything else loses it.
        """
        return await self._entry.amend(call.account_id, _order_id(call), call.body)

    def prepare_amend(self, call: Call) -> Prepared | None:
        """Do what `amend` does before it hands in its command."""
        return self._entry.prepare_amend(call.account_id, _order_id(call), call.body)

    async def cancel(self, call: Call) -> Answer:
        """Cancel an open order."""
        return await self._entry.cancel(call.account_id, _order_id(call))

    def prepare_cancel(self, call: Call) -> Prepared | None:
        """Do what `cancel` does before it hands in its command."""
        return self._entry.prepare_cancel(call.account_id, _order_id(call))

    async def cancel_all(self, call: Call) -> Answer:
        """Cancel all own open orders, of one market or of all."""
        wanted: CancelAllQuery = call.query(CancelAllQuery)
        return await self._entry.cancel_all(call.account_id, wanted.market)

    async def batch(self, call: Call) -> Answer:
        """Place, amend and cancel up to 50 orders at once, each applied and answered for itself.

        Items are applied in their order; a refused one stops none of the others.
        """
        more = self._batch.size(call.body) - 1
        if more:
            await self._access.charge(call.context, call.caller, more)
        return await self._batch.submit(call.account_id, call.body, call.context.request_id)

    async def cancel_after(self, call: Call) -> Answer:
        """Arm or renew the dead-man switch: unless renewed in time, all open orders are cancelled.

        `{"timeout_ms": 0}` disarms it.
        """
        return await self._entry.cancel_after(call.account_id, call.body)

    async def preview(self, call: Call) -> Answer:
        """Say what an order would cost and fill now. Nothing is placed; it is an estimate."""
        return Answer(200, encode(self._previewer.preview(call.account_id, call.body)))

    async def get(self, call: Call) -> Answer:
        """Return one own order with its fills, open or closed."""
        view = await self._deps.lookup.own(call.account_id, _order_id(call))
        return Answer(200, await self._entry.order_body(view))

    async def get_by_client_id(self, call: Call) -> Answer:
        """Return the newest own order of a client order id; ask this when an answer got lost."""
        view = await self._deps.lookup.own(call.account_id, call.path["client_order_id"])
        return Answer(200, await self._entry.order_body(view))

    async def search(self, call: Call) -> Answer:
        """Return own orders, newest first."""
        wanted: OrdersQuery = call.query(OrdersQuery)
        market_id = None
        if wanted.market is not None:
            market_id = market_of(self._deps.catalog, wanted.market).market_id
        key = read_cursor(ORDERS, wanted.cursor)
        before = key[0] if key else None
        if wanted.status == "open":
            views = self._open(call.account_id, market_id, before)[: wanted.limit + 1]
        else:
            views = await self._past(call.account_id, market_id, before, wanted)
        page, markets = views[: wanted.limit], self._deps.catalog.markets
        more = len(views) > wanted.limit
        orders = [order_json(view, markets[view.market_id]) for view in page]
        cursor = write_cursor(ORDERS, page[-1].order_id) if more else None
        return Answer(200, encode(OrderList(orders, cursor)))

    def _open(self, account_id: int, market_id: int | None, before: int | None) -> list[OrderView]:
        views = self._deps.live.open_orders(account_id, market_id)
        return [view for view in views if before is None or view.order_id < before]

    async def _past(
        self, account_id: int, market_id: int | None, before: int | None, wanted: OrdersQuery
    ) -> list[OrderView]:
        """Read history once it holds all that happened to the account until this call; show the newest state.

        History can only be complete up to some moment; what has changed since is taken from memory, and
        an order that was opened since is part of the next call's list.
        """
        deps = self._deps
        await deps.gate.reach(deps.live.last_sequence(account_id))
        closed = True if wanted.status == "closed" else None
        views = await deps.history.orders(
            account_id, closed=closed, market_id=market_id, before=before, limit=wanted.limit + 1
        )
        return [deps.live.order(view.order_id) or view for view in views]


def _order_id(call: Call) -> int:
    order_id = parse_id(call.path["order_id"])
    if order_id is None:
        raise _no_such_order()
    return order_id


def order_operations(deps: GatewayDeps, access: Access) -> list[Operation]:
    """Return the calls under /api/orders; the busiest first, as routes are tried in order."""
    calls = OrderCalls(deps, access)
    return [
        Operation(
            "POST",
            "/api/orders",
            calls.place,
            "Place an order",
            TAG,
            OrderWithFills,
            need=Need.TRADE,
            body=PlaceRequest,
            status=201,
            statuses=(404, 409),
            also=_REPLAYED,
            prepare=calls.prepare_place,
        ),
        Operation(
            "GET",
            "/api/orders",
            calls.search,
            "List own orders",
            TAG,
            OrderList,
            need=Need.READ,
            query=OrdersQuery,
            statuses=(404,),
        ),
        Operation(
            "DELETE",
            "/api/orders",
            calls.cancel_all,
            "Cancel all orders",
            TAG,
            Cancelled,
            need=Need.TRADE,
            query=CancelAllQuery,
            statuses=(404,),
        ),
        *_special(calls),
        *_single(calls),
    ]


def _special(calls: OrderCalls) -> list[Operation]:
    return [
        Operation(
            "POST",
            "/api/orders/batch",
            calls.batch,
            "Place, amend and cancel up to 50 orders",
            TAG,
            BatchResults,
            need=Need.TRADE,
            body=BatchRequestSchema,
        ),
        Operation(
            "POST",
            "/api/orders/cancel-after",
            calls.cancel_after,
            "Arm, renew or disarm the dead-man switch",
            TAG,
            CancelAfter,
            need=Need.TRADE,
            body=CancelAfterRequest,
            statuses=(404,),
        ),
        Operation(
            "POST",
            "/api/orders/preview",
            calls.preview,
            "Preview an order",
            TAG,
            Preview,
            need=Need.READ,
            body=PlaceRequest,
            statuses=(404,),
        ),
        Operation(
            "GET",
            "/api/orders/by-client-id/{client_order_id:path}",
            calls.get_by_client_id,
            "Get an own order by its client order id",
            TAG,
            OrderWithFills,
            need=Need.READ,
            statuses=(404,),
            parameters=_CLIENT_ID,
        ),
    ]


def _single(calls: OrderCalls) -> list[Operation]:
    path = "/api/orders/{order_id}"
    return [
        Operation(
            "GET",
            path,
            calls.get,
            "Get an own order",
            TAG,
            OrderWithFills,
            need=Need.READ,
            statuses=(404,),
            parameters=_ORDER_ID,
        ),
        Operation(
            "PATCH",
            path,
            calls.amend,
            "Amend an order",
            TAG,
            OrderWithFills,
            need=Need.TRADE,
            body=AmendRequest,
            statuses=(404, 409),
            parameters=_ORDER_ID,
            prepare=calls.prepare_amend,
        ),
        Operation(
            "DELETE",
            path,
            calls.cancel,
            "Cancel an order",
            TAG,
            OrderWithFills,
            need=Need.TRADE,
            statuses=(404, 409),
            parameters=_ORDER_ID,
            prepare=calls.prepare_cancel,
        ),
    ]
