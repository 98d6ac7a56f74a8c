"""Outgoing frames: made once per format, and what another implementation reads out of them."""

import msgspec
import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from cse.gateway.ws.frames import Encoding, Format, Outgoing, framed
from cse.gateway.ws.messages import Done

RSV1 = 0x40
"""Of a frame's first byte: the message is compressed."""


def parsed(data: bytes) -> Frame:
    """What the websockets library takes a frame for; nothing may be left of it."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    agreed = PerMessageDeflate(True, True, 15, 15)
    parsing = Frame.parse(reader.read_exact, mask=False, max_size=None, extensions=[agreed])
    try:
        while True:
            next(parsing)
    except StopIteration as done:
        assert not reader.buffer
        frame: Frame = done.value
        return frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
@pytest.mark.parametrize("binary", [False, True])
def test_a_frame_is_a_whole_message(size: int, binary: bool) -> None:
    """At every step of the length's coding: final, unmasked, of the right kind."""
    payload = b"x" * size
    frame = parsed(framed(payload, binary=binary))
    assert (frame.fin, frame.rsv1, bytes(frame.data)) == (True, False, payload)
    assert frame.opcode is (Opcode.BINARY if binary else Opcode.TEXT)


def test_every_format_says_the_same_and_is_made_once() -> None:
    """JSON and MessagePack, compressed or not; the second who asks gets the very bytes of the first."""
    message = {"channel": "trades.GOLD-USD1", "trades": [{"price": "1.20"}] * 9}
    outgoing = Outgoing(None, json=msgspec.json.encode(message))
    for each in Format:
        made = outgoing.frame(each)
        assert outgoing.frame(each) is made
        frame = parsed(made)
        assert bool(made[0] & RSV1) is (each >= Format.JSON_DEFLATED)
        decode = msgspec.msgpack.decode if each & 1 else msgspec.json.decode
        assert decode(bytes(frame.data)) == message
        assert frame.opcode is (Opcode.BINARY if each & 1 else Opcode.TEXT)


def test_small_messages_are_not_compressed() -> None:
    """Where compression is agreed on a message may still be sent as it is (RFC 7692, 6.1)."""
    made = Outgoing(Done(1, True)).frame(Format.JSON_DEFLATED)
    assert not made[0] & RSV1
    assert bytes(parsed(made).data) == b'{"id":1,"ok":true}'


def test_json_from_elsewhere_stays_the_bytes_it_was() -> None:
    """A relayed message is not encoded anew, blanks and all."""
    payload = b'{"a": [1,  2]}'
    assert Outgoing(None, json=payload).payload(Encoding.JSON) is payload
