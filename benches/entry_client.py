"""A client of binary order entry that costs as little as Python can: prepared bytes out, headers of answers in."""

import socket
import struct
import time
from collections import deque

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cse.messages import session as s
from cse.messages.codec import HEADER_SIZE, LAYOUTS, decode_frame, encode_frame
from cse.messages.registry import TYPE_NUMBERS
from cse.messages.wire import Command

_ANSWER = TYPE_NUMBERS[s.Answer]
_EXECUTIONS = TYPE_NUMBERS[s.Executions]
_HEAD = struct.Struct("<IBB")
_SIZE = struct.Struct("<I")
_SIZE_AT = {
    _ANSWER: LAYOUTS[_ANSWER].body.size + HEADER_SIZE - 4,
    _EXECUTIONS: LAYOUTS[_EXECUTIONS].body.size + HEADER_SIZE - 4,
}
"""Where a message says how many bytes follow it: its last field."""


class BlockingClient:
    """One session over a blocking socket."""

    def __init__(self, port: int, key_id: str, key: Ed25519PrivateKey) -> None:
        """Connect and log in."""
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = bytearray()
        self._buffer = bytearray(1 << 20)
        hello = decode_frame(self._next()).message
        assert isinstance(hello, s.Hello)
        begun = (key_id, time.time_ns() // 1_000_000, 0, 0, 60_000, False, 0)
        frame = encode_frame(s.Login(*begun, bytes(64)))
        signature = key.sign(s.login_message(hello.nonce, frame))
        self._socket.sendall(encode_frame(s.Login(*begun, signature)))
        greeting = decode_frame(self._next()).message
        assert isinstance(greeting, s.LoggedIn), greeting
        self.greeting = greeting
        self._number = greeting.next_submit

    def prepare(self, batches: list[list[Command]]) -> list[bytes]:
        """Return one Submit for each batch, to be sent in this order and next."""
        prepared = []
        for commands in batches:
            frames = b"".join(map(encode_frame, commands))
            submit = s.Submit(len(commands), len(frames))
            prepared.append(encode_frame(submit, self._number) + frames)
            self._number += 1
        return prepared

    def stream(self, submits: list[bytes], window: int) -> float:
        """Send all, at most `window` of them unanswered; returns the seconds until the last answer."""
        sent = answered = 0
        began = time.perf_counter()
        while answered < len(submits):
            while sent < len(submits) and sent - answered < window:
                self._socket.sendall(submits[sent])
                sent += 1
            answered += self._drain()
        return time.perf_counter() - began

    def latencies(self, submits: list[bytes]) -> list[float]:
        """Send one after the other; returns the seconds that each answer took, sorted."""
        found = []
        for submit in submits:
            began = time.perf_counter()
            self._socket.sendall(submit)
            while not self._drain():
                pass
            found.append(time.perf_counter() - began)
        return sorted(found)

    def ask(self, command: Command) -> list[bytes]:
        """Submit one command; returns the event frames of its answer."""
        self._socket.sendall(self.prepare([[command]])[0])
        answer = self._next()
        length = _SIZE.unpack_from(answer)[0]
        frames: deque[bytes] = deque()
        at = length
        while at < len(answer):
            size = _SIZE.unpack_from(answer, at)[0]
            frames.append(answer[at : at + size])
            at += size
        return list(frames)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _drain(self) -> int:
        """Wait for bytes; returns how many answers are whole by them."""
        count = self._socket.recv_into(self._buffer)
        assert count, "the exchange hung up"
        self._data += memoryview(self._buffer)[:count]
        answers = at = 0
        while (size := self._whole(at)) is not None:
            answers += self._data[at + 5] == _ANSWER
            assert self._data[at + 5] in _SIZE_AT, decode_frame(bytes(self._data[at : at + size]))
            at += size
        del self._data[:at]
        return answers

    def _whole(self, at: int) -> int | None:
        """Return the bytes of the message at `at` with what follows it, None while it is not whole."""
        data = self._data
        if len(data) - at < HEADER_SIZE:
            return None
        length, _, number = _HEAD.unpack_from(data, at)
        size_at = _SIZE_AT.get(number)
        if size_at is not None and len(data) - at >= length:
            length += _SIZE.unpack_from(data, at + size_at)[0]
        return length if len(data) - at >= length else None

    def _next(self) -> bytes:
        while (size := self._whole(0)) is None:
            self._data += self._socket.recv(1 << 16)
        message = bytes(self._data[:size])
        del self._data[:size]
        return message
