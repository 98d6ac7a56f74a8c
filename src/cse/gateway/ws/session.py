"""One client's session: reads its messages, does what they ask, and answers each."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec
import structlog

from cse.core.clock import Clock
from cse.core.errors import CseError, OutcomeUnknown, Unavailable
from cse.gateway.acting import ActingAccounts
from cse.gateway.auth import Authenticator
from cse.gateway.problems import ApiProblem, edge_problem, from_error, invalid
from cse.gateway.requests import decode
from cse.gateway.signed import Signature, SignedRequests
from cse.gateway.ws.connection import Connection, Identity
from cse.gateway.ws.deflate import BadCompression, TooBig, inflated
from cse.gateway.ws.frames import Encoding, Format
from cse.gateway.ws.messages import Auth, Done, Ping, Refused, Resync, Subscribe, Unsubscribe
from cse.gateway.ws.options import (
    CLOSE_BAD_TEXT,
    CLOSE_ERROR,
    CLOSE_POLICY,
    CLOSE_TOO_BIG,
    WsOptions,
)
from cse.gateway.ws.order_door import Caller, OrderDoor, OrderSession, Peer
from cse.gateway.ws.order_ops import ORDER_OPS
from cse.gateway.ws.pacing import MessageRate
from cse.gateway.ws.proofs import LOGIN, Proofs, signature_in
from cse.gateway.ws.requests import Request, json_of, read_id, read_object, read_op
from cse.gateway.ws.user_channels import USER_CHANNELS
from cse.gateway.ws.wire import Wire

log = structlog.get_logger(__name__)

CHANNELS_PER_MESSAGE: Final = 4
"""Opening this many channels costs as much of the message rate as one message more."""


class _Waiting(NamedTuple):
    """An order operation that is to be begun."""

    request: Request
    caller: Caller
    request_id: str


class _Running:
    """The order operations of one connection; most connections never have any."""

    __slots__ = ("backlog", "tasks")

    def __init__(self) -> None:
        self.tasks: Final[set[asyncio.Task[None]]] = set()
        self.backlog: Final[deque[_Waiting]] = deque()


class SessionParts(msgspec.Struct, frozen=True):
    """What every session works with."""

    authenticator: Authenticator
    orders: OrderDoor
    clock: Clock
    options: WsOptions
    monotonic_ns: Callable[[], int]
    signed: SignedRequests | None = None
    """None: API keys cannot be checked here, only tokens."""
    accounts: ActingAccounts | None = None
    """None: sub-accounts are not known here, only people's first accounts."""

    @property
    def proofs(self) -> "Proofs":
        """What finds out who it is."""
        return Proofs(self.authenticator, self.signed, self.accounts)


class Session:
    """The incoming half of one WebSocket."""

    __slots__ = (
        "_auth",
        "_connection",
        "_count",
        "_leaving",
        "_orders",
        "_parts",
        "_peer",
        "_rate",
        "_running",
        "_wire",
    )

    def __init__(self, connection: Connection, wire: Wire, parts: SessionParts, peer: Peer) -> None:
        """Begin with what the handshake told."""
        self._connection: Final = connection
        self._wire: Final = wire
        self._parts: Final = parts
        self._peer: Final = peer
        self._rate: Final = MessageRate(parts.options, parts.monotonic_ns)
        self._count = 0
        self._orders: OrderSession | None = None
        self._running: _Running | None = None
        self._auth: asyncio.Task[None] | None = None
        self._leaving = False

    def take(self, payload: bytes, *, is_text: bool, is_compressed: bool) -> None:
        """Do what one message asks and answer it. Never raises for what a client sends."""
        if self._connection.closing or self._is_too_much():
            return
        whole = self._plain(payload, is_text=is_text, is_compressed=is_compressed)
        if whole is None:
            return
        self._count += 1
        request_id = f"{self._peer.session_id}-{self._count}"
        message_id: int | str | None = None
        try:
            raw = json_of(whole, Encoding(self._connection.format & 1), is_text=is_text)
            fields = read_object(raw)
            message_id = read_id(fields)
            request = Request(read_op(fields), message_id, raw, fields)
            if request.op in ORDER_OPS:
                self._begin_order(request, request_id)
            elif request.op == "auth" and "key" in request.fields:
                self._begin_auth(request, request_id)
            else:
                self._connection.answer(self._do(request))
        except CseError as error:
            self._refuse(message_id, error, request_id)

    def took_control_frame(self) -> bool:
        """Count a ping or pong as a message; False: it is one too many and not to be answered."""
        return not self._connection.closing and not self._is_too_much(quietly=True)

    def identify(self, identity: Identity) -> None:
        """Know the client from now on; raises ApiProblem: its account has too many connections."""
        self._connection.quota.identify(identity.principal.account_id)
        self._connection.identity = identity

    def check(self) -> None:
        """End the private channels if the session is over; called again and again."""
        identity = self._connection.identity
        if identity is None:
            return
        try:
            self._parts.proofs.principal(identity)
        except ApiProblem as problem:
            self._connection.identity = None
            self._connection.end_user_channels(problem.code, problem.detail)

    def leave(self) -> bool:
        """Begin no order any more; False: some are under way, whose answers are to be waited for."""
        self._leaving = True
        return self._running is None or not self._running.tasks

    async def answered(self, timeout_s: float) -> None:
        """Return when the orders under way have been answered, or after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._running is not None and self._running.tasks:
                    await asyncio.wait(self._running.tasks)

    async def end(self) -> None:
        """Let what is under way come to its end, then close what the session's orders need."""
        while self._running is not None and self._running.tasks:
            await asyncio.wait(self._running.tasks)
        if self._orders is not None:
            await self._orders.close()

    @property
    def must_end(self) -> bool:
        """Whether `end` has anything to do."""
        return self._orders is not None

    # --- limits

    def _is_too_much(self, *, quietly: bool = False) -> bool:
        now_ns = self._parts.monotonic_ns()
        if self._rate.take(now_ns) and self._connection.quota.take_message(now_ns):
            return False
        options = self._parts.options
        if self._rate.hopeless:
            self._connection.close(CLOSE_POLICY, "Too many messages, in spite of being told.")
        elif not quietly:
            limit = (
                f"At most {options.messages_per_second} messages per second (and of all connections "
                f"of an address {options.address_messages}, of an account {options.account_messages}); "
                "this one was not read."
            )
            self._refuse(None, edge_problem("rate_limited", limit), self._peer.session_id)
        return True

    def _plain(self, payload: bytes, *, is_text: bool, is_compressed: bool) -> bytes | None:
        """Return a message as it was before compression; None: it ends the connection."""
        options = self._parts.options
        try:
            if is_compressed and self._connection.format < Format.JSON_DEFLATED:
                raise BadCompression("The message is compressed, which was not agreed on.")
            whole = inflated(payload, options.max_frame_bytes) if is_compressed else payload
            if is_text:
                whole.decode("utf-8")
        except BadCompression as error:
            self._connection.close(CLOSE_POLICY, str(error))
        except TooBig as error:
            self._connection.close(CLOSE_TOO_BIG, str(error))
        except UnicodeDecodeError:
            self._connection.close(CLOSE_BAD_TEXT, "A text message must be UTF-8.")
        else:
            return whole
        return None

    def _refuse(self, message_id: int | str | None, error: CseError, request_id: str) -> None:
        if isinstance(error, ApiProblem | Unavailable | OutcomeUnknown):
            problem = from_error(error)
        else:
            log.error("websocket_operation_failed", request_id=request_id, exc_info=error)
            problem = edge_problem("internal_error")
        self._connection.answer(Refused(message_id, False, problem.document(request_id)))

    # --- operations that are done at once

    def _do(self, request: Request) -> Done:
        operation = _OPERATIONS.get(request.op)
        if operation is None:
            raise invalid({"op": f"must be one of {', '.join([*_OPERATIONS, *ORDER_OPS])}"})
        return operation(self, request)

    def auth(self, request: Request) -> Done:
        """Say who it is."""
        asked = decode(Auth, request.raw)
        if asked.token is None:
            raise invalid({"token": "is required, or key, timestamp and signature"})
        named = None if asked.account is None else b"%d" % asked.account
        self._know(self._parts.proofs.of_token(f"Bearer {asked.token}", named))
        return Done(request.id, True)

    def _know(self, identity: Identity) -> None:
        known = self._connection.quota.account_id  # for good: also when that session is over
        if known is not None and known != identity.principal.account_id:
            raise edge_problem(
                "forbidden", "This connection is somebody else's; open another for this account."
            )
        self.identify(identity)
        if "read" not in identity.principal.scopes:  # what was shown rested on the log-in before
            self._connection.end_user_channels("forbidden", "This log-in lacks the scope 'read'.")

    def _begin_auth(self, request: Request, request_id: str) -> None:
        """Start a log-in by API key: the key may have to be looked up. One at a time."""
        signature = signature_in(decode(Auth, request.raw))
        if self._auth is not None:
            raise edge_problem("rate_limited", "A log-in of this connection is under way.")
        self._auth = asyncio.create_task(self._log_in(request, signature, request_id))
        self._auth.add_done_callback(self._auth_done)

    async def _log_in(self, request: Request, signature: Signature, request_id: str) -> None:
        peer = self._peer
        try:
            identity = await self._parts.proofs.identity(signature, LOGIN, peer.client_ip)
            if not self._connection.closing:
                self._know(identity)
        except CseError as error:
            self._refuse(request.id, error, request_id)
        else:
            self._connection.answer(Done(request.id, True))

    def _auth_done(self, task: asyncio.Task[None]) -> None:
        self._auth = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("websocket_login_failed", exc_info=error)
            self._connection.close(CLOSE_ERROR, "Something went wrong on our side.")

    def subscribe(self, request: Request) -> Done:
        """Begin channels."""
        asked = decode(Subscribe, request.raw)
        if not set(asked.channels).isdisjoint(USER_CHANNELS):
            self._who("read")
        more = len(asked.channels) // CHANNELS_PER_MESSAGE
        self._rate.charge(more)
        self._connection.quota.charge(more, self._parts.monotonic_ns())
        self._connection.subscribe(asked.channels, asked.since)
        return Done(request.id, True)

    def unsubscribe(self, request: Request) -> Done:
        """End channels."""
        self._connection.unsubscribe(decode(Unsubscribe, request.raw).channels)
        return Done(request.id, True)

    def resync(self, request: Request) -> Done:
        """Begin a channel anew."""
        self._connection.resync(decode(Resync, request.raw).channel)
        return Done(request.id, True)

    def ping(self, request: Request) -> Done:
        """Tell the time."""
        decode(Ping, request.raw)
        return Done(request.id, True, time=self._parts.clock.now_ms())

    # --- orders

    def _begin_order(self, request: Request, request_id: str) -> None:
        """Start an order operation; the next message is read meanwhile, up to a number under way."""
        if self._leaving:
            raise edge_problem("unavailable", "The exchange is restarting; nothing was done.")
        account_id = self._who("trade")
        identity = self._connection.identity
        assert identity is not None, "it has just been asked"
        key_id = identity.key.key_id if identity.key else ""
        caller = Caller(account_id, identity.authorization, key_id)
        if self._orders is None or self._running is None:
            self._orders = self._parts.orders.session(self._peer)
            self._running = _Running()
        waiting = _Waiting(request, caller, request_id)
        if len(self._running.tasks) < self._parts.options.max_in_flight:
            self._start_order(self._orders, self._running, waiting)
        else:  # came with the last piece that was read
            self._running.backlog.append(waiting)

    def _start_order(self, orders: OrderSession, running: "_Running", waiting: "_Waiting") -> None:
        task = asyncio.create_task(self._order(orders, *waiting))
        running.tasks.add(task)
        task.add_done_callback(self._order_done)
        if len(running.tasks) == self._parts.options.max_in_flight:
            self._wire.pause_reading()

    async def _order(
        self, orders: OrderSession, request: Request, caller: Caller, request_id: str
    ) -> None:
        try:
            answer = await orders.run(request, caller, request_id)
        except CseError as error:
            self._refuse(request.id, error, request_id)
        else:
            self._connection.answer_order(request.id, answer)

    def _order_done(self, task: asyncio.Task[None]) -> None:
        orders, running = self._orders, self._running
        assert orders is not None, "the task was of one"
        assert running is not None, "the task was one of them"
        running.tasks.discard(task)
        if running.backlog:
            self._start_order(orders, running, running.backlog.popleft())
        elif len(running.tasks) == self._parts.options.max_in_flight - 1:
            self._wire.resume_reading()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("websocket_order_failed", exc_info=error)
            self._connection.close(CLOSE_ERROR, "Something went wrong on our side.")

    # --- who it is

    def _who(self, scope: str) -> int:
        """Return the client's account.

        Raises:
            ApiProblem: it has not logged in, its session is over, or the scope is not its.
        """
        identity = self._connection.identity
        if identity is None:
            raise edge_problem("not_authenticated", "Log in first: send `auth` with a token.")
        principal = self._parts.proofs.principal(identity)
        if scope not in principal.scopes:
            raise edge_problem("forbidden", f"This needs the scope {scope!r}.")
        return principal.account_id


_OPERATIONS: Final[dict[str, Callable[[Session, Request], Done]]] = {
    "auth": Session.auth,
    "subscribe": Session.subscribe,
    "unsubscribe": Session.unsubscribe,
    "resync": Session.resync,
    "ping": Session.ping,
}
