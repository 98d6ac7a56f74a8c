"""Everybody who listens: connects, subscribes, and measures how late each message is read."""

import asyncio
import gc
import socket
import sys
import time
from collections.abc import Coroutine
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benches.fanout.stamps import open_stamps
from benches.fanout.talk import Message, on_line, options, tell
from cse.gateway.ws.deflate import inflated

_AT_ONCE = 50
SAMPLED = 8
"""One message of so many is taken apart: reading all of them would measure how busy the generator is."""
_PREVIOUS = b'"previous":'
_SEQUENCE = b'"sequence":'
_MAX_BYTES = 16 * 2**20
_SNAPSHOT = b'"type":"snapshot"'


class Tally:
    """What all listeners of this process have got."""

    def __init__(self, stamps: memoryview) -> None:
        self.stamps = stamps
        self.opened = self.messages = self.bytes = self.gone = 0
        self.late_ns: list[int] = []
        self.turn = 0
        self.measures = False
        """Since the first reset: by then every client has been opened."""
        self.deflate = False
        """Whether to offer compression."""

    def reset(self) -> None:
        self.measures = True
        self.messages = self.bytes = 0
        self.late_ns = []


class Listener(WSListener):
    """One client."""

    def __init__(self, tally: Tally, request: bytes | None) -> None:
        self.tally = tally
        self.request = request

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        if self.request is not None:
            transport.send(WSMsgType.TEXT, self.request)

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        self.tally.gone += 1

    def on_ws_frame(self, _transport: WSTransport, frame: WSFrame) -> None:
        tally = self.tally
        tally.turn += 1
        if tally.measures and tally.turn % SAMPLED:
            tally.messages += 1
            tally.bytes += frame.payload_size
            return
        now_ns = time.monotonic_ns()
        payload = frame.get_payload_as_bytes()
        size = len(payload)
        if frame.rsv1:
            payload = inflated(payload, _MAX_BYTES)
        at = payload.find(_PREVIOUS, 0, 200)
        if at < 0 or _SNAPSHOT in payload[:100]:
            tally.opened += at >= 0
            return
        tally.messages += 1
        tally.bytes += size
        tally.late_ns.append(now_ns - tally.stamps[_one_change(payload, at, len(tally.late_ns))])


def _one_change(payload: bytes, at: int, turn: int) -> int:
    """Return one of the commands that a message tells of, from the first to the last of them in turns:
    the first of several has waited longest, the last not at all.
    """
    at += len(_PREVIOUS)
    previous = int(payload[at : payload.index(b",", at)])
    at = payload.index(_SEQUENCE) + len(_SEQUENCE)
    last = int(payload[at : payload.index(b",", at)])
    return previous + 1 + turn % max(1, last - previous)


class Echoed(WSListener):
    """A client of the bare library: sends a message as soon as it has the one before back."""

    def __init__(self, tally: Tally, message: bytes) -> None:
        self.tally = tally
        self.message = message

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(WSMsgType.TEXT, self.message)

    def on_ws_frame(self, transport: WSTransport, _frame: WSFrame) -> None:
        self.tally.messages += 1
        transport.send(WSMsgType.TEXT, self.message)


async def _connect(given: Message, url: str, tally: Tally, keep: list[Any]) -> None:
    request = given["request"].encode() if given.get("request") else None
    message = b"x" * given["echo_bytes"] if given.get("echo_bytes") else b""

    async def one() -> None:
        _, listener = await ws_connect(
            lambda: Echoed(tally, message) if message else Listener(tally, request),
            url,
            enable_auto_ping=False,
            read_buffer_init_size=2_048,
            extra_headers={"Sec-WebSocket-Extensions": "permessage-deflate"}
            if tally.deflate
            else None,
        )
        keep.append(listener)

    left = given["count"]
    while left:
        await asyncio.gather(*(one() for _ in range(min(left, _AT_ONCE))))
        left -= min(left, _AT_ONCE)
    tell(connected=len(keep))


def _slow(given: Message, url: str, keep: list[Any]) -> None:
    """Open connections that subscribe and never read."""
    host, _, rest = url.removeprefix("ws://").partition("/")
    for _ in range(given["count"]):
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.connect((host.split(":")[0], int(host.split(":")[1])))
        slow.sendall(
            f"GET /{rest} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += slow.recv(1)
        request = given["request"].encode()
        slow.sendall(
            bytes((0x81, 0x80 | 126)) + len(request).to_bytes(2, "big") + bytes(4) + request
        )
        keep.append(slow)
    tell(connected=len(keep))


async def _flood(given: Message, url: str) -> None:
    """Send bad messages and pings as fast as the server lets us, connecting again when it has had enough."""
    while True:
        transport, _ = await ws_connect(WSListener, url, enable_auto_ping=False)
        transport.send(WSMsgType.TEXT, given["request"].encode())
        while not transport.is_disconnected:
            for _ in range(20):
                transport.send(WSMsgType.TEXT, b'{"op":"nonsense"}')
                transport.send_ping(b"flood")
            await asyncio.sleep(0.005)


def _report(tally: Tally) -> None:
    late = sorted(tally.late_ns)

    def at(share: float) -> float:
        return late[min(len(late) - 1, int(len(late) * share))] / 1e6 if late else 0.0

    tell(
        messages=tally.messages,
        bytes=tally.bytes,
        gone=tally.gone,
        p50_ms=at(0.5),
        p99_ms=at(0.99),
        max_ms=at(1.0),
    )


class Clients:
    """What this process does when it is told."""

    def __init__(self, given: Message) -> None:
        self._url: str = given["url"]
        self._tally = Tally(open_stamps(given["stamps"]))
        self._keep: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []

    def take(self, asked: Message) -> None:
        getattr(self, f"do_{asked['do']}")(asked)
        for task in self._tasks:
            if task.done() and task.exception() is not None:
                print(task.exception(), file=sys.stderr)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    def do_connect(self, asked: Message) -> None:
        self._begin(_connect(asked, self._url, self._tally, self._keep))

    def do_slow(self, asked: Message) -> None:
        _slow(asked, self._url, self._keep)

    def do_flood(self, asked: Message) -> None:
        for _ in range(asked["count"]):
            self._begin(_flood(asked, self._url))
        tell(ok=True)

    def do_deflate(self, _asked: Message) -> None:
        self._tally.deflate = True
        tell(ok=True)

    def do_reset(self, _asked: Message) -> None:
        self._tally.reset()
        tell(ok=True)

    def do_opened(self, _asked: Message) -> None:
        tell(opened=self._tally.opened)

    def do_report(self, _asked: Message) -> None:
        _report(self._tally)


async def main() -> None:
    clients = Clients(options())
    gc.disable()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), on_line(clients.take))
    tell(ready=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
