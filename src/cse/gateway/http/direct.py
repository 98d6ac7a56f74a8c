"""The busiest calls past ASGI: a request that is there as a whole in, one answer in one piece out.

What such a call does is declared once, as an `Operation`; this is the other way to it, without messages and
without a task per request. Whatever is unusual about a request goes the ordinary way; the server decides that
by what `DirectCalls.head` says.
"""

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from cse.gateway.http.access import Access
from cse.gateway.http.body import check_depth
from cse.gateway.http.context import RawHeaders, RequestContext
from cse.gateway.http.cors import CorsPolicy
from cse.gateway.http.direct_head import DirectTable, Head, KnownHeads, head_of
from cse.gateway.http.faults import log_fault
from cse.gateway.http.heads import rendered, whole_api_head
from cse.gateway.http.ids import RequestIds
from cse.gateway.http.metrics import RequestMetrics
from cse.gateway.http.operations import JSON, Call, PathEndpoint, refusal
from cse.gateway.http.prompt import PromptDoor
from cse.gateway.http.replies import Reply, answer_reply, problem_reply
from cse.gateway.order_entry import Answer, OrderEntry, Prepared
from cse.gateway.problems import TOLD, edge_problem
from cse.messages.events import Applied


class Exchange(Protocol):
    """One request and its answer, as the server holds it."""

    def answer(self, status: int, lines: bytes, body: bytes, *, close: bool = False) -> None:
        """Send the whole answer, unless the client has gone; `close`: its header lines end the connection."""
        ...

    def run(self, rest: Coroutine[Any, Any, None]) -> None:
        """Run what takes waiting as a task of the server's."""
        ...


class EdgeRules(NamedTuple):
    """What holds at the edge, whichever way a request takes."""

    max_body_bytes: int
    cors: CorsPolicy
    ids: RequestIds
    metrics: RequestMetrics


class DirectCalls:
    """Finds and serves them."""

    def __init__(
        self,
        endpoints: Iterable[PathEndpoint],
        *,
        access: Access,
        entry: OrderEntry,
        door: PromptDoor,
        rules: EdgeRules,
    ) -> None:
        """Serve those operations of the endpoints that have a first half; none where limits take waiting."""
        self.known: Final = KnownHeads()
        self.access: Final = access
        self.entry: Final = entry
        self.door: Final = door
        self.cors: Final = rules.cors
        self.ids: Final = rules.ids
        self.metrics: Final = rules.metrics
        self._max_body_bytes = rules.max_body_bytes
        self._table = DirectTable(endpoints if access.is_local else ())

    def head(self, method: bytes, url: bytes, headers: RawHeaders) -> Head | None:
        """Return the head of a request; None: it is not for here."""
        found = self._table.find(method, url)
        return None if found is None else head_of(found, headers, self._max_body_bytes)

    def begin(
        self, head: Head, body: bytes, client: str | None, exchange: Exchange, *, secure: bool
    ) -> None:
        """Serve a request that is there as a whole; the exchange gets its answer now or later."""
        path, operation, path_params = head.found
        context = RequestContext(
            operation.method, path, self.ids.of(head.headers), head.headers, client, secure=secure
        )
        context.body = body
        context.path_params = path_params
        _Request(self, head, context, exchange).begin()


class _Request:
    """One request on its way; also who waits for its command."""

    __slots__ = ("_began", "_calls", "_context", "_exchange", "_operation", "_prepared")

    def __init__(
        self, calls: DirectCalls, head: Head, context: RequestContext, exchange: Exchange
    ) -> None:
        self._began = time.perf_counter()
        self._calls = calls
        self._context = context
        self._exchange = exchange
        self._operation = head.found.operation
        self._prepared: Prepared | None = None

    def begin(self) -> None:
        """Do all that comes before waiting for the command."""
        try:
            self._begin()
        except TOLD as error:
            self._reply(refusal(self._context, error))
        except Exception as error:  # noqa: BLE001  # the last resort: whatever it is, it is logged
            self._fail(error)

    def _begin(self) -> None:
        context, operation, calls = self._context, self._operation, self._calls
        origin = context.headers.get(b"origin")
        if origin is not None:
            context.answer_headers += calls.cors.headers(origin)
        check_depth(context.body)
        context.route = context.path
        caller = calls.access.admit_now(context, operation.need, operation.weight)
        call = Call(context, caller)
        operation.check_shape(context)
        assert operation.prepare is not None, "or it would not have been found"
        self._prepared = prepared = operation.prepare(call)
        if prepared is None:
            self._exchange.run(self._wait_for(operation.handler(call)))
        else:
            calls.door.submit(prepared.command, self)

    def done(self) -> bool:
        """Wait to the end: the answer is counted even when nobody is left to read it."""
        return False

    def set_result(self, result: Sequence[Applied], /) -> None:
        """Answer, if that takes no more waiting."""
        prepared, entry = self._prepared, self._calls.entry
        assert prepared is not None, "it was handed in"
        command, view = prepared
        try:
            answer = entry.applied_now(command, result[0], view)
            if answer is not None:
                self._answer(answer)
            else:
                self._exchange.run(self._wait_for(entry.applied(command, result[0], view)))
        except TOLD as error:
            self._reply(refusal(self._context, error))
        except Exception as error:  # noqa: BLE001  # as above
            self._fail(error)

    def set_exception(self, exception: BaseException, /) -> None:
        """Tell that there is no answer."""
        if isinstance(exception, TOLD):
            self._reply(refusal(self._context, exception))
        else:
            self._fail(exception)

    async def _wait_for(self, answer: Awaitable[Answer]) -> None:
        """Answer with what has to be waited for."""
        try:
            waited_for = await answer
        except TOLD as error:
            self._reply(refusal(self._context, error))
        except asyncio.CancelledError as error:  # the server stops, and its patience is over
            self._fail(error)
            raise
        except Exception as error:  # noqa: BLE001  # as above
            self._fail(error)
        else:
            self._answer(waited_for)

    def _answer(self, answer: Answer) -> None:
        if answer.headers:
            self._reply(answer_reply(answer, JSON))
        else:
            own = b"content-type: application/json\r\ncontent-length: %d\r\n" % len(answer.body)
            self._send(answer.status, own, answer.body)

    def _fail(self, error: BaseException) -> None:
        log_fault(self._context, error)
        self._reply(problem_reply(self._context, edge_problem("internal_error")))

    def _reply(self, reply: Reply) -> None:
        close = (b"connection", b"close") in reply.headers
        self._send(reply.status, rendered(reply.headers), reply.body, close=close)

    def _send(self, status: int, own: bytes, body: bytes, *, close: bool = False) -> None:
        context = self._context
        self._exchange.answer(status, whole_api_head(context, own), body, close=close)
        took = time.perf_counter() - self._began
        self._calls.metrics.observe(context.method, context.route, status, took)
