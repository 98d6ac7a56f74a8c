"""Messages out of a stream: however it is cut, the same messages; whatever the bytes, messages or StreamBroken."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.client.stream import take_message
from cse.core.errors import CodecError
from cse.gateway.entry.incoming import Incoming, Received, StreamBroken
from cse.messages import session as s
from cse.messages.codec import encode_frame
from cse.messages.session import SessionError
from tests.unit.gateway.entry.page import EXAMPLES, encoded

CLIENT = [encoded(EXAMPLES[name]) for name in ("login", "submit", "heartbeat", "logout", "submit")]
SERVER = [encoded(EXAMPLES[name]) for name in ("hello", "logged_in", "answer", "executions")]


def _pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


@given(st.lists(st.integers(0, 10_000), max_size=20))
def test_a_stream_may_be_cut_anywhere(cuts: list[int]) -> None:
    """The server's reading of a client."""
    incoming, found = Incoming(1_000), list[Received]()
    for piece in _pieces(b"".join(CLIENT), cuts):
        incoming.feed(piece)
        while (received := incoming.next()) is not None:
            found.append(received)
    assert [received.frame + received.payload for received in found] == CLIENT
    assert len(incoming) == 0


@given(st.lists(st.integers(0, 10_000), max_size=20))
def test_a_client_reads_its_stream_however_it_is_cut(cuts: list[int]) -> None:
    """The client's reading of a server."""
    data, found = bytearray(), []
    for piece in _pieces(b"".join(SERVER), cuts):
        data += piece
        while (incoming := take_message(data)) is not None:
            found.append(incoming.message)
    assert found == [EXAMPLES[n].message for n in ("hello", "logged_in", "answer", "executions")]


@given(st.binary(max_size=400))
def test_any_bytes_are_messages_or_an_error(data: bytes) -> None:
    """Neither side raises anything else, or loops."""
    incoming = Incoming(1_000)
    incoming.feed(data)
    with suppress(StreamBroken):
        while incoming.next() is not None:
            continue
    with suppress(CodecError):
        take_message(bytearray(data))


def test_a_size_is_refused_before_its_bytes_come() -> None:
    """Nobody has to buffer what will be refused."""
    incoming = Incoming(10)
    incoming.feed(encode_frame(s.Submit(1, 10 * 117), 1))
    assert incoming.next() is None
    incoming = Incoming(10)
    incoming.feed(encode_frame(s.Submit(1, 10 * 117 + 1), 1))
    with pytest.raises(StreamBroken) as broken:
        incoming.next()
    assert broken.value.code is SessionError.FRAME_TOO_LARGE
