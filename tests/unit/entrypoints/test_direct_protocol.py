"""Connections whose requests go past ASGI behave as all others: order, patience, limits, hanging up, shutdown."""

import asyncio

import pytest

from tests.unit.entrypoints.direct_server import (
    DIRECT,
    LATER,
    OTHER,
    Hasty,
    connection_of,
    has_taken,
    talking,
)
from tests.waiting import wait_until_async


async def test_a_whole_request_goes_past_asgi() -> None:
    """Now, later or by a task: the answer is the direct one, and the connection stays."""
    async with talking() as talk:
        for path in (b"/direct", b"/task", b"/later", b"/direct"):
            talk.writer.write(DIRECT.replace(b"/direct", path) + b"abc")
            if path == b"/later":
                await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
                talk.calls.let()
            head, body = await talk.answer()
            assert (head[:15], body) == (b"HTTP/1.1 200 OK", b"cba")
            assert b"\r\ndate: " in head
        assert (talk.app.served, talk.calls.begun) == ([], 4)
        assert talk.server.server_state.total_requests == 4


@pytest.mark.parametrize("cut", [1, 30, len(DIRECT) - 1, len(DIRECT), len(DIRECT) + 1])
async def test_a_request_in_pieces_is_a_whole_one_in_the_end(cut: int) -> None:
    """Wherever it is cut: most clients send head and body one after the other."""
    async with talking() as talk:
        whole = DIRECT + b"abc"
        talk.writer.write(whole[:cut])
        await talk.writer.drain()
        await wait_until_async(lambda: has_taken(talk, cut), what="a piece")
        talk.writer.write(whole[cut:])
        assert (await talk.answer())[1] == b"cba"
        talk.writer.write(DIRECT + b"xyz")
        assert (await talk.answer())[1] == b"zyx"
        assert (talk.calls.begun, talk.app.served) == (2, [])


@pytest.mark.parametrize("sent", [b"", b"a"])
async def test_who_takes_long_to_send_a_body_is_uvicorns(sent: bytes) -> None:
    """With what has come so far; the edge then has its own patience."""
    async with talking(Hasty) as talk:
        talk.writer.write(DIRECT + sent)
        await wait_until_async(lambda: talk.app.served == ["/direct"], what="the ordinary way")
        talk.writer.write(b"abc"[len(sent) :])
        assert (await talk.answer())[1] == b"abc"
        talk.writer.write(DIRECT + b"xyz")
        assert (await talk.answer())[1] == b"zyx"


async def test_who_hangs_up_within_a_body_is_noted_by_the_application() -> None:
    """As on the ordinary way: it is told, and may count it."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"a")
        await wait_until_async(lambda: has_taken(talk, 0), what="half a body")
        talk.writer.close()
        await wait_until_async(lambda: talk.app.gone == 1, what="the word of it")
        assert not talk.calls.begun


async def test_a_shutdown_waits_for_the_rest_of_a_body() -> None:
    """A request of which the head is there is still answered."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"a")
        await wait_until_async(lambda: has_taken(talk, 0), what="half a body")
        talk.server.should_exit = True
        await wait_until_async(lambda: talk.app.served == ["/direct"], what="the shutdown")
        talk.writer.write(b"bc")
        head, body = await talk.answer()
        assert (b"\r\nconnection: close\r\n" in head, body) == (True, b"abc")


async def test_answers_come_in_the_order_of_the_requests() -> None:
    """Pipelined ones wait for the one that is under way, whichever way each goes."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc" + OTHER + b"def" + DIRECT + b"ghi" + LATER + b"jkl")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the first")
        assert talk.app.served == []
        talk.calls.let()
        bodies = [(await talk.answer())[1] for _ in range(4)]
        assert bodies[:2] == [b"cba", b"def"]
        assert [bytes(sorted(body)) for body in bodies[2:]] == [b"ghi", b"jkl"]
        talk.writer.write(DIRECT + b"abc" + DIRECT + b"def" + OTHER + b"ghi" + DIRECT + b"jkl")
        assert [(await talk.answer())[1] for _ in range(3)] == [b"cba", b"fed", b"ghi"]
        assert sorted((await talk.answer())[1]) == sorted(b"jkl")


@pytest.mark.parametrize(
    "head",
    [
        DIRECT.replace(b"1.1", b"1.0"),
        DIRECT.replace(b"Host: x", b"Connection: close"),
        DIRECT.replace(b"Host: x", b"Upgrade: h2c"),
        DIRECT.replace(b"Content-Length: 3", b"Content-Length: 11"),
        DIRECT.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked"),
        DIRECT.replace(b"POST", b"PUT"),
        DIRECT.replace(b"/direct", b"/direct?x"),
        DIRECT.replace(b"/direct", b"/direc%74"),
    ],
)
async def test_the_unusual_goes_the_ordinary_way(head: bytes) -> None:
    """HTTP/1.0, closing, upgrading, long or chunked bodies, other methods and ways of writing the path."""
    async with talking() as talk:
        body = b"abc" if b": 11" not in head else b"abcdefghijk"
        talk.writer.write(head + (b"3\r\nabc\r\n0\r\n\r\n" if b"chunked" in head else body))
        assert (await talk.answer())[1] == b"abc"
        assert talk.app.served == ["/direct"]
        assert not talk.calls.begun


async def test_a_client_that_expects_is_told_to_go_on() -> None:
    """`Expect: 100-continue` is answered before the body is sent."""
    async with talking() as talk:
        talk.writer.write(DIRECT.replace(b"Host: x", b"Expect: 100-continue"))
        assert await talk.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        talk.writer.write(b"abc")
        assert (await talk.answer())[1] == b"abc"


async def test_who_hangs_up_is_not_written_to() -> None:
    """An answer to somebody who has gone goes nowhere, and harms nobody."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.writer.close()
        await wait_until_async(lambda: not talk.server.server_state.connections, what="hanging up")
        talk.calls.let()


async def test_a_shutdown_waits_for_what_is_under_way() -> None:
    """The request under way is answered, says that the connection ends, and ends it."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.server.should_exit = True
        exchange = talk.calls.waiting[0][0]
        await wait_until_async(lambda: not exchange.keep_alive, what="the shutdown")
        talk.calls.let()
        head, body = await talk.answer()
        assert (b"\r\nconnection: close\r\n" in head, body) == (True, b"cba")
        assert await talk.reader.read() == b""


async def test_idle_connections_end_after_their_time() -> None:
    """The time for idle connections begins with the answer, and every request begins it anew."""
    loop = asyncio.get_running_loop()
    async with talking(timeout_keep_alive=600) as talk:
        for _ in range(3):
            asked = loop.time()
            talk.writer.write(DIRECT + b"abc")
            await talk.answer()
            due = connection_of(talk)._idle._due
            assert due is not None
            assert asked + 600 <= due <= loop.time() + 600
    async with talking(timeout_keep_alive=1) as talk:
        asked = loop.time()
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        assert await talk.reader.read() == b""
        assert loop.time() - asked >= 1


async def test_an_answered_connection_may_be_quiet_for_longer_than_a_head_may_take() -> None:
    """Only who has begun a further head is hurried."""
    async with talking(Hasty) as talk:
        for _ in range(2):
            talk.writer.write(DIRECT + b"abc")
            assert (await talk.answer())[1] == b"cba"
            quiet = asyncio.Event()
            asyncio.get_running_loop().call_later(0.15, quiet.set)
            await quiet.wait()
        talk.writer.write(b"POST /dir")
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_does_not_read_is_not_written_to_without_end() -> None:
    """While the connection's buffer is full, requests go uvicorn's way, which waits for room."""
    async with talking() as talk:
        await wait_until_async(lambda: talk.server.server_state.connections, what="the connection")
        protocol = connection_of(talk)
        protocol.pause_writing()
        talk.writer.write(DIRECT + b"abc")
        await wait_until_async(lambda: talk.app.served == ["/direct"], what="the request")
        protocol.resume_writing()
        assert (await talk.answer())[1] == b"abc"
        assert not talk.calls.begun


async def test_nonsense_after_an_answer_is_refused() -> None:
    """What is no request gets uvicorn's 400, whatever was before it."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        talk.writer.write(b"no request\r\n\r\n")
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_half_a_head_behind_a_request_has_to_go_on() -> None:
    """It is hurried as any other, although it came in one piece with a request."""
    async with talking(Hasty) as talk:
        talk.writer.write(DIRECT + b"abc" + b"POST /dir")
        await talk.answer()
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_trickles_is_uvicorns() -> None:
    """The time for a body is counted from its first piece: one byte now and then is no way to stay."""
    async with talking(Hasty) as talk:
        loop = asyncio.get_running_loop()
        talk.writer.write(DIRECT.replace(b": 3", b": 10"))
        for sent in range(10):
            quiet = asyncio.Event()
            loop.call_later(0.03, quiet.set)
            await quiet.wait()
            if talk.app.served:
                break
            talk.writer.write(b"%d" % sent)
        assert talk.app.served == ["/direct"]


async def test_a_refusal_never_overtakes_a_direct_answer() -> None:
    """Nonsense behind an order that is under way: the order's own answer comes, and is the last one."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc" + b"nonsense\r\n\r\n")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.calls.let()
        head, body = await talk.answer()
        assert (b"\r\nconnection: close\r\n" in head, body) == (True, b"cba")
        assert await talk.reader.read() == b""


async def test_half_a_head_behind_a_request_under_way_has_to_go_on_after_its_answer() -> None:
    """While an answer is to come nobody is hurried; from then on the head has its time, not an idle one's."""
    async with talking(Hasty) as talk:
        talk.writer.write(LATER + b"abc" + b"POST /dir")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.calls.let()
        await talk.answer()
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_half_a_head_behind_an_ordinary_request_has_to_go_on_after_its_answer() -> None:
    """The same where the answer is uvicorn's."""
    async with talking(Hasty) as talk:
        talk.writer.write(OTHER + b"abc" + b"POST /dir")
        await talk.answer()
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 408 ")
