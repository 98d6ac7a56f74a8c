"""Bodies are read once, never past the limit, and nobody waits for one for ever."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from cse.gateway.http.body import BodyReader, ClientGone, replay
from cse.gateway.problems import ApiProblem


class Client:
    """Sends these pieces, then nothing more."""

    def __init__(self, *pieces: bytes, gone: bool = False) -> None:
        self.messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
        ]
        if gone:
            self.messages.append({"type": "http.disconnect"})
        elif self.messages:
            self.messages[-1]["more_body"] = False
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        self.taken += 1
        return self.messages.pop(0)


async def test_pieces_become_one_body() -> None:
    """However it arrives, the body is whole, and is given again to whoever is further in."""
    client = Client(b"ab", b"", b"cd")
    body = await BodyReader(100).read(client.receive, None)
    assert body == b"abcd"
    given = replay(body, client.receive)
    assert await given() == {"type": "http.request", "body": b"abcd", "more_body": False}


@pytest.mark.parametrize(
    ("declared", "pieces", "taken"),
    [
        (b"11", [b"x"], 0),
        (b"9" * 4_000, [b"x"], 0),
        (b"-1", [b"x"], 0),
        (None, [b"x" * 11], 1),
        (None, [b"x" * 6, b"x" * 6, b"x" * 6], 2),
    ],
)
async def test_too_much_is_refused_as_soon_as_it_is_known(
    declared: bytes | None, pieces: Sequence[bytes], taken: int
) -> None:
    """A declared length is believed when it is too large, and never when it is small enough."""
    client = Client(*pieces)
    with pytest.raises(ApiProblem) as caught:
        await BodyReader(10).read(client.receive, declared)
    assert (caught.value.status, caught.value.headers) == (413, {"Connection": "close"})
    assert client.taken == taken


async def test_the_limit_itself_is_allowed() -> None:
    """Exactly as much as the limit is fine, in one piece or two."""
    assert await BodyReader(10).read(Client(b"x" * 10).receive, b"10") == b"x" * 10
    assert await BodyReader(10).read(Client(b"x" * 5, b"x" * 5).receive, None) == b"x" * 10


async def test_who_hangs_up_is_not_answered() -> None:
    """A connection that ends before its body does raises ClientGone."""
    for client in (Client(gone=True), Client(b"half", gone=True)):
        with pytest.raises(ClientGone):
            await BodyReader(10).read(client.receive, None)


@pytest.mark.parametrize("pieces", [[], [b"half"]])
async def test_a_body_that_does_not_come_is_408(pieces: list[bytes]) -> None:
    """Waiting ends for whoever sends nothing, or half, and only for them."""
    reader = BodyReader(10, timeout_s=0.01)
    slow = Client(*pieces)
    if pieces:
        slow.messages[-1]["more_body"] = True
    with pytest.raises(ApiProblem) as caught:
        await reader.read(slow.receive, None)
    assert (caught.value.status, caught.value.code) == (408, "request_timeout")
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0, "the request goes on to its answer"
    assert await reader.read(Client(b"quick").receive, None) == b"quick"


async def test_a_cancelled_request_stays_cancelled() -> None:
    """Somebody else's cancellation is no timeout."""
    reading = asyncio.create_task(BodyReader(10).read(Client().receive, None))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_a_body_that_comes_drop_by_drop_is_408() -> None:
    """It is the whole body that must arrive in time: a byte now and then does not buy more of it."""
    reader = BodyReader(1_000_000, timeout_s=0.02)

    async def drop() -> dict[str, Any]:
        due = asyncio.Event()
        asyncio.get_running_loop().call_later(0.005, due.set)
        await due.wait()
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(ApiProblem) as caught:
        async with asyncio.timeout(30):
            await reader.read(drop, None)
    assert caught.value.status == 408
