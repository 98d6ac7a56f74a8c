"""A few threads for computing, and a bound on how much waits for them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from cse.gateway.problems import edge_problem

P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 2
MAX_WAITING: Final = 64
"""Jobs that are begun or wait; a job takes about a millisecond."""


class Workers:
    """Runs jobs off the event loop. Threads begin with the first job.

    TA-Lib computes without the interpreter's lock. Making numbers of candles and rounding hold it, for about a
    millisecond a block; the loop gets its turns in between (sys.getswitchinterval).
    """

    def __init__(self, threads: int = THREADS, max_waiting: int = MAX_WAITING) -> None:
        """Begin without threads."""
        self._pool: Final = ThreadPoolExecutor(threads, thread_name_prefix="indicators")
        self._max_waiting: Final = max_waiting
        self._waiting = 0

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a job returns, or raise what it raises.

        Raises:
            ApiProblem: 503, retryable: too much waits already.
        """
        if self._waiting >= self._max_waiting:
            problem = edge_problem("unavailable", "Too many indicators are asked for; try again.")
            problem.headers["Retry-After"] = "1"
            raise problem
        self._waiting += 1
        running = asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: job(*args, **kwargs)
        )
        running.add_done_callback(self._done)
        return await running

    def _done(self, _running: asyncio.Future[T]) -> None:
        self._waiting -= 1
