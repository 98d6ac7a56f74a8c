"""A waiter is told at once where the queue can, by a future where it cannot."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.gateway.http.prompt import PromptDoor
from cse.messages.commands import Tick
from cse.messages.events import Applied
from cse.messages.wire import Command

APPLIED = Applied(1, 2, Tick(), [])


class Waiter:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.event = asyncio.Event()

    def done(self) -> bool:
        return False

    def set_result(self, result: Sequence[Applied], /) -> None:
        self.told.append(result[0])
        self.event.set()

    def set_exception(self, exception: BaseException, /) -> None:
        self.told.append(exception)
        self.event.set()


class Plain:
    """A queue that knows futures, or coroutines, only."""

    def __init__(self, outcome: Applied | BaseException) -> None:
        self.outcome = outcome

    async def submit(self, command: Command) -> Applied:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome

    async def submit_batch(self, commands: Sequence[Command]) -> list[Applied]:
        return [await self.submit(command) for command in commands]


class Prompt(Plain):
    """A queue that tells waiters itself."""

    def submit_to(self, waiter: Any, commands: Sequence[Command]) -> None:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        assert len(commands) == 1
        waiter.set_result([self.outcome])


@pytest.mark.parametrize(
    "outcome",
    [APPLIED, Unavailable("closed"), OutcomeUnknown("gone"), asyncio.CancelledError()],
    ids=lambda outcome: type(outcome).__name__,
)
async def test_a_future_is_passed_on(outcome: Applied | BaseException) -> None:
    """What was applied, and every kind of failure."""
    waiter = Waiter()
    PromptDoor(Plain(outcome)).submit(Tick(), waiter)
    assert not waiter.told
    await waiter.event.wait()
    (told,) = waiter.told
    assert type(told) is type(outcome)


async def test_a_prompt_queue_tells_at_once() -> None:
    """Within the call that applies, not in the loop's next round; its refusals are raised."""
    waiter = Waiter()
    PromptDoor(Prompt(APPLIED)).submit(Tick(), waiter)
    assert waiter.told == [APPLIED]
    with pytest.raises(Unavailable):
        PromptDoor(Prompt(Unavailable("closed"))).submit(Tick(), waiter)
