"""What waits to be sent to one client: bounded in bytes, in order."""

import asyncio
from collections import deque
from typing import Final

from cse.gateway.ws.frames import Frame
from cse.gateway.ws.options import WsOptions


class Outbox:
    """Frames that wait for one connection's sender."""

    def __init__(self, options: WsOptions) -> None:
        """Begin empty, with the limits of `options`."""
        self._frames: Final[deque[Frame]] = deque()
        self._bytes = 0
        self._limit: Final = options.buffer_bytes
        self._conflate_from: Final = min(options.conflate_bytes, options.buffer_bytes // 4)
        self._wake: Final = asyncio.Event()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def waiting_bytes(self) -> int:
        """How much waits."""
        return self._bytes

    @property
    def congested(self) -> bool:
        """Whether so much waits that what can be conflated should be."""
        return self._bytes > self._conflate_from

    def put(self, frame: Frame) -> bool:
        """Add a frame; False: it has no room. One alone has room whatever its size."""
        if self._frames and self._bytes + len(frame) > self._limit:
            return False
        self._frames.append(frame)
        self._bytes += len(frame)
        self._wake.set()
        return True

    def take(self) -> Frame | None:
        """Return the next frame, None when nothing waits."""
        if not self._frames:
            return None
        frame = self._frames.popleft()
        self._bytes -= len(frame)
        return frame

    def wake(self) -> None:
        """Let the sender look what there is to do."""
        self._wake.set()

    async def wait(self) -> None:
        """Return when something was put, or `wake` was called, since the last wait."""
        await self._wake.wait()
        self._wake.clear()
