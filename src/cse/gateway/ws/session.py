"""One client's session: reads its messages, does what they ask, and answers each."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from starlette.websockets import WebSocket

from cse.core.clock import Clock
from cse.core.errors import CseError, OutcomeUnknown, Unavailable
from cse.gateway.auth import Authenticator
from cse.gateway.problems import ApiProblem, edge_problem, from_error, invalid
from cse.gateway.requests import decode
from cse.gateway.ws.connection import Connection, Identity
from cse.gateway.ws.frames import Frame
from cse.gateway.ws.messages import Auth, Done, Ping, Refused, Resync, Subscribe, Unsubscribe
from cse.gateway.ws.options import CLOSE_POLICY, CLOSE_TOO_BIG, WsOptions
from cse.gateway.ws.order_ops import OrderOps
from cse.gateway.ws.pacing import MessageRate
from cse.gateway.ws.requests import Request, json_of, read_id, read_object, read_op
from cse.gateway.ws.session_orders import SessionOrders
from cse.gateway.ws.user_channels import USER_CHANNELS

log = structlog.get_logger(__name__)

CHANNELS_PER_MESSAGE: Final = 4
"""Opening this many channels costs as much of the message rate as one message more."""
PLACING: Final = frozenset({"order.place", "order.batch"})


class SessionParts(msgspec.Struct, frozen=True):
    """What every session works with."""

    authenticator: Authenticator
    orders: OrderOps
    clock: Clock
    options: WsOptions
    monotonic_ns: Callable[[], int]


class Session:
    """The incoming half of one WebSocket."""

    def __init__(
        self,
        connection: Connection,
        parts: SessionParts,
        address: str,
        session_id: str,
        own_orders: SessionOrders | None,
    ) -> None:
        """`own_orders` remembers what is placed here, for cancel on disconnect; None: not wanted."""
        self._connection: Final = connection
        self._parts: Final = parts
        self._address: Final = address
        self._session_id: Final = session_id
        self._own_orders: Final = own_orders
        self._rate: Final = MessageRate(parts.options, parts.monotonic_ns)
        self._count = 0
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        self._check: asyncio.TimerHandle | None = None
        self._ops: Final[dict[str, Callable[[Request], Done]]] = {
            "auth": self._auth,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "resync": self._resync,
            "ping": self._ping,
        }

    async def read_all(self, websocket: WebSocket) -> None:
        """Take messages until the client has gone or is told to go."""
        while not self._connection.closing.done():
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            await self.take(message["bytes"] if text is None else text)

    async def take(self, frame: Frame) -> None:
        """Do what one message asks and answer it. Never raises for what a client sends."""
        if self._is_too_much(frame):
            return
        self._count += 1
        request_id = f"{self._session_id}-{self._count}"
        message_id: int | str | None = None
        try:
            raw = json_of(frame, self._connection.encoding)
            fields = read_object(raw)
            message_id = read_id(fields)
            request = Request(read_op(fields), message_id, raw, fields)
            if request.op in self._parts.orders:
                await self._begin_order(request, request_id)
            else:
                self._connection.answer(self._op(request.op)(request))
        except CseError as error:
            self._refuse(message_id, error, request_id)

    def identify(self, identity: Identity) -> None:
        """Know the client from now on, and notice when that ends."""
        self._connection.identity = identity
        self._check_later()

    async def end(self) -> None:
        """Let what is under way come to its end, then cancel what the session placed, if it asked for that."""
        if self._check is not None:
            self._check.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._own_orders is not None:
            await self._own_orders.cancel()

    def _is_too_much(self, frame: Frame) -> bool:
        options = self._parts.options
        size = len(frame) if isinstance(frame, bytes) else len(frame.encode("utf-8", "replace"))
        if size > options.max_frame_bytes:
            limit = f"A message has at most {options.max_frame_bytes} bytes."
            self._connection.close(CLOSE_TOO_BIG, limit)
            return True
        if self._rate.take():
            return False
        if self._rate.hopeless:
            self._connection.close(CLOSE_POLICY, "Too many messages, in spite of being told.")
        else:
            limit = (
                f"At most {options.messages_per_second} messages per second; this one was not read."
            )
            self._refuse(None, edge_problem("rate_limited", limit), self._session_id)
        return True

    def _op(self, name: str) -> Callable[[Request], Done]:
        known = self._ops.get(name)
        if known is None:
            raise invalid({"op": f"must be one of {', '.join([*self._ops, *self._parts.orders])}"})
        return known

    def _refuse(self, message_id: int | str | None, error: CseError, request_id: str) -> None:
        if isinstance(error, ApiProblem | Unavailable | OutcomeUnknown):
            problem = from_error(error)
        else:
            log.error("websocket_operation_failed", request_id=request_id, exc_info=error)
            problem = edge_problem("internal_error")
        self._connection.answer(Refused(message_id, False, problem.document(request_id)))

    # --- operations that are done at once

    def _auth(self, request: Request) -> Done:
        asked = decode(Auth, request.raw)
        authorization = f"Bearer {asked.token}"
        principal = self._parts.authenticator.authenticate(authorization)
        known = self._connection.identity
        if known is not None and known.principal.account_id != principal.account_id:
            raise edge_problem(
                "forbidden", "This connection is somebody else's; open another for this account."
            )
        self.identify(Identity(principal, authorization))
        return Done(request.id, True)

    def _subscribe(self, request: Request) -> Done:
        asked = decode(Subscribe, request.raw)
        if not set(asked.channels).isdisjoint(USER_CHANNELS):
            self._who("read")
        self._rate.charge(len(asked.channels) // CHANNELS_PER_MESSAGE)
        self._connection.subscribe(asked.channels, asked.since)
        return Done(request.id, True)

    def _unsubscribe(self, request: Request) -> Done:
        self._connection.unsubscribe(decode(Unsubscribe, request.raw).channels)
        return Done(request.id, True)

    def _resync(self, request: Request) -> Done:
        self._connection.resync(decode(Resync, request.raw).channel)
        return Done(request.id, True)

    def _ping(self, request: Request) -> Done:
        decode(Ping, request.raw)
        return Done(request.id, True, time=self._parts.clock.now_ms())

    # --- orders

    async def _begin_order(self, request: Request, request_id: str) -> None:
        """Start an order operation; the next message is read meanwhile, up to a number under way."""
        account_id = self._who("trade")
        if len(self._tasks) >= self._parts.options.max_in_flight:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._order(request, account_id, request_id))
        self._tasks.add(task)
        task.add_done_callback(self._order_done)

    async def _order(self, request: Request, account_id: int, request_id: str) -> None:
        try:
            answer = await self._parts.orders.run(request, account_id, self._address, request_id)
        except CseError as error:
            if isinstance(error, OutcomeUnknown) and request.op in PLACING and self._own_orders:
                self._own_orders.maybe_placed(account_id, request.body())
            self._refuse(request.id, error, request_id)
            return
        if request.op in PLACING and self._own_orders is not None:
            self._own_orders.placed(account_id, request.body(), answer.body)
        self._connection.answer_order(request.id, answer)

    def _order_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("websocket_order_failed", exc_info=error)
            self._connection.close(1011, "Something went wrong on our side.")

    # --- who it is

    def _who(self, scope: str) -> int:
        """Return the client's account.

        Raises:
            ApiProblem: it has not logged in, its session is over, or the scope is not its.
        """
        identity = self._connection.identity
        if identity is None:
            raise edge_problem("not_authenticated", "Log in first: send `auth` with a token.")
        principal = self._parts.authenticator.authenticate(identity.authorization)
        if scope not in principal.scopes:
            raise edge_problem("forbidden", f"This needs the scope {scope!r}.")
        return principal.account_id

    def _check_later(self) -> None:
        if self._check is not None:
            self._check.cancel()
        delay_s = self._parts.options.check_session_ms / 1_000
        self._check = asyncio.get_running_loop().call_later(delay_s, self.check_session)

    def check_session(self) -> None:
        """End the private channels if the session is over; called again and again."""
        identity = self._connection.identity
        if identity is None:
            return
        try:
            self._parts.authenticator.authenticate(identity.authorization)
        except ApiProblem as problem:
            self._connection.identity = None
            self._connection.end_user_channels(problem.code, problem.detail)
        else:
            self._check_later()
