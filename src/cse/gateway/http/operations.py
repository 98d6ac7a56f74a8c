"""Calls on the lean path: one declaration each, from which the route and its OpenAPI text are made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import structlog
from starlette.routing import Route

from cse.core.errors import CseError, OutcomeUnknown
from cse.gateway.http.access import Access, Caller, Need
from cse.gateway.http.context import Receive, RequestContext, Scope, Send, context_of
from cse.gateway.http.replies import Reply, answer_reply, problem_reply, send_reply
from cse.gateway.http.uploads import Uploads, require_media
from cse.gateway.order_entry import Answer, Prepared
from cse.gateway.problems import TOLD, edge_problem, from_error, invalid
from cse.gateway.requests import query, require_json
from cse.users.authority import Permission

log = structlog.get_logger(__name__)

NO_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {}
JSON: Final = b"application/json"
_CLOSE: Final = (b"connection", b"close")
NO_HEADERS: Final[Mapping[str, str]] = {}
NO_STATUSES: Final[Mapping[int, str]] = {}


class Call(NamedTuple):
    """One call, as its handler gets it."""

    context: RequestContext
    caller: Caller

    @property
    def account_id(self) -> int:
        """The caller's account; 0 for calls that need no login."""
        return self.caller.account_id

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self.context.body

    @property
    def path(self) -> Mapping[str, str]:
        """The path's parameters."""
        return self.context.path_params

    def query(self, cls: type[Any]) -> Any:
        """Return the query string as a struct of type `cls`; raises ApiProblem as `requests.query`."""
        return query(cls, self.context.query_string)


Handler = Callable[[Call], Awaitable[Answer]]
Preparer = Callable[[Call], Prepared | None]
"""Does what a Handler does before it hands in a command; None: that takes waiting for something else."""


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    handler: Handler
    summary: str
    tag: str
    answer: Any
    """The struct of the answer's body."""
    need: Need = Need.NOBODY
    query: Any = None
    """The struct of the query string; None: the call takes none."""
    body: Any = None
    """The struct of the body; None: the call takes none."""
    status: int = 200
    statuses: Sequence[int] = ()
    """Problem statuses besides those that every call of its kind can give."""
    parameters: Mapping[str, Mapping[str, Any]] = NO_PARAMETERS
    """JSON schemas of the path's parameters."""
    headers: Mapping[str, str] = NO_HEADERS
    """Request headers that the call requires, with what they are for."""
    also: Mapping[int, str] = NO_STATUSES
    """Further statuses with the same body, and when they come."""
    media: str = "application/json"
    prepare: Preparer | None = None
    """The handler's first half, for calls so busy that they are served past ASGI (`http.direct`)."""
    permission: Permission | None = None
    """What a caller's roles must give them; None: what everybody has who is registered."""
    max_body_bytes: int = 0
    """The largest file that this call takes as its body, read after the caller was let in (`http.uploads`);
    0: none, and JSON bodies keep to `http.max_body_bytes`."""
    takes: Sequence[str] = ()
    """The media types of that file."""
    weight: int = 1
    """What the call takes from each bucket that pays for it (`http.weights`)."""

    def check_shape(self, context: RequestContext) -> None:
        """Refuse a query or a body where none is taken, and bodies that are no JSON; raises ApiProblem."""
        if self.query is None and context.query_string:
            raise invalid({"query": "this call takes no query parameters"})
        if self.max_body_bytes:
            require_media(context.headers.get(b"content-type"), self.takes)
        elif self.body is not None:
            require_json(context.headers.get(b"content-type"))
        elif context.body:
            raise invalid({"body": "this call takes no body"})


class PathEndpoint:
    """Serves one path: picks the operation by method, checks who calls, renders refusals."""

    def __init__(
        self,
        path: str,
        operations: Mapping[str, Operation],
        access: Access,
        uploads: Uploads | None = None,
    ) -> None:
        """Serve `operations` by method."""
        self.path: Final = path
        self.operations: Final = dict(operations)
        if "GET" in self.operations:
            self.operations["HEAD"] = self.operations["GET"]
        self._allow = ", ".join(sorted([*self.operations, "OPTIONS"]))
        self._access = access
        self._uploads = uploads or Uploads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        context = context_of(scope)
        context.route = self.path
        context.path_params = scope.get("path_params", context.path_params)
        try:
            reply = await self._reply(context, receive)
        except TOLD as error:
            reply = refusal(context, error)
            if self._leaves_unread(context) and _CLOSE not in reply.headers:
                reply.headers.append(_CLOSE)  # what is still coming is not read
        await send_reply(send, reply, head=context.method == "HEAD")

    async def _reply(self, context: RequestContext, receive: Receive) -> Reply:
        operation = self.operations.get(context.method)
        if operation is None:
            if context.method == "OPTIONS":
                return answer_reply(Answer(204, b"", {"Allow": self._allow}), JSON)
            problem = edge_problem("method_not_allowed")
            problem.headers["Allow"] = self._allow
            raise problem
        caller = await self._access.admit(
            context, operation.need, operation.permission, operation.weight
        )
        operation.check_shape(context)
        if operation.max_body_bytes:
            answer = await self._with_file(operation, Call(context, caller), receive)
        else:
            answer = await operation.handler(Call(context, caller))
        return answer_reply(answer, operation.media.encode("ascii"))

    def _leaves_unread(self, context: RequestContext) -> bool:
        """Tell whether a refusal came before the file that the call takes."""
        operation = self.operations.get(context.method)
        return operation is not None and operation.max_body_bytes > 0 and not context.body

    async def _with_file(self, operation: Operation, call: Call, receive: Receive) -> Answer:
        with self._uploads.place(call.caller.owner_id):
            await self._uploads.read(call.context, receive, operation.max_body_bytes)
            return await operation.handler(call)


def refusal(context: RequestContext, error: CseError) -> Reply:
    """Return the reply to a request that was refused; what nobody can know is logged."""
    if isinstance(error, OutcomeUnknown):
        log.warning(
            "outcome_unknown",
            request_id=context.request_id,
            route=context.route,
            error=str(error),
        )
    return problem_reply(context, from_error(error))


def routes_of(operations: Sequence[Operation], access: Access) -> list[Route]:
    """Return one Starlette route per path, in the order in which paths first appear."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    uploads = Uploads()
    return [
        Route(path, PathEndpoint(path, methods, access, uploads), name=path)
        for path, methods in by_path.items()
    ]
