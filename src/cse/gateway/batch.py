"""Batches: up to 50 items of one account, journaled together, each applied and answered for itself."""

import asyncio
from typing import NamedTuple

import msgspec

from cse.gateway.order_entry import Answer, OrderEntry
from cse.gateway.order_lookup import OrderLookup
from cse.gateway.order_requests import (
    BatchAmend,
    BatchCancel,
    BatchItem,
    BatchPlace,
    BatchRequest,
    amend_command,
    check_client_order_id,
    place_command,
)
from cse.gateway.present import encode
from cse.gateway.problems import TOLD, ApiProblem, Problem, from_error
from cse.gateway.requests import Amounts, decode
from cse.gateway.schemas import Fill, Order
from cse.messages.catalog import Catalog, Market
from cse.messages.commands import CancelOrder
from cse.messages.events import Applied
from cse.messages.ports import CommandQueue
from cse.messages.wire import Command
from cse.projections.views import OrderView


class BatchResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item: the order and its fills, or the problem."""

    status: int
    order: Order | None = None
    fills: list[Fill] | None = None
    fills_complete: bool = True
    problem: Problem | None = None


class BatchResults(msgspec.Struct, frozen=True):
    """One result per item, in the order of the items."""

    results: list[BatchResult]


class _Ready(NamedTuple):
    """A good item: its command, and the order that it is about when that is known already."""

    command: Command
    view: OrderView | None


class BatchEntry:
    """Takes batches apart, hands the good items in together, puts the answers together again."""

    def __init__(
        self, queue: CommandQueue, catalog: Catalog, lookup: OrderLookup, entry: OrderEntry
    ) -> None:
        """Answer items as `entry` answers single calls."""
        self._queue = queue
        self._catalog = catalog
        self._lookup = lookup
        self._entry = entry

    def size(self, body: bytes) -> int:
        """Return how many items a batch has, for the limiter; raises ApiProblem as `submit`."""
        return len(decode(BatchRequest, body).items)

    async def submit(self, account_id: int, body: bytes, request_id: str) -> Answer:
        """Apply a batch (body: BatchRequest): 200 with one result per item.

        Raises:
            ApiProblem: 400, the batch as a whole has no right shape; nothing was done.
        """
        request = decode(BatchRequest, body)
        named: dict[str, Market] = {}
        # Together: fifty orders that only history knows are waited for as long as one.
        prepared = await asyncio.gather(
            *(self._prepare(account_id, raw, named) for raw in request.items)
        )
        ready = [item for item in prepared if isinstance(item, _Ready)]
        applied = iter(
            await self._queue.submit_batch([item.command for item in ready]) if ready else ()
        )
        results = await asyncio.gather(
            *(
                self._result(
                    item, None if isinstance(item, ApiProblem) else next(applied), request_id
                )
                for item in prepared
            )
        )
        return Answer(200, b'{"results":[' + b",".join(results) + b"]}")

    async def _prepare(
        self, account_id: int, raw: msgspec.Raw, named: dict[str, Market]
    ) -> _Ready | ApiProblem:
        """Make an item's command; `named` collects the markets of orders placed earlier in the batch.

        Items are begun in their order, and those that place wait for nothing.
        """
        try:
            item: BatchItem = decode(BatchItem, raw)  # type: ignore[arg-type]  # a union is no `type`
            if isinstance(item, BatchPlace):
                command = place_command(account_id, item, self._catalog)
                self._entry.require_level(account_id)
                self._entry.count_placed(account_id)
                if item.client_order_id:
                    named[item.client_order_id] = self._catalog.markets[command.market_id]
                return _Ready(command, None)
            return await self._about_order(account_id, item, named)
        except TOLD as error:
            return from_error(error)

    async def _about_order(
        self, account_id: int, item: BatchAmend | BatchCancel, named: dict[str, Market]
    ) -> _Ready:
        amounts = Amounts()
        if (item.order_id is None) == (item.client_order_id is None):
            amounts.refuse("order_id", "give either order_id or client_order_id")
        check_client_order_id(amounts, item.client_order_id)
        amounts.check()
        name = item.client_order_id or ""
        view, market = None, named.get(name)
        known = self._lookup.recent(account_id, name) if market else None
        if market is None or (known is not None and known.close_reason is None):
            # An open order of this name is the one that is meant: placing another one will be refused.
            view = await self._lookup.own_open(account_id, item.order_id or name)
            market, name = self._catalog.markets[view.market_id], ""
        order_id = view.order_id if view else 0
        if isinstance(item, BatchAmend):
            command = amend_command(account_id, order_id, name, item, market)
            self._entry.require_level(account_id)
            self._entry.count_amended(account_id)
            return _Ready(command, view)
        self._entry.count_cancelled(account_id)
        return _Ready(CancelOrder(account_id, order_id, name), view)

    async def _result(
        self, item: _Ready | ApiProblem, applied: Applied | None, request_id: str
    ) -> bytes:
        """Return one item's result as JSON."""
        if isinstance(item, ApiProblem):
            return _problem(item, request_id)
        assert applied is not None, "every good item was handed in"
        try:
            answer = await self._entry.applied(item.command, applied, item.view)
        except TOLD as error:
            return _problem(from_error(error), request_id)
        return b'{"status":%d,' % answer.status + answer.body[1:]


def _problem(problem: ApiProblem, request_id: str) -> bytes:
    return encode(BatchResult(status=problem.status, problem=problem.document(request_id)))
