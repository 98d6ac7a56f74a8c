"""What waits to be published: in order, bounded, and honest about what was lost."""

import asyncio
import secrets
from collections import deque
from typing import Final

import structlog

from cse.core.errors import Unavailable
from cse.gateway.relay.protocol import HELLO, Hello, encode
from cse.gateway.ws.frames import Encoding, Outgoing
from cse.messages.bus import Bus, BusMessage

log = structlog.get_logger(__name__)

MAX_WAITING: Final = 10_000
"""Messages; past it all of them are dropped, and a new epoch makes streamers ask anew."""
ANSWERS_UP_TO: Final = 1_000
"""Messages that may wait when a question is answered: answers can be big."""
_AT_ONCE: Final = 256
_AT_ONCE_BYTES: Final = 1_048_576
_RETRY_S: Final = 0.2


class Outbound:
    """A line to the bus. Putting never waits; `run` publishes, many messages per round trip."""

    def __init__(self, bus: Bus) -> None:
        """Begin with a fresh epoch."""
        self._bus: Final = bus
        self._waiting: Final[deque[tuple[str, Outgoing]]] = deque()
        self._wake: Final = asyncio.Event()
        self._room: Final = asyncio.Event()
        self._process: Final = secrets.token_hex(8)
        self._epochs = 1
        self._must_tell = False
        self.published = 0
        """Messages that the bus took."""
        self.dropped = 0
        """Messages that it did not, or that found no room."""

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    @property
    def epoch(self) -> str:
        """What changes whenever messages may be missing."""
        return f"{self._process}-{self._epochs}"

    def put(self, channel: str, outgoing: Outgoing) -> None:
        """Add a message; past the bound everything that waits is lost."""
        if len(self._waiting) >= MAX_WAITING:
            log.warning("publisher_overflows", dropped=len(self._waiting))
            self._lose(len(self._waiting))
        self._waiting.append((channel, outgoing))
        self._wake.set()

    def hello(self) -> None:
        """Tell, after what waits, that we are here."""
        self.put(HELLO, Outgoing(Hello(self.epoch)))

    def begin_anew(self) -> None:
        """Make streamers ask for everything again."""
        self._epochs += 1
        self._must_tell = True
        self._wake.set()

    async def room(self) -> None:
        """Return when so little waits that a question may be answered."""
        while len(self._waiting) > ANSWERS_UP_TO:
            self._room.clear()
            await self._room.wait()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            if not self._waiting and not self._must_tell:
                self._room.set()
                self._wake.clear()
                await self._wake.wait()
            some = self._take()
            try:
                await self._bus.publish_many(some)
            except Unavailable as error:
                self._lose(len(self._waiting) + len(some), str(error))
                await asyncio.sleep(_RETRY_S)
                continue
            self.published += len(some)
            self._room.set()

    def _take(self) -> list[BusMessage]:
        """Return the next messages; a new epoch is told before them."""
        taken, size = [], 0
        if self._must_tell:
            self._must_tell = False
            taken.append(BusMessage(HELLO, encode(Hello(self.epoch))))
        while self._waiting and len(taken) < _AT_ONCE and size < _AT_ONCE_BYTES:
            channel, outgoing = self._waiting.popleft()
            payload = outgoing.payload(Encoding.JSON)
            size += len(payload)
            taken.append(BusMessage(channel, payload))
        return taken

    def _lose(self, count: int, why: str = "") -> None:
        if why and not self._must_tell:  # once, not for every message of an outage
            log.warning("publisher_drops", error=why)
        self.dropped += count
        self._waiting.clear()
        self.begin_anew()
