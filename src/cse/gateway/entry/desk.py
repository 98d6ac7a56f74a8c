"""Binary order entry as a whole: connections, log-ins, sessions and their way to the engine."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.gateway.entry.cancelling import CancelOnDisconnect
from cse.gateway.entry.connection import Connection
from cse.gateway.entry.keys import Keys, is_over
from cse.gateway.entry.link import Link
from cse.gateway.entry.login import Logins
from cse.gateway.entry.options import EntryOptions
from cse.gateway.entry.sessions import Sessions
from cse.gateway.entry.submits import Submits
from cse.gateway.entry.tools import EntryTools, PythonTools
from cse.gateway.order_to_trade import OrderToTrade
from cse.messages.ports import FrameQueue
from cse.messages.records import StateRecord
from cse.messages.session import Login, SessionError
from cse.messages.wire import Record

log = structlog.get_logger(__name__)

_DRAIN_S: Final = 5.0
MAX_LATE_S: Final = 0.2
"""A loop that was held up for longer judges nobody before it has read what came meanwhile."""


class Desk:
    """Where clients of binary order entry are served, whichever way they come in."""

    def __init__(
        self,
        queue: FrameQueue,
        keys: Keys,
        clock: Clock,
        options: EntryOptions | None = None,
        tools: EntryTools | None = None,
        order_to_trade: OrderToTrade | None = None,
    ) -> None:
        """Needs the running loop. `submits.listen` must be attached to the engine's feed; `close` at the end."""
        self.options: Final = options or EntryOptions()
        self.keys: Final = keys
        self.now_ms: Final = clock.now_ms
        self._loop: Final = asyncio.get_running_loop()
        self.now: Final = self._loop.time
        self.submits: Final = Submits(
            queue, tools or PythonTools(), self.options, order_to_trade=order_to_trade
        )
        self._cancelling: Final = CancelOnDisconnect(queue)
        self.sessions: Final = Sessions(self.submits, self._cancelling, self.options, clock.now_ms)
        self.stopping = False
        self._logins: Final = Logins(self)
        self._connections: Final[dict[Connection, None]] = {}
        self._addresses: Final[Counter[str]] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        self._sweep_s: Final = self.options.sweep_ms / 1_000
        self._sweep_at = 0.0
        self._sweep_later()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def start_from(self, records: Iterable[Record]) -> None:
        """Take the records that attaching to the feed gave: sessions begin after them."""
        first = next(iter(records))
        assert isinstance(first, StateRecord), "records begin with where the state stands"
        self.submits.engine_sequence = first.sequence

    def connect(self, link: Link) -> Connection:
        """Take a new connection; one too many is told so and closed."""
        connection = Connection(self, link)
        self._connections[connection] = None
        self._addresses[link.address] += 1
        limit = self.options.max_connections_per_address if link.address else len(self._connections)
        if (
            self.stopping
            or len(self._connections) > self.options.max_connections
            or self._addresses[link.address] > limit
        ):
            connection.refuse(SessionError.TOO_MANY_CONNECTIONS, "no room", closes=True)
        return connection

    def forget(self, connection: Connection) -> None:
        """Forget a connection that is over."""
        if connection in self._connections:
            del self._connections[connection]
            self._addresses[connection.link.address] -= 1
            if not self._addresses[connection.link.address]:
                del self._addresses[connection.link.address]

    def log_in(self, connection: Connection, login: Login, frame: bytes) -> None:
        """Verify a log-in and open its session, or refuse it; the connection hears of it later."""
        self._logins.begin(connection, login, frame)

    async def close(self) -> None:
        """Answer what is under way, end all sessions (cancel on disconnect included), disconnect everybody."""
        self.stopping = True
        if self._timer is not None:
            self._timer.cancel()
        await self._logins.close()
        await self.submits.drain(_DRAIN_S)
        for connection in list(self._connections):
            if connection.session is not None:
                self.sessions.end(connection.session)
            connection.refuse(SessionError.SHUTTING_DOWN, "the exchange is stopping", closes=True)
        self.sessions.end_all()
        await self._cancelling.close(_DRAIN_S)

    def _sweep_later(self) -> None:
        self._sweep_at = self.now() + self._sweep_s
        self._timer = self._loop.call_at(self._sweep_at, self._sweep)

    def _sweep(self) -> None:
        """Look at all times, unless we are late ourselves: then what clients sent has yet to be read."""
        now = self.now()
        late = now - self._sweep_at > MAX_LATE_S
        try:
            for connection in () if late else list(self._connections):
                connection.sweep(now)
            now_ms = self.now_ms()
            self.sessions.sweep(now, lambda owner: is_over(self.keys, owner, now_ms))
        finally:
            self._sweep_later()
