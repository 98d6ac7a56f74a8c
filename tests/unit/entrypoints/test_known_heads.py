"""A head that comes again is served from what was read the first time, but only where a request may begin."""

import pytest

from cse.entrypoints.direct_protocol import DirectProtocol
from cse.gateway.http.direct_head import (
    MAX_KNOWN,
    MAX_KNOWN_LINES,
    Found,
    KnownHeads,
    head_of,
)
from tests.unit.entrypoints.direct_server import (
    DIRECT,
    LATER,
    OPERATION,
    Talk,
    connection_of,
    has_taken,
    talking,
)
from tests.waiting import wait_until_async


async def test_a_head_that_comes_again_is_not_read_again() -> None:
    """The parser sees the first of its kind; the next ones, of any connection, are served from what is known."""
    async with talking() as talk:
        read: list[bytes] = []
        feed = DirectProtocol._feed

        def noting(self: DirectProtocol, data: bytes) -> None:
            read.append(data)
            feed(self, data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DirectProtocol, "_feed", noting)
            for body in (b"abc", b"def"):
                talk.writer.write(DIRECT + body)
                assert (await talk.answer())[1] == body[::-1]
            talk.writer.close()
            await talk.open(talk.address)
            talk.writer.write(DIRECT + b"ghi")
            assert (await talk.answer())[1] == b"ihg"
            assert read == [DIRECT + b"abc"]
            assert [*talk.calls.known] == [DIRECT]


@pytest.mark.parametrize(
    "pieces",
    [
        [DIRECT[:9], DIRECT[9:] + b"abc"],
        [DIRECT + b"abc" + DIRECT + b"def"],
        [DIRECT + b"abc" + DIRECT],
        [DIRECT + b"ab", b"c"],
        [DIRECT.replace(b"Host", b"X-Request-Id") + b"abc"],
        [DIRECT.replace(b"Host: x", b"Host: " + b"x" * 2_048) + b"abc"],
        [b"POST /direct HTTP/1.1\nHost: x\nContent-Length: 9\n\nab\r\n\r\nabc"],
    ],
)
async def test_only_heads_that_came_alone_and_whole_are_known(pieces: list[bytes]) -> None:
    """What the parser did not read from the first byte to the last of one piece is not taken for known."""
    async with talking() as talk:
        for piece in pieces:
            talk.writer.write(piece)
            await talk.writer.drain()
            if len(pieces) > 1:
                await wait_until_async(lambda: has_taken(talk, len(pieces[0])), what="a piece")
        await talk.reader.readuntil(b"\r\n\r\n")
        assert not talk.calls.known


async def test_a_known_head_counts_only_where_a_request_may_begin() -> None:
    """Within another one's body, behind one that is under way, cut short or followed: the parser decides."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        inner = DIRECT + b"xyz"
        outer = b"POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(inner)
        talk.writer.write(outer)
        await wait_until_async(lambda: talk.app.served == ["/other"], what="the head")
        talk.writer.write(inner)
        await talk.reader.readuntil(b"\r\n\r\n")
        assert await talk.reader.readexactly(len(inner)) == inner
        talk.writer.write(LATER + b"abc")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.writer.write(DIRECT + b"def")
        await wait_until_async(lambda: _pipelined(talk) == 1, what="what is behind it")
        talk.calls.let()
        assert [(await talk.answer())[1] for _ in range(2)] == [b"cba", b"def"]
        talk.writer.write(DIRECT + b"abc" + DIRECT + b"de")
        assert (await talk.answer())[1] == b"cba"
        talk.writer.write(b"f")
        assert (await talk.answer())[1] == b"fed"


@pytest.mark.parametrize("path", [b"/direct", b"/other"])
async def test_a_known_head_behind_half_a_head_is_no_request(path: bytes) -> None:
    """The half may have come in one piece with the request before it: the parser stands in the middle of a
    head, and who reads the stream differently could be made to take the rest for somebody else's request.
    """
    async with talking() as talk:
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        half = b"POST /other HTTP/1.1\r\nX: "
        talk.writer.write(DIRECT.replace(b"/direct", path) + b"abc" + half)
        await talk.answer()
        talk.writer.write(DIRECT + b"def")
        _, body = await talk.answer()
        assert body == b"def", "one request, for /other, with the first line of the next as X"
        assert talk.app.served[-1] == "/other"
        assert talk.calls.begun == 1 + (path == b"/direct")


def _pipelined(talk: Talk) -> int:
    return len(connection_of(talk).pipeline)


def test_known_heads_are_bounded() -> None:
    """The ones that are known longest go first."""
    known = KnownHeads()
    head = head_of(Found("/direct", OPERATION), [], 10)
    assert head is not None
    for at in range(MAX_KNOWN + 3):
        known.remember(b"%d" % at, head)
    assert len(known) == MAX_KNOWN
    assert next(iter(known)) == b"3"


def test_a_head_of_very_many_lines_is_not_known() -> None:
    """Each line costs some thirty times its shortest form: a few bytes a line must not add up to much memory."""
    known = KnownHeads()
    for lines, kept in ((MAX_KNOWN_LINES, True), (MAX_KNOWN_LINES + 1, False)):
        raw = b"".join(b"%d:\r\n" % line for line in range(lines))
        headers = [(b"%d" % line, b"") for line in range(lines)]
        head = head_of(Found("/direct", OPERATION), headers, 10)
        assert head is not None
        known.remember(raw, head)
        assert (raw in known) is kept
