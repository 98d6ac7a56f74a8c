"""Order entry over the WebSocket: the REST bodies, the REST answers, in a connection's own rhythm."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from cse.gateway.batch import BatchEntry
from cse.gateway.limits import RateLimiter, RouteClass
from cse.gateway.order_entry import Answer, OrderEntry
from cse.gateway.order_lookup import OrderRef
from cse.gateway.problems import invalid
from cse.gateway.requests import decode
from cse.gateway.ws.messages import CancelAllOp, CancelOp
from cse.gateway.ws.order_door import Caller
from cse.gateway.ws.requests import Request

ORDER_OPS: Final = (
    "order.place",
    "order.amend",
    "order.cancel",
    "order.cancel_all",
    "order.cancel_after",
    "order.batch",
)
_ENCODE: Final = msgspec.json.Encoder().encode


class OrderOps:
    """The operations that begin with `order.`; shared by all connections."""

    def __init__(self, entry: OrderEntry, batch: BatchEntry, limiter: RateLimiter) -> None:
        """Hand single orders to `entry`, several to `batch`, when `limiter` lets them."""
        self._entry: Final = entry
        self._batch: Final = batch
        self._limiter: Final = limiter
        self._ops: Final[dict[str, Callable[[int, Request], Awaitable[Answer]]]] = {
            "order.place": self._place,
            "order.amend": self._amend,
            "order.cancel": self._cancel,
            "order.cancel_all": self._cancel_all,
            "order.cancel_after": self._cancel_after,
        }

    async def run(self, request: Request, caller: Caller, address: str, request_id: str) -> Answer:
        """Do one operation and return the REST answer.

        Raises:
            ApiProblem: refused, by us or the engine.
            Unavailable, OutcomeUnknown: as order entry says.
        """
        account_id = caller.account_id
        if request.op == "order.batch":
            body = request.body()
            await self._limit(address, caller, self._batch.size(body))
            return await self._batch.submit(account_id, body, request_id)
        await self._limit(address, caller, 1)
        return await self._ops[request.op](account_id, request)

    async def _limit(self, address: str, caller: Caller, weight: int) -> None:
        account_id = caller.account_id
        if caller.key_id:
            of_key = await self._limiter.take(RouteClass.KEYS, caller.key_id, weight=weight)
            if not of_key.allowed:
                raise of_key.problem()
        verdict = self._limiter.take_now(RouteClass.ORDERS, address, account_id, weight)
        if verdict is None:
            verdict = await self._limiter.take(RouteClass.ORDERS, address, account_id, weight)
        if not verdict.allowed:
            raise verdict.problem()

    async def _place(self, account_id: int, request: Request) -> Answer:
        return await self._entry.place(account_id, request.body())

    async def _amend(self, account_id: int, request: Request) -> Answer:
        terms = dict(request.fields)
        named = {name: terms.pop(name) for name in ("order_id", "client_order_id") if name in terms}
        ref = _ref(decode(CancelOp, _ENCODE(named)))
        return await self._entry.amend(account_id, ref, _ENCODE(terms))

    async def _cancel(self, account_id: int, request: Request) -> Answer:
        return await self._entry.cancel(account_id, _ref(decode(CancelOp, request.body())))

    async def _cancel_all(self, account_id: int, request: Request) -> Answer:
        return await self._entry.cancel_all(account_id, decode(CancelAllOp, request.body()).market)

    async def _cancel_after(self, account_id: int, request: Request) -> Answer:
        return await self._entry.cancel_after(account_id, request.body())


def _ref(named: CancelOp) -> OrderRef:
    if (named.order_id is None) == (named.client_order_id is None):
        raise invalid({"order_id": "give either order_id or client_order_id"})
    return named.order_id or named.client_order_id or ""
