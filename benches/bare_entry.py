"""What binary order entry is measured against: the same frames in, written and synced; answers of the same size out.

`python -m benches.bare_entry PORT FILE` takes any log-in and looks at nothing but lengths.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import cast

import uvloop

from cse.messages import session as s
from cse.messages.codec import HEADER_SIZE, decode_frame, encode_frame
from cse.messages.registry import TYPE_NUMBERS

_LOGIN = TYPE_NUMBERS[s.Login]
_SUBMIT_BYTES = len(encode_frame(s.Submit(0, 0)))
EVENT_BYTES = 133
"""Of one accepted order."""


class Bare(asyncio.Protocol):
    """One client."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(encode_frame(s.Hello(1, bytes(32))))

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._data += data
        answers, end = [], 0
        while (size := self._whole(end)) > 0:
            answers.append(self._answer(bytes(self._data[end : end + size])))
            end += size
        if answers:
            os.write(self._file, self._data[:end])
            os.fdatasync(self._file)
            self._transport.write(b"".join(answers))
            del self._data[:end]

    def _whole(self, at: int) -> int:
        """Return the bytes of the message at `at`, 0 while it is not whole."""
        left = len(self._data) - at
        if left < HEADER_SIZE:
            return 0
        size = int.from_bytes(self._data[at : at + 4], "little")
        if self._data[at + 5] != _LOGIN and left >= _SUBMIT_BYTES:
            size += int.from_bytes(self._data[at + 26 : at + 30], "little")
        return size if left >= size else 0

    def _answer(self, data: bytes) -> bytes:
        message = decode_frame(data).message
        if isinstance(message, s.Submit):
            size = message.count * EVENT_BYTES
            return encode_frame(s.Answer(1, 1, message.count, message.count, size)) + bytes(size)
        greeting = s.LoggedIn(1, 1_001, 1, 1, 0, 1_000, 16, 1, 1, heartbeat_ms=60_000)
        return encode_frame(greeting)


async def serve(port: int, path: Path) -> None:
    """Serve until killed."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Bare(file), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
