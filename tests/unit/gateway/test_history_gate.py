"""The gate waits for history as long as it may, asks once for many, and never says "complete" too early."""

import asyncio

import pytest

from cse.core.errors import Unavailable
from cse.gateway.history_gate import HistoryGate
from cse.gateway.problems import ApiProblem
from tests.unit.gateway.world import ListedHistory
from tests.waiting import wait_until_async


async def test_what_is_known_is_not_asked_again() -> None:
    """A position that was seen stays seen."""
    history = ListedHistory()
    history.at = 10
    gate = HistoryGate(history, wait_ms=0)
    await gate.reach(10)
    await gate.reach(7)
    assert history.asked == 1


async def test_it_waits_until_history_has_caught_up() -> None:
    """A reader goes on as soon as the position is reached."""
    history = ListedHistory()
    history.at = 1
    gate = HistoryGate(history, wait_ms=10_000)
    reader = asyncio.create_task(gate.reach(5))
    await wait_until_async(lambda: history.asked > 1, what="a second question")
    assert not reader.done()
    history.at = 5
    await reader
    assert gate.position == 5


async def test_past_its_patience_it_says_behind() -> None:
    """503 `history_behind`, retryable, with Retry-After."""
    history = ListedHistory()
    history.at = 1
    with pytest.raises(ApiProblem) as caught:
        await HistoryGate(history, wait_ms=40).reach(5)
    assert (caught.value.code, caught.value.retryable) == ("history_behind", True)
    assert caught.value.headers == {"Retry-After": "1"}


async def test_those_who_ask_together_share_one_question() -> None:
    """Fifty readers at once are one query; a failure reaches each of them."""
    history = ListedHistory()
    gate = HistoryGate(history, wait_ms=0)
    await asyncio.gather(*(gate.refresh() for _ in range(50)))
    assert history.asked == 1
    history.failure = Unavailable("away")
    outcomes = await asyncio.gather(*(gate.refresh() for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 5
    assert history.asked == 2


async def test_one_that_gives_up_leaves_the_others_waiting() -> None:
    """Cancelling one reader does not cancel the question that others wait for."""
    history = ListedHistory()
    gate = HistoryGate(history, wait_ms=0)
    first, second = (asyncio.create_task(gate.refresh()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == history.at


async def test_a_database_that_fell_silent_is_away() -> None:
    """Neither the position nor a quick question is waited for as long as a driver would; later it works again."""
    history = ListedHistory()
    gate = HistoryGate(history, wait_ms=0, answer_s=0.02)
    speaks = asyncio.Event()

    async def position() -> int:
        await speaks.wait()
        return 5

    history.position = position  # type: ignore[method-assign]  # a server that was stopped, not ended
    for question in (gate.refresh(), gate.answer(position())):
        with pytest.raises(Unavailable):
            await question
    speaks.set()
    assert await gate.answer(position()) == 5
    assert await gate.refresh() == 5
