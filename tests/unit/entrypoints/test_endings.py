"""Tasks end, also those that lose their cancellation in the moment that something else breaks."""

import asyncio

from cse.entrypoints.endings import end


async def test_who_forgot_that_it_was_cancelled_is_asked_again() -> None:
    """A group that fails while it is cancelled raises its failure alone; whoever then tries again is ended."""
    tries: list[int] = []
    failures: list[BaseException] = []
    trying = asyncio.Event()

    async def breaks_when_it_ends() -> None:
        trying.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("the connection broke")

    async def stays() -> None:
        while True:
            tries.append(len(tries))
            try:
                if len(tries) == 1:
                    async with asyncio.TaskGroup() as group:
                        group.create_task(breaks_when_it_ends())
                else:
                    await asyncio.Event().wait()
            except* OSError as group_error:
                failures.append(group_error)

    async def fleet() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(stays())

    task = asyncio.create_task(fleet())
    await trying.wait()
    async with asyncio.timeout(30):
        await end(task, ask_again_s=1)
    assert tries == [0, 1]
    assert len(failures) == 1
    assert task.cancelled()


async def test_who_fails_in_the_end_has_ended() -> None:
    """Its failure is taken, not raised."""

    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("never mind")

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await end(task)
    assert isinstance(task.exception(), OSError)
