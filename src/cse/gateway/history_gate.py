"""Waiting until history is complete: SQL follows the journal by a batch, and answers must not have holes."""

import asyncio
from typing import Final

from cse.gateway.problems import edge_problem
from cse.projections.ports import HistoryReader

STEP_S: Final = 0.02


class HistoryGate:
    """Knows how far history is and waits a moment for it to catch up."""

    def __init__(self, history: HistoryReader, wait_ms: int) -> None:
        """Wait at most `wait_ms` per call."""
        self._history = history
        self._wait_ms = wait_ms
        self._position = 0
        self._asking: asyncio.Future[int] | None = None

    @property
    def position(self) -> int:
        """The position that was seen last."""
        return self._position

    async def refresh(self) -> int:
        """Ask for the position and return it; those who ask at the same time share one question.

        Raises:
            Unavailable: the database is out of reach.
        """
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._history.position())
            self._asking.add_done_callback(self._asked)
        self._position = max(self._position, await asyncio.shield(self._asking))
        return self._position

    def _asked(self, answer: asyncio.Future[int]) -> None:
        self._asking = None
        if not answer.cancelled():
            answer.exception()  # seen: whoever asked and is still there raises it

    async def reach(self, sequence: int) -> None:
        """Return once history holds everything up to `sequence`.

        Raises:
            ApiProblem: 503 `history_behind`, retryable, when it takes too long.
            Unavailable: the database is out of reach.
        """
        if self._position >= sequence or await self.refresh() >= sequence:
            return
        for _ in range(int(self._wait_ms / 1_000 / STEP_S)):
            await asyncio.sleep(STEP_S)
            if await self.refresh() >= sequence:
                return
        problem = edge_problem("history_behind")
        problem.headers["Retry-After"] = "1"
        raise problem
