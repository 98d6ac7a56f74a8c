"""Order operations of connections whose exchange this process can ask itself: an OrderDoor."""

from typing import Final

from cse.core.errors import OutcomeUnknown
from cse.gateway.order_entry import Answer
from cse.gateway.ws.order_door import Caller, OrderSession, Peer
from cse.gateway.ws.order_ops import OrderOps
from cse.gateway.ws.requests import Request
from cse.gateway.ws.session_orders import SessionOrders
from cse.messages.ports import CommandQueue
from cse.projections.live import LiveAccounts

PLACING: Final = frozenset({"order.place", "order.batch"})


class LocalOrders:
    """The order sessions of a gateway."""

    def __init__(self, ops: OrderOps, queue: CommandQueue, live: LiveAccounts) -> None:
        """Do operations by `ops`; `queue` and `live` are for cancelling what a connection leaves."""
        self._ops: Final = ops
        self._queue: Final = queue
        self._live: Final = live

    def session(self, peer: Peer) -> OrderSession:
        """Return a connection's order session."""
        own = SessionOrders(self._queue, self._live) if peer.cancel_on_disconnect else None
        return _LocalSession(self._ops, peer.bucket, own)


class _LocalSession:
    def __init__(self, ops: OrderOps, bucket: str, own_orders: SessionOrders | None) -> None:
        self._ops: Final = ops
        self._bucket: Final = bucket
        self._own_orders: Final = own_orders

    async def run(self, request: Request, caller: Caller, request_id: str) -> Answer:
        remembered = self._own_orders if request.op in PLACING else None
        try:
            answer = await self._ops.run(request, caller, self._bucket, request_id)
        except OutcomeUnknown:
            if remembered is not None:
                remembered.maybe_placed(caller.account_id, request.body())
            raise
        if remembered is not None:
            remembered.placed(caller.account_id, request.body(), answer.body)
        return answer

    async def close(self) -> None:
        if self._own_orders is not None:
            await self._own_orders.cancel()
