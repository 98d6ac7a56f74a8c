"""Cancel on disconnect: which orders a connection placed, and their cancelling when it is gone."""

import asyncio
from typing import Final

import msgspec
import structlog

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages.commands import CancelOrder
from cse.messages.ports import CommandQueue
from cse.projections.live import LiveAccounts

log = structlog.get_logger(__name__)

_PRUNE_AT: Final = 1_024
_ATTEMPTS: Final = 60
_PAUSE_S: Final = 0.5
_PLACE: Final = "place"


class _Order(msgspec.Struct):
    id: int


class _Result(msgspec.Struct):
    order: _Order | None = None


class _Answer(_Result):
    results: list[_Result] = []


class _Named(msgspec.Struct):
    op: str = _PLACE
    client_order_id: str | None = None


class _Request(msgspec.Struct):
    items: list[msgspec.Raw] = []
    """Of a batch; some may be no items at all: those were answered with a problem."""


_ANSWER: Final = msgspec.json.Decoder(_Answer)
_REQUEST: Final = msgspec.json.Decoder(_Request)
_NAMED: Final = msgspec.json.Decoder(_Named)


class SessionOrders:
    """The orders that came in over one connection and may still be open."""

    def __init__(self, queue: CommandQueue, live: LiveAccounts) -> None:
        """Begin with none."""
        self._queue: Final = queue
        self._live: Final = live
        self._orders: set[tuple[int, int]] = set()
        self._unknown: Final[set[tuple[int, str]]] = set()

    def placed(self, account_id: int, request: bytes, answer: bytes) -> None:
        """Remember what an `order.place` or `order.batch` placed, from its request and its answer."""
        got = _ANSWER.decode(answer)
        for item, result in zip(_items(request), got.results or [got], strict=True):
            if result.order is not None and _NAMED.decode(item).op == _PLACE:
                self._orders.add((account_id, result.order.id))
        if len(self._orders) >= _PRUNE_AT:
            self._orders = {named for named in self._orders if self._is_open(named[1])}

    def maybe_placed(self, account_id: int, request: bytes) -> None:
        """Remember orders whose fate is not known, by the client's names for them."""
        for raw in _items(request):
            try:
                item = _NAMED.decode(raw)
            except msgspec.ValidationError:  # it was never handed in
                continue
            if item.op == _PLACE and item.client_order_id:
                self._unknown.add((account_id, item.client_order_id))
            elif item.op == _PLACE:
                log.warning("order_of_unknown_fate_has_no_name", account_id=account_id)

    async def cancel(self) -> None:
        """Cancel what is still open. Tried again while the engine cannot be reached: cancelling twice is fine."""
        commands = [
            CancelOrder(account_id, order_id, "")
            for account_id, order_id in sorted(self._orders)
            if self._is_open(order_id)
        ]
        commands += [CancelOrder(account_id, 0, name) for account_id, name in sorted(self._unknown)]
        if not commands:
            return
        for _ in range(_ATTEMPTS):
            try:
                await self._queue.submit_batch(commands)
                log.info("cancelled_on_disconnect", orders=len(commands))
                return
            except (Unavailable, OutcomeUnknown) as error:
                log.warning("cancel_on_disconnect_waits", error=str(error))
                await asyncio.sleep(_PAUSE_S)
        log.error("cancel_on_disconnect_failed", orders=len(commands))

    def _is_open(self, order_id: int) -> bool:
        view = self._live.order(order_id)
        return view is not None and view.close_reason is None


def _items(request: bytes) -> list[msgspec.Raw]:
    """Return the items of an `order.batch`; an `order.place` is its only item."""
    return _REQUEST.decode(request).items or [msgspec.Raw(request)]
