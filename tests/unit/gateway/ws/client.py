"""A client of the WebSocket that knows nothing but what the server told it."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import msgspec
from websockets.asyncio.client import ClientConnection, connect

Message = dict[str, Any]


class Client:
    """Sends operations, keeps everything that came, in order."""

    def __init__(self, connection: ClientConnection, *, msgpack: bool = False) -> None:
        self.socket = connection
        self.msgpack = msgpack
        self.received: list[Message] = []
        self._unread = 0
        self._ids = 0

    async def send(self, **message: object) -> None:
        """Send one operation without waiting for its answer."""
        if self.msgpack:
            await self.socket.send(msgspec.msgpack.encode(message))
        else:
            await self.socket.send(json.dumps(message))

    async def ask(self, op: str, **fields: object) -> Message:
        """Send one operation and return its answer; other messages are kept for `next`."""
        self._ids += 1
        await self.send(op=op, id=self._ids, **fields)
        return await self.until(lambda message: message.get("id") == self._ids and "ok" in message)

    async def next(self, channel: str, kind: str | None = None) -> Message:
        """Return the next message of a channel that `next` has not returned yet."""
        while True:
            while self._unread < len(self.received):
                message = self.received[self._unread]
                self._unread += 1
                if message.get("channel") == channel and kind in {None, message["type"]}:
                    return message
            await self._read()

    async def until(self, wanted: Any) -> Message:
        """Return the first message from now on that `wanted` says yes to."""
        while True:
            message = await self._read()
            if wanted(message):
                return message

    def of(self, channel: str) -> list[Message]:
        """Everything that came of a channel so far."""
        return [message for message in self.received if message.get("channel") == channel]

    async def settle(self) -> None:
        """Return when everything that the server had for us before now has arrived."""
        assert (await self.ask("ping"))["ok"]

    async def _read(self) -> Message:
        frame = await self.socket.recv()
        assert isinstance(frame, bytes) == self.msgpack, "text for JSON, binary for MessagePack"
        message = msgspec.msgpack.decode(frame) if isinstance(frame, bytes) else json.loads(frame)
        self.received.append(message)
        return message


@asynccontextmanager
async def client(url: str, token: str | None = None, **options: Any) -> AsyncIterator[Client]:
    """A connected client; with a token it has said who it is in the handshake."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(url, additional_headers=headers, **options) as connection:
        yield Client(connection, msgpack="encoding=msgpack" in url)


@asynccontextmanager
async def slow_client(url: str) -> AsyncIterator[Client]:
    """A client that takes next to nothing off the wire unless it is asked for the next message."""
    where = urlsplit(url)
    with socket.socket() as small:
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        small.connect((where.hostname, where.port))
        async with client(url, sock=small, compression=None, max_queue=1) as reader:
            yield reader


class ClientBook:
    """An order book made from messages alone, written without looking at the server's."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
        self.sequence = -1

    def take(self, message: Message) -> None:
        """Apply a snapshot or an update; a gap or a wrong checksum fails the test."""
        if message["type"] == "snapshot":
            assert message["previous"] is None
            self.sides = {"bids": {}, "asks": {}}
        else:
            assert message["previous"] == self.sequence, "a gap in the chain"
        assert message["sequence"] >= self.sequence, "never backwards"
        self.sequence = message["sequence"]
        for name, levels in self.sides.items():
            for price, quantity in message[name]:
                if not quantity.strip("0."):
                    levels.pop(price, None)
                else:
                    levels[price] = quantity
        assert message["checksum"] == self.checksum(), "another book"

    def levels(self, side: str) -> list[list[str]]:
        """Best first."""
        order = sorted(self.sides[side].items(), key=lambda level: float(level[0]))
        return [list(level) for level in (order[::-1] if side == "bids" else order)]

    def checksum(self) -> int:
        top = [*self.levels("bids")[:10], *self.levels("asks")[:10]]
        return crc32("|".join(f"{price}:{quantity}" for price, quantity in top).encode())
