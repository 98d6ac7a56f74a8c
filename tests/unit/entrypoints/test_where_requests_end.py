"""Nobody can hide a request in another: where one ends is read as the parser reads it, on every way, and what
could be read in two ways is refused.
"""

import pytest

from cse.entrypoints.direct_protocol import DirectProtocol
from cse.entrypoints.http_protocol import GuardedProtocol
from tests.unit.entrypoints.direct_server import DIRECT, talking
from tests.waiting import wait_until_async

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
LINE = b"POST /direct HTTP/1.1\r\n"
REFUSED = {
    "length twice": LINE + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "two lengths": LINE + b"Content-Length: 3\r\nContent-Length: 36\r\n\r\nabc",
    "lengths in one line": LINE + b"Content-Length: 3, 36\r\n\r\nabc",
    "length and chunks": LINE + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    "chunks and length": LINE + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "an encoding not known": LINE + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks not last": LINE + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a length with a sign": LINE + b"Content-Length: +3\r\n\r\nabc",
    "a length in hexadecimal": LINE + b"Content-Length: 0x3\r\n\r\nabc",
    "a length with a blank in it": LINE + b"Content-Length: 3 6\r\n\r\nabc",
    "a length past all": LINE + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\nabc",
    "an empty length": LINE + b"Content-Length:\r\n\r\nabc",
    "a blank before the colon": LINE + b"Content-Length : 3\r\n\r\nabc",
    "a zero byte in a name": LINE + b"Content-Length\x00: 3\r\n\r\nabc",
    "a zero byte in a value": LINE + b"X: a\x00\r\nContent-Length: 3\r\n\r\nabc",
    "bare line feeds": LINE.replace(b"\r", b"") + b"Content-Length: 3\n\nabc",
    "one bare line feed": LINE + b"X: a\nContent-Length: 3\r\n\r\nabc",
    "a bare line feed at the end": LINE + b"Content-Length: 3\r\n\nabc",
    "a bare carriage return": LINE + b"X: a\rContent-Length: 3\r\n\r\nabc",
    "a folded line": LINE + b"X: a\r\n Content-Length: 3\r\n\r\nabc",
    "a folded length": LINE + b"Content-Length:\r\n 3\r\n\r\nabc",
    "a fold before all": LINE + b" X: a\r\nContent-Length: 3\r\n\r\nabc",
    "a nameless line": LINE + b": 3\r\nContent-Length: 3\r\n\r\nabc",
    "a method in small letters": DIRECT.replace(b"POST", b"post") + b"abc",
    "a zero byte in the path": DIRECT.replace(b"/direct", b"/direct\x00") + b"abc",
    "a version not known": DIRECT.replace(b"1.1", b"1.2") + b"abc",
    "a bad chunk": LINE + b"Transfer-Encoding: chunked\r\n\r\n3 \nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("protocol", [GuardedProtocol, DirectProtocol])
@pytest.mark.parametrize("what", REFUSED)
async def test_what_can_be_read_in_two_ways_is_refused(
    protocol: type[GuardedProtocol], what: str
) -> None:
    """400, the end of the connection, and nothing behind it is served; the same on both ways."""
    async with talking(protocol) as talk:
        talk.writer.write(REFUSED[what] + HIDDEN)
        told = await talk.reader.read()
        assert told.startswith(b"HTTP/1.1 400 "), told
        assert told.count(b"HTTP/1.1 ") == 1
        assert not talk.calls.begun
        assert "/hidden" not in talk.app.served


@pytest.mark.parametrize("first", [b"http://x/direct", b"/direct?x", b"//direct", b"/%64irect"])
async def test_only_the_very_path_is_served_past_asgi(first: bytes) -> None:
    """Absolute, with a query, doubled, encoded: the application decides what is meant, once."""
    async with talking() as talk:
        talk.writer.write(DIRECT.replace(b"/direct", first) + b"abc")
        assert (await talk.answer())[1] == b"abc"
        assert not talk.calls.begun
        assert len(talk.app.served) == 1


async def test_a_request_in_a_body_is_a_body() -> None:
    """Also when it comes as a piece of its own, byte for byte a request that is known."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        inner = DIRECT + b"xyz"
        outer = DIRECT.replace(b"Content-Length: 3", b"Content-Length: %d" % len(inner))
        for path in (b"/direct", b"/other"):
            talk.writer.write(outer.replace(b"/direct", path))
            await wait_until_async(lambda: "/direct" in talk.app.served, what="the head")
            talk.writer.write(inner)
            await talk.reader.readuntil(b"\r\n\r\n")
            assert await talk.reader.readexactly(len(inner)) == inner
            talk.app.served[:] = ["/direct"]
        assert talk.calls.begun == 1
