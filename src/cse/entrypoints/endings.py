"""Ending a process's tasks for good."""

import asyncio
from typing import Any, Final

ASK_AGAIN_S: Final = 2.0


async def end(task: asyncio.Task[Any], *, ask_again_s: float = ASK_AGAIN_S) -> None:
    """Cancel a task and whatever else runs in this loop, again and again until the task has ended.

    Once is not enough: a task group whose own tasks fail in the moment of its cancellation (connections break
    when a parent is killed) raises their failure and forgets that it was cancelled; who catches it goes on.
    """
    while not task.done():
        for each in asyncio.all_tasks() - {asyncio.current_task()}:
            each.cancel()
        await asyncio.wait({task}, timeout=ask_again_s)
    await asyncio.gather(task, return_exceptions=True)
