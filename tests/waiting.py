"""Waiting for something to become true: the one place where a test may sleep."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_STEP_S = 0.01


def wait_until(
    predicate: Callable[[], object], timeout_s: float = 60.0, what: str = "the condition"
) -> None:
    """Returns when `predicate()` is truthy; fails, naming `what`, when `timeout_s` has passed."""
    deadline = time.monotonic() + timeout_s
    while not predicate():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s in vain for {what}")
        time.sleep(_STEP_S)


async def wait_until_async(
    predicate: Callable[[], object | Awaitable[object]],
    timeout_s: float = 60.0,
    what: str = "the condition",
) -> None:
    """As `wait_until`, for a predicate that may be async, without blocking the event loop."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = predicate()
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s in vain for {what}")
        await asyncio.sleep(_STEP_S)
