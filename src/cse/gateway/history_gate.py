"""Waiting until history is complete: SQL follows the journal by a batch, and answers must not have holes."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from cse.core.errors import Unavailable
from cse.gateway.problems import edge_problem
from cse.projections.ports import HistoryReader

T = TypeVar("T")

STEP_S: Final = 0.02
ANSWER_S: Final = 2.0
"""How long a question to a database that has fallen silent is waited for; the drivers wait much longer."""


class HistoryGate:
    """Knows how far history is and waits a moment for it to catch up."""

    def __init__(self, history: HistoryReader, wait_ms: int, answer_s: float = ANSWER_S) -> None:
        """Wait at most `wait_ms` per call for history to catch up, `answer_s` for it to answer at all."""
        self._history = history
        self._wait_ms = wait_ms
        self._answer_s = answer_s
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
        self._position = max(self._position, await self._patiently(self._asking))
        return self._position

    async def answer(self, question: Coroutine[Any, Any, T]) -> T:
        """Return what history answers to a quick question.

        Raises:
            Unavailable: the database is out of reach, or silent.
        """
        asking = asyncio.ensure_future(question)
        asking.add_done_callback(_seen)
        return await self._patiently(asking)

    async def _patiently(self, asking: asyncio.Future[T]) -> T:
        done, _ = await asyncio.wait({asking}, timeout=self._answer_s)
        if not done:
            raise Unavailable("History does not answer.")
        return asking.result()

    def _asked(self, asking: asyncio.Future[int]) -> None:
        self._asking = None
        _seen(asking)

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


def patient_gate(history: HistoryReader, wait_ms: int) -> HistoryGate:
    """Return a gate of `http.history_wait_ms`: who lets calls wait longer than usual waits as long for answers."""
    return HistoryGate(history, wait_ms, max(ANSWER_S, wait_ms / 1_000))


def _seen(asking: asyncio.Future[Any]) -> None:
    """Note a failure as seen: whoever asked and is still there raises it."""
    if not asking.cancelled():
        asking.exception()
