"""Background tasks are started again when they fail, told of, and ended with their context."""

import asyncio

import pytest

from cse.wiring import background
from cse.wiring.background import Background
from tests.waiting import wait_until_async


async def test_a_failing_task_is_told_and_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails once; its second run goes on until the context closes and is cancelled then."""
    monkeypatch.setattr(background, "_PAUSE_S", 0)
    began: list[int] = []
    ended: list[bool] = []

    async def work() -> None:
        began.append(len(began))
        if len(began) == 1:
            raise ValueError("the first time")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async with Background() as tasks:
        tasks.start("work", work)
        await wait_until_async(lambda: len(began) == 2)
        assert tasks.failures == {"work": "ValueError('the first time')"}
    assert ended == [True]


async def test_a_task_that_returns_is_done() -> None:
    """Some work has an end."""
    runs: list[None] = []

    async def work() -> None:
        runs.append(None)

    async with Background() as tasks:
        tasks.start("work", work)
        await wait_until_async(lambda: runs)
    assert len(runs) == 1
