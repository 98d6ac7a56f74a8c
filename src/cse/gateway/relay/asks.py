"""A streamer's questions to the publisher: sent in batches, again if need be, each answered once."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final, Protocol

import msgspec
import structlog

from cse.core.errors import Unavailable
from cse.gateway.relay.protocol import ASK, FOLLOWS_PER_RENEW, Answer, Ask, Follow, Renew, encode
from cse.messages.bus import Bus, BusMessage

log = structlog.get_logger(__name__)

WINDOW: Final = 256
"""Questions that are sent and not answered; the others wait here, not at the publisher."""
_AGAIN_S: Final = 1.0
"""A question that is older and not answered is asked again when the publisher is heard."""

OnAnswer = Callable[[Answer, bytes | None], None]
"""Gets the answer, and the whole book that it goes on from if one lay in the cache."""


class BookReader(Protocol):
    """Where whole books lie."""

    async def get(self, key: str) -> bytes | None:
        """Return a value, None if it is not there. Raises Unavailable."""
        ...


class _Asked(msgspec.Struct, eq=False):
    ask: Ask
    on_answer: OnAnswer
    use_cache: bool
    is_queued: bool = False
    sent_s: float = 0.0
    cached: bytes | None = None


class _Sequence(msgspec.Struct):
    sequence: int


_read_sequence: Final = msgspec.json.Decoder(_Sequence).decode


class Asks:
    """Open questions by number; `run` sends them."""

    def __init__(self, bus: Bus, cache: BookReader, streamer: str) -> None:
        """Ask as `streamer`."""
        self._bus: Final = bus
        self._cache: Final = cache
        self._streamer: Final = streamer
        self._numbers: Final = count(1)
        self._open: Final[dict[int, _Asked]] = {}
        self._to_send: Final[deque[int]] = deque()
        self._sent: Final[set[int]] = set()
        self._wake: Final = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    def ask(
        self,
        follow: Follow,
        since: int | None,
        on_answer: OnAnswer,
        *,
        use_cache: bool = False,
    ) -> int:
        """Ask for a channel; returns the question's number.

        With `use_cache` a book that lies in the cache is used, and only what came after it asked for.
        """
        number = next(self._numbers)
        ask = Ask(self._streamer, number, *follow, since)
        self._open[number] = _Asked(ask, on_answer, use_cache)
        self._send(number)
        return number

    def forget(self, number: int) -> None:
        """Want an answer no more."""
        self._open.pop(number, None)
        self._settle(number)

    def take(self, answer: Answer) -> None:
        """Hand an answer to whoever asked."""
        self._settle(answer.number)
        if answer.code == "unavailable":  # asked again when the publisher is heard
            return
        asked = self._open.pop(answer.number, None)
        if asked is not None:
            asked.on_answer(answer, asked.cached)

    def send_again(self, *, all_: bool = False) -> None:
        """Ask again what has waited for long, or everything; behind what was not asked yet."""
        before_s = time.monotonic() - _AGAIN_S
        for number, asked in self._open.items():
            if not asked.is_queued and (all_ or asked.sent_s < before_s):
                self._sent.discard(number)
                self._send(number)

    async def run(self) -> None:
        """Send questions until cancelled."""
        while True:
            self._wake.clear()
            while some := await self._some():
                await self._publish(some)
            await self._wake.wait()

    async def _some(self) -> list[BusMessage]:
        some: list[BusMessage] = []
        while self._to_send and len(self._sent) < WINDOW:
            number = self._to_send.popleft()
            asked = self._open.get(number)
            if asked is not None:
                asked.is_queued, asked.sent_s = False, time.monotonic()
                self._sent.add(number)
                some.append(BusMessage(ASK, encode(await self._ready(asked))))
        return some

    def _settle(self, number: int) -> None:
        if number in self._sent:
            self._sent.remove(number)
            self._wake.set()

    async def renew(self, follows: Sequence[Follow]) -> None:
        """Say what is still followed."""
        parts = range(0, len(follows), FOLLOWS_PER_RENEW)
        await self._publish(
            [
                BusMessage(
                    ASK, encode(Renew(self._streamer, list(follows[n : n + FOLLOWS_PER_RENEW])))
                )
                for n in parts
            ]
        )

    def _send(self, number: int) -> None:
        self._open[number].is_queued = True
        self._to_send.append(number)
        self._wake.set()

    async def _ready(self, asked: _Asked) -> Ask:
        """Return the question as it is to be sent: after what the cache has."""
        if not asked.use_cache:
            return asked.ask
        try:
            asked.cached = await self._cache.get(asked.ask.channel)
        except Unavailable:
            asked.cached = None
        since = None if asked.cached is None else _read_sequence(asked.cached).sequence
        return msgspec.structs.replace(asked.ask, since=since)

    async def _publish(self, messages: Sequence[BusMessage]) -> None:
        if not messages:
            return
        try:
            await self._bus.publish_many(messages)
        except Unavailable as error:  # what is open is asked again once the publisher is heard
            log.debug("streamer_cannot_ask", error=str(error))
