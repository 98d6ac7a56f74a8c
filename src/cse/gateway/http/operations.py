"""Calls on the lean path: one declaration each, from which the route and its OpenAPI text are made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import structlog
from starlette.routing import Route

from cse.core.errors import CseError, OutcomeUnknown
from cse.gateway.http.access import Access, Caller, Need
from cse.gateway.http.context import Receive, RequestContext, Scope, Send, context_of
from cse.gateway.http.replies import Reply, answer_reply, problem_reply, send_reply
from cse.gateway.order_entry import Answer, Prepared
from cse.gateway.problems import TOLD, edge_problem, from_error, invalid
from cse.gateway.requests import query, require_json
from cse.users.authority import Permission

log = structlog.get_logger(__name__)

NO_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {}
JSON: Final = b"application/json"
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

    def check_shape(self, context: RequestContext) -> None:
        """Refuse a query or a body where none is taken, and bodies that are no JSON; raises ApiProblem."""
        if self.query is None and context.query_string:
            raise invalid({"query": "this call takes no query parameters"})
        if self.body is not None:
            require_json(context.headers.get(b"content-type"))
        elif context.body:
            raise invalid({"body": "this call takes no body"})


class PathEndpoint:
    """Serves one path: picks the operation by method, checks who calls, renders refusals."""

    def __init__(self, path: str, operations: Mapping[str, Operation], access: Access) -> None:
        """Serve `operations` by method."""
        self.path: Final = path
        self.operations: Final = dict(operations)
        if "GET" in self.operations:
            self.operations["HEAD"] = self.operations["GET"]
        self._allow = ", ".join(sorted([*self.operations, "OPTIONS"]))
        self._access = access

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        context = context_of(scope)
        context.route = self.path
        context.path_params = scope.get("path_params", context.path_params)
        try:
            reply = await self._reply(context)
        except TOLD as error:
            reply = refusal(context, error)
        await send_reply(send, reply, head=context.method == "HEAD")

    async def _reply(self, context: RequestContext) -> Reply:
        operation = self.operations.get(context.method)
        if operation is None:
            if context.method == "OPTIONS":
                return answer_reply(Answer(204, b"", {"Allow": self._allow}), JSON)
            problem = edge_problem("method_not_allowed")
            problem.headers["Allow"] = self._allow
            raise problem
        caller = await self._access.admit(context, operation.need, operation.permission)
        operation.check_shape(context)
        answer = await operation.handler(Call(context, caller))
        return answer_reply(answer, operation.media.encode("ascii"))


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
    return [
        Route(path, PathEndpoint(path, methods, access), name=path)
        for path, methods in by_path.items()
    ]
