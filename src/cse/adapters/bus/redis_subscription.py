"""A subscription over Redis whose channels change while it is read: one connection of its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from cse.adapters.bus.memory import Inbox, Item
from cse.messages.bus import BusMessage, Joined, Missed

log = structlog.get_logger(__name__)

_SILENCE_S: Final = 10.0
"""A connection that says nothing for so long is asked whether it lives."""
_PART: Final = 1_000
"""Channels per command."""


class RedisSubscription:
    """What is wanted is kept here; each new connection is told all of it.

    Not redis-py's PubSub: that cannot be written to while it is read without connecting twice.
    """

    def __init__(
        self, connect: Callable[[], AbstractConnection], inbox: Inbox, reconnect_s: float
    ) -> None:
        """Begin without channels; `run` reads."""
        self._connect: Final = connect
        self._inbox: Final = inbox
        self._reconnect_s: Final = reconnect_s
        self._wanted: Final[dict[str, None]] = {}
        self._pending: dict[str, bool] = {}
        """What the connection has yet to be told: whether a channel is wanted."""
        self._unconfirmed: Final[Counter[str]] = Counter()
        self._joined: Final[set[str]] = set()
        self._to_rejoin: Final[set[str]] = set()
        """What was read before the connection was lost; once all of it is read again, `Missed` is due."""
        self._changed: Final = asyncio.Event()

    def add(self, channel: str) -> None:
        if channel not in self._wanted:
            self._wanted[channel] = None
            self._pending[channel] = True
            self._changed.set()

    def remove(self, channel: str) -> None:
        if channel in self._wanted:
            del self._wanted[channel]
            self._pending[channel] = False
            self._joined.discard(channel)
            self._rejoined(channel)
            self._changed.set()

    def read(self) -> AsyncIterator[Item]:
        return self._inbox.read()

    async def run(self) -> None:
        """Keep a connection until cancelled."""
        while True:
            connection = self._connect()
            try:
                await self._serve(connection)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus_connection_lost", error=str(error) or type(error).__name__)
            finally:
                await connection.disconnect(nowait=True)
            await asyncio.sleep(self._reconnect_s)

    async def _serve(self, connection: AbstractConnection) -> None:
        """Read and write one connection until it breaks."""
        await connection.connect()  # type: ignore[no-untyped-call]  # redis-py says nothing of it
        self._unconfirmed.clear()
        self._to_rejoin.update(self._joined)
        self._pending = dict.fromkeys(self._wanted, True)
        tasks = [
            asyncio.create_task(self._write_all(connection)),
            asyncio.create_task(self._read_all(connection)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _write_all(self, connection: AbstractConnection) -> None:
        while True:
            self._changed.clear()
            pending, self._pending = self._pending, {}
            for command, wanted in (("UNSUBSCRIBE", False), ("SUBSCRIBE", True)):
                names = [name for name, is_wanted in pending.items() if is_wanted is wanted]
                if wanted:
                    self._unconfirmed.update(names)
                for begin in range(0, len(names), _PART):
                    part = names[begin : begin + _PART]
                    await connection.send_command(command, *part, check_health=False)
            await self._changed.wait()

    async def _read_all(self, connection: AbstractConnection) -> None:
        asked = False
        while True:
            got = await connection.read_response(
                timeout=_SILENCE_S, disconnect_on_error=False, push_request=True
            )
            if got is not None:
                asked = False
                if isinstance(got, list):
                    self._take(got)
            elif asked:
                raise TimeoutError("the subscription's connection is dead")
            else:
                asked = True
                await connection.send_command("PING", check_health=False)

    def _take(self, got: list[Any]) -> None:
        if got[0] == b"message":
            self._inbox.put(BusMessage(got[1].decode(), got[2]))
        elif got[0] == b"subscribe":
            self._confirmed(got[1].decode())

    def _confirmed(self, name: str) -> None:
        self._unconfirmed[name] -= 1
        if self._unconfirmed[name] > 0:  # it was left and joined again meanwhile
            return
        del self._unconfirmed[name]
        if name in self._wanted and name not in self._joined:
            self._joined.add(name)
            self._inbox.put(Joined(name))
        self._rejoined(name)

    def _rejoined(self, name: str) -> None:
        if name in self._to_rejoin:
            self._to_rejoin.remove(name)
            if not self._to_rejoin:
                self._inbox.put(Missed())


async def end(reader: asyncio.Task[None]) -> None:
    """Cancel until it is over: redis-py swallows a cancellation that meets it in the middle of connecting."""
    while not reader.done():
        reader.cancel()
        await asyncio.wait([reader], timeout=0.1)
