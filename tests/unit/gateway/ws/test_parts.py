"""The small parts of the WebSocket: outbox, message rate, origins, and taking frames apart."""

import asyncio

import pytest

from cse.gateway.problems import ApiProblem
from cse.gateway.ws.frames import Encoding
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.outbox import Outbox
from cse.gateway.ws.pacing import MessageRate
from cse.gateway.ws.requests import json_of, read_id, read_object, read_op
from cse.gateway.ws.server import is_allowed


def test_the_outbox_is_bounded_in_bytes() -> None:
    """What does not fit is refused; a frame alone always fits; taking makes room again."""
    box = Outbox(WsOptions(buffer_bytes=10, conflate_bytes=4))
    assert box.put("x" * 100)
    assert box.congested
    assert not box.put("y")
    assert box.take() == "x" * 100
    assert not box.congested
    assert box.put(b"12345")
    assert box.put("12345")
    assert not box.put("1")
    assert (len(box), box.waiting_bytes) == (2, 10)
    assert [box.take(), box.take(), box.take()] == [b"12345", "12345", None]


def test_conflation_begins_well_before_the_end() -> None:
    """Whatever the settings, a quarter of the buffer is enough to hold back books."""
    box = Outbox(WsOptions(buffer_bytes=100))
    assert box.put("x" * 26)
    assert box.congested


async def test_the_outbox_wakes_its_sender() -> None:
    """A frame, or `wake`, ends the wait; nothing that came before it is slept through."""
    box = Outbox(WsOptions())
    waiting = asyncio.create_task(box.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    box.put("x")
    await waiting
    box.wake()
    await box.wait()


def test_the_message_rate_is_a_token_bucket() -> None:
    """A burst at once, then as many as the rate gives back; who goes on regardless is hopeless."""
    now = 0
    rate = MessageRate(
        WsOptions(messages_per_second=10, message_burst=3, max_refused=2), lambda: now
    )
    assert [rate.take() for _ in range(4)] == [True, True, True, False]
    now += 100_000_000
    assert [rate.take() for _ in range(2)] == [True, False]
    assert not rate.hopeless
    assert not rate.take()
    assert rate.hopeless
    now += 10_000_000_000
    assert [rate.take() for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True), ("https://x.example", "x.example", True),
        ("https://x.example", "x.example:443", True), ("http://X.Example", "x.example:80", True),
        ("https://x.example", "y.example", False), ("https://x.example:8443", "x.example", False),
        ("http://x.example", "x.example:443", False), ("null", "null", False), ("", "", False),
        ("file://", "", False), ("https://x.example.evil", "x.example", False), ("http://x:99999", "x", False),
        ("https://friend.example", "x.example", True), ("https://friend.example.evil", "x.example", False),
    ],
)  # fmt: skip
def test_origins(origin: str, host: str, allowed: bool) -> None:
    """Same host and port (default ports spelt out or not), or word for word on the list; `*` is any."""
    assert is_allowed(origin, host, {"https://friend.example"}) is allowed
    assert is_allowed(origin, host, {"*"})


def test_a_request_is_taken_apart() -> None:
    """`op` and `id` apart from the rest, which stays the JSON it was."""
    fields = read_object(json_of('{"op": "ping", "price": "1.20", "id": "a"}', Encoding.JSON))
    assert (read_op(fields), read_id(fields)) == ("ping", "a")
    assert {name: bytes(raw) for name, raw in fields.items()} == {"price": b'"1.20"'}


@pytest.mark.parametrize(
    ("frame", "encoding"),
    [(b"{}", Encoding.JSON), ("{}", Encoding.MSGPACK), (b"\xc1", Encoding.MSGPACK), ("[" * 99, Encoding.JSON)],
)  # fmt: skip
def test_frames_of_the_wrong_kind_are_refused(frame: str | bytes, encoding: Encoding) -> None:
    """Binary to JSON, text to MessagePack, junk, and nesting without end."""
    with pytest.raises(ApiProblem) as refused:
        json_of(frame, encoding)
    assert refused.value.code == "invalid_json"
