"""The busiest calls past ASGI: a request that is there as a whole in, one answer in one piece out.

What such a call does is declared once, as an `Operation`; this is the other way to it, without messages and
without a task per request. Whatever is unusual about a request goes the ordinary way (the server decides that
by what `DirectCalls.find` and `max_body_bytes` say).
"""

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, Final, NamedTuple, Protocol

from cse.gateway.http.access import Access
from cse.gateway.http.body import check_depth
from cse.gateway.http.context import RawHeaders, RequestContext
from cse.gateway.http.cors import CorsPolicy
from cse.gateway.http.faults import log_fault
from cse.gateway.http.heads import whole_head
from cse.gateway.http.ids import RequestIds
from cse.gateway.http.metrics import RequestMetrics
from cse.gateway.http.operations import Call, Operation, PathEndpoint, refusal
from cse.gateway.http.replies import Reply, answer_reply, problem_reply
from cse.gateway.order_entry import Answer, OrderEntry, UnderWay
from cse.gateway.problems import TOLD, edge_problem
from cse.messages.events import Applied

_ORDER: Final = b"/api/orders/"
_ID_DIGITS: Final = 16
"""No id has more; what has goes the ordinary way to its 404."""


class Exchange(Protocol):
    """One request and its answer, as the server holds it."""

    headers: dict[bytes, bytes]
    client: str | None
    secure: bool

    def answer(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """Send the whole answer, unless the client has gone."""
        ...

    def run(self, rest: Coroutine[Any, Any, None]) -> None:
        """Run what takes waiting as a task of the server's."""
        ...


class Found(NamedTuple):
    """A call that can be served past ASGI."""

    path: str
    """The template, for metrics."""
    operation: Operation
    order_id: str | None = None


class DirectCalls:
    """Finds and serves them."""

    def __init__(
        self,
        endpoints: Iterable[PathEndpoint],
        *,
        access: Access,
        entry: OrderEntry,
        max_body_bytes: int,
        cors: CorsPolicy,
        ids: RequestIds,
        metrics: RequestMetrics,
    ) -> None:
        """Serve those operations of the endpoints that have a first half; none where limits take waiting."""
        self.max_body_bytes: Final = max_body_bytes
        """Longer bodies are not for here."""
        self.access: Final = access
        self.entry: Final = entry
        self.cors: Final = cors
        self.ids: Final = ids
        self.metrics: Final = metrics
        self._exact: dict[tuple[bytes, bytes], Found] = {}
        self._by_order: dict[bytes, Found] = {}
        for endpoint in endpoints if access.is_local else ():
            self._add(endpoint)

    def _add(self, endpoint: PathEndpoint) -> None:
        for method, operation in endpoint.operations.items():
            if operation.begin is None:
                continue
            found, verb = Found(endpoint.path, operation), method.encode("ascii")
            if "{" not in endpoint.path:
                self._exact[verb, endpoint.path.encode("ascii")] = found
            else:
                assert endpoint.path == "/api/orders/{order_id}", "the only template served here"
                self._by_order[verb] = found

    def find(self, method: bytes, url: bytes) -> Found | None:
        """Return the call of this method and URL; None: not one of these."""
        found = self._exact.get((method, url))
        if found is None and url.startswith(_ORDER):
            digits = url[len(_ORDER) :]
            if digits.isdigit() and len(digits) <= _ID_DIGITS and method in self._by_order:
                return self._by_order[method]._replace(order_id=digits.decode("ascii"))
        return found

    def begin(self, found: Found, body: bytes, exchange: Exchange) -> None:
        """Serve a request that is there as a whole; the exchange gets its answer now or later."""
        _Request(self, found, body, exchange).begin()


class _Request:
    """One request on its way."""

    __slots__ = ("_began", "_calls", "_context", "_exchange", "_operation", "_under_way")

    def __init__(self, calls: DirectCalls, found: Found, body: bytes, exchange: Exchange) -> None:
        self._began = time.perf_counter()
        self._calls = calls
        self._exchange = exchange
        self._operation = operation = found.operation
        self._under_way: UnderWay | None = None
        headers = exchange.headers
        self._context = context = RequestContext(
            operation.method,
            found.path,
            calls.ids.of(headers),
            headers,
            exchange.client,
            secure=exchange.secure,
        )
        context.body = body
        if found.order_id is not None:
            context.path_params = {"order_id": found.order_id}

    def begin(self) -> None:
        """Do all that comes before waiting for the command."""
        try:
            self._begin()
        except TOLD as error:
            self._answer(refusal(self._context, error))
        except Exception as error:  # noqa: BLE001  # the last resort: whatever it is, it is logged
            self._fail(error)

    def _begin(self) -> None:
        context, operation, calls = self._context, self._operation, self._calls
        origin = context.headers.get(b"origin")
        if origin is not None:
            context.answer_headers += calls.cors.headers(origin)
        check_depth(context.body)
        context.route = context.path
        call = Call(context, calls.access.admit_now(context, operation.need))
        operation.check_shape(context)
        assert operation.begin is not None, "or it would not have been found"
        self._under_way = under_way = operation.begin(call)
        if under_way is None:
            self._exchange.run(self._handle(call))
        else:
            asyncio.ensure_future(under_way.applied).add_done_callback(self._applied)

    def _applied(self, done: "asyncio.Future[Applied]") -> None:
        """Answer, if that takes no more waiting."""
        under_way = self._under_way
        assert under_way is not None, "it was handed in"
        try:
            applied = done.result()
            answer = self._calls.entry.applied_now(under_way.command, applied, under_way.view)
            if answer is None:
                self._exchange.run(self._finish(under_way, applied))
            else:
                self._answer(answer_reply(answer, b"application/json"))
        except TOLD as error:
            self._answer(refusal(self._context, error))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # as above
            self._fail(error)

    async def _handle(self, call: Call) -> None:
        """Serve by the whole handler, which may wait."""
        await self._wait_for(self._operation.handler(call))

    async def _finish(self, under_way: UnderWay, applied: Applied) -> None:
        """Answer from what may have to be waited for."""
        entry = self._calls.entry
        await self._wait_for(entry.applied(under_way.command, applied, under_way.view))

    async def _wait_for(self, answer: Awaitable[Answer]) -> None:
        try:
            reply = answer_reply(await answer, b"application/json")
        except TOLD as error:
            reply = refusal(self._context, error)
        except Exception as error:  # noqa: BLE001  # as above
            self._fail(error)
            return
        self._answer(reply)

    def _fail(self, error: BaseException) -> None:
        log_fault(self._context, error)
        self._answer(problem_reply(self._context, edge_problem("internal_error")))

    def _answer(self, reply: Reply) -> None:
        context = self._context
        self._exchange.answer(reply.status, whole_head(context, reply.headers), reply.body)
        took = time.perf_counter() - self._began
        self._calls.metrics.observe(context.method, context.route, reply.status, took)
