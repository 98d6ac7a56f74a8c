"""All WebSocket clients of a process: who may connect, who stays, and how all are sent away at the end."""

import asyncio
import secrets
from collections.abc import Collection, Coroutine
from typing import Final, NamedTuple

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Gauge
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cse.gateway.acting import ACCOUNT
from cse.gateway.client_address import ClientAddresses
from cse.gateway.limits import RateLimiter, RouteClass
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.signed import is_signed, read_signature
from cse.gateway.ws.channel import ChannelSource
from cse.gateway.ws.client import Client
from cse.gateway.ws.connection import Common, Connection, Identity
from cse.gateway.ws.handshake import Asked, Handshake, read_options, refuse_foreign_page
from cse.gateway.ws.openings import Openings
from cse.gateway.ws.options import CLOSE_ERROR, CLOSE_IDLE, CLOSE_SHUTDOWN, WsOptions
from cse.gateway.ws.order_door import Peer
from cse.gateway.ws.quotas import Quota, Quotas
from cse.gateway.ws.session import Session, SessionParts
from cse.gateway.ws.turn import Turn
from cse.gateway.ws.wire import Wire

log = structlog.get_logger(__name__)

PATH: Final = "/ws"
_AT_ONCE: Final = 500
"""Clients that are looked at before the loop has its turn."""
_NS_PER_MS: Final = 1_000_000
_LOOK_S: Final = 0.02


class Admission(NamedTuple):
    """A client that may connect."""

    key: bytes
    asked: Asked
    peer: Peer
    identity: Identity | None
    quota: Quota


class WebSocketServer:
    """The clients of `/ws`. Sockets are an entry point's: it asks `admit`, then tells `connected` and `gone`."""

    def __init__(
        self,
        source: ChannelSource,
        parts: SessionParts,
        limiter: RateLimiter,
        addresses: ClientAddresses,
        origins: Collection[str] = (),
        registry: CollectorRegistry | None = None,
    ) -> None:
        """Serve the channels of `source`; pages of `origins` may connect besides those of the options."""
        self.options: Final[WsOptions] = parts.options
        self._parts: Final = parts
        self._limiter: Final = limiter
        self._addresses: Final = addresses
        self._origins: Final = frozenset((*self.options.allowed_origins, *origins))
        self._common: Final = Common(source, self.options, Openings(), Turn())
        self._quotas: Final = Quotas(self.options)
        self._clients: Final[dict[Client, None]] = {}
        self._admitted = 0
        self._ending: Final[set[asyncio.Task[None]]] = set()
        self._stopping = False
        if registry is not None:
            Gauge(
                "cse_websocket_connections", "Open WebSocket connections", registry=registry
            ).set_function(self.__len__)

    def __len__(self) -> int:
        return len(self._clients)

    def routes(self) -> list[BaseRoute]:
        """Return the ordinary routes that belong to it: its description."""
        from cse.gateway.ws.asyncapi import document  # noqa: PLC0415  # made once, when asked for

        body = msgspec.json.encode(document(self.options))

        async def asyncapi(_request: object) -> Response:
            return Response(body, media_type="application/json")

        return [Route("/api/asyncapi.json", asyncapi, methods=["GET"])]

    # --- coming

    async def admit(self, handshake: Handshake, session_id: str) -> Admission:
        """Look at a handshake; who is let in is to be told `connected` or `turned_away`.

        Raises:
            ApiProblem: it may not connect.
        """
        forwarded = handshake.header(b"x-forwarded-for")
        bucket = self._addresses.bucket(handshake.peer, forwarded)
        verdict = await self._limiter.take(RouteClass.PUBLIC, bucket)
        if not verdict.allowed:
            raise verdict.problem()
        self._refuse_too_many()
        refuse_foreign_page(handshake, self._origins)
        key = handshake.key
        asked = read_options(handshake, compression=self.options.compression)
        ip = self._addresses.address(handshake.peer, forwarded)
        identity = await self._identity(handshake, ip)
        self._refuse_too_many()  # others may have come while a key was looked up
        quota = self._quotas.connect(bucket)
        try:
            if identity is not None:
                quota.identify(identity.principal.account_id)
        except ApiProblem:
            quota.release()
            raise
        self._admitted += 1
        return Admission(
            key, asked, Peer(session_id, bucket, ip, asked.cancel_on_disconnect), identity, quota
        )

    def _refuse_too_many(self) -> None:
        if self._stopping or len(self._clients) + self._admitted >= self.options.max_connections:
            raise edge_problem("unavailable", "There is no room for another connection now.")

    def turned_away(self, admission: Admission) -> None:
        """Forget somebody who was let in and has gone before the connection was made."""
        self._admitted -= 1
        admission.quota.release()

    def connected(self, wire: Wire, admission: Admission) -> Client:
        """Begin with a client that was let in."""
        self._admitted -= 1
        connection = Connection(wire, admission.asked.format, self._common, admission.quota)
        session = Session(connection, wire, self._parts, admission.peer)
        if admission.identity is not None:
            session.identify(admission.identity)
        client = Client(wire, connection, session, self.now_ms())
        self._clients[client] = None
        if self._stopping:
            self.send_away(client)
        return client

    async def _identity(self, handshake: Handshake, ip: str | None) -> Identity | None:
        if is_signed(handshake.headers):
            query = handshake.query_string
            target = PATH.encode("ascii") + (b"?" + query if query else b"")
            signature = read_signature(handshake.headers)
            if ACCOUNT in handshake.headers:
                raise edge_problem("forbidden", "An API key acts on its own account and no other.")
            return await self._parts.proofs.identity(signature, b"GET" + target, ip)
        authorization = handshake.header(b"authorization")
        if authorization is None:
            return None
        return self._parts.proofs.of_token(authorization, handshake.headers.get(ACCOUNT))

    # --- staying

    def now_ms(self) -> int:
        """Return monotonic milliseconds."""
        return self._parts.monotonic_ns() // _NS_PER_MS

    async def look_after(self) -> None:
        """Check sessions, and reap clients that are idle or dead, until cancelled."""
        while True:
            await asyncio.sleep(self.options.check_session_ms / 1_000)
            for n, client in enumerate(list(self._clients)):
                if n % _AT_ONCE == _AT_ONCE - 1:
                    await asyncio.sleep(0)
                if not client.connection.closing:
                    self._look_after(client, self.now_ms())

    def _look_after(self, client: Client, now_ms: int) -> None:
        client.session.check()
        ping_ms = self.options.ping_ms
        if client.connection.is_idle and now_ms - client.spoke_ms >= self.options.idle_ms:
            seconds = self.options.idle_ms // 1_000
            client.connection.close(CLOSE_IDLE, f"Nothing subscribed for {seconds} s.")
        elif client.pinged_ms and now_ms - client.pinged_ms >= ping_ms:
            client.connection.close(CLOSE_ERROR, "No answer to our ping.")
        elif not client.pinged_ms and now_ms - client.heard_ms >= ping_ms:
            client.pinged_ms = now_ms
            client.wire.ping()

    # --- going

    def gone(self, client: Client) -> None:
        """Forget a client whose connection is over; its orders may have to be cancelled yet."""
        if client not in self._clients:
            return
        del self._clients[client]
        client.connection.leave()
        client.connection.quota.release()
        if client.session.must_end:
            self._later(client.session.end())

    def close_all(self) -> None:
        """End all connections, as before a restart, and take no new ones."""
        if self._clients and not self._stopping:
            log.info("websockets_closing", connections=len(self._clients))
        self._stopping = True
        for client in self._clients:
            self.send_away(client)

    async def drained(self) -> None:
        """Return when the last client has gone and what it left has been seen to."""
        while self._clients or self._ending:
            if self._ending:
                await asyncio.wait(self._ending)
            else:
                await asyncio.sleep(_LOOK_S)

    async def drained_within(self, seconds: float) -> None:
        """As `drained`, for so long at most: an exchange that is away may never answer."""
        try:
            async with asyncio.timeout(seconds):
                await self.drained()
        except TimeoutError:
            log.warning("websockets_not_drained", seconds=seconds, connections=len(self._clients))

    def send_away(self, client: Client) -> None:
        """End a connection as before a restart, once the orders under way on it have been answered."""
        if client.session.leave():
            client.connection.close(CLOSE_SHUTDOWN, "The exchange is restarting; connect again.")
        else:
            self._later(self._send_away_later(client))

    async def _send_away_later(self, client: Client) -> None:
        await client.session.answered(self.options.send_timeout_ms / 1_000)
        client.connection.close(CLOSE_SHUTDOWN, "The exchange is restarting; connect again.")

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("websocket_end_failed", exc_info=error)


def new_session_id() -> str:
    """Return an id for a connection."""
    return secrets.token_hex(8)
