"""An open-loop load: requests leave on a fixed schedule, whether or not earlier ones were answered, and each
latency counts from the scheduled time, so that a stall of the server is not hidden.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import cast


class _Connection(asyncio.Protocol):
    """One keep-alive HTTP/1.1 connection with at most one request under way."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[int] | None = None
        self._buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are of no common class

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        if len(body) < int(
            lower[at : lower.find(b"\r\n", at)] if b"\r\n" in lower[at:] else lower[at:]
        ):
            return
        self._buffer = b""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(
                exc or ConnectionResetError("the server closed the connection")
            )


async def run(
    port: int, requests: Sequence[bytes], *, per_second: int, seconds: float, connections: int = 32
) -> tuple[list[float], dict[int, int]]:
    """Send `requests` in turn at a fixed rate; return latencies in seconds, and answers per status."""
    loop = asyncio.get_running_loop()
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        _, protocol = await loop.create_connection(_Connection, "127.0.0.1", port)
        free.put_nowait(protocol)
    latencies: list[float] = []
    statuses: dict[int, int] = {}

    async def one(due: float, request: bytes) -> None:
        connection = await free.get()
        connection.answer = loop.create_future()
        assert connection.transport is not None
        connection.transport.write(request)
        status = await connection.answer
        latencies.append(time.perf_counter() - due)
        statuses[status] = statuses.get(status, 0) + 1
        free.put_nowait(connection)

    tasks: list[asyncio.Task[None]] = []

    def leave(due: float, request: bytes) -> None:
        tasks.append(loop.create_task(one(due, request)))

    def pace() -> None:
        """Let requests leave on time: event loops keep time in whole milliseconds, a sleeping thread does not."""
        started = time.perf_counter()
        for n in range(int(per_second * seconds)):
            due = started + n / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            loop.call_soon_threadsafe(leave, due, requests[n % len(requests)])

    await asyncio.to_thread(pace)
    await asyncio.gather(*tasks)
    return latencies, statuses


def http_post(path: str, body: bytes, token: str) -> bytes:
    """Return the bytes of a POST request."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: {token}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of all values do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
