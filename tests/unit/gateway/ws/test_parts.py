"""The small parts of the WebSocket: message rate, origins, and taking frames apart."""

import pytest

from cse.gateway.problems import ApiProblem
from cse.gateway.ws.frames import Encoding
from cse.gateway.ws.handshake import is_allowed
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.pacing import MessageRate
from cse.gateway.ws.requests import json_of, read_id, read_object, read_op


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
    fields = read_object(
        json_of(b'{"op": "ping", "price": "1.20", "id": "a"}', Encoding.JSON, is_text=True)
    )
    assert (read_op(fields), read_id(fields)) == ("ping", "a")
    assert {name: bytes(raw) for name, raw in fields.items()} == {"price": b'"1.20"'}


@pytest.mark.parametrize(
    ("frame", "is_text", "encoding"),
    [
        (b"{}", False, Encoding.JSON), (b"{}", True, Encoding.MSGPACK), (b"\xc1", False, Encoding.MSGPACK),
        (b"[" * 99, True, Encoding.JSON),
    ],
)  # fmt: skip
def test_frames_of_the_wrong_kind_are_refused(
    frame: bytes, is_text: bool, encoding: Encoding
) -> None:
    """Binary to JSON, text to MessagePack, junk, and nesting without end."""
    with pytest.raises(ApiProblem) as refused:
        json_of(frame, encoding, is_text=is_text)
    assert refused.value.code == "invalid_json"
