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

    @property
    def position(self) -> int:
        """The position that was seen last."""
        return self._position

    async def refresh(self) -> int:
        """Ask for the position and return it.

        Raises:
            Unavailable: the database is out of reach.
        """
        self._position = max(self._position, await self._history.position())
        return self._position

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
