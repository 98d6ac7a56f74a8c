"""The projector: follows what is applied and writes it to the database, behind the engine's back.

Nobody waits for it and it holds nobody up. While the database is away it stops pulling, so that it
holds one unwritten batch and no more; the journal keeps the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

import msgspec
import structlog

from cse.core.errors import Unavailable
from cse.messages.events import Applied
from cse.messages.wire import Record
from cse.projections.audit import differences
from cse.projections.errors import ImpossibleEvent
from cse.projections.fold import Fold
from cse.projections.ports import ProjectionStore

_log = structlog.get_logger(__name__)


class Pace(msgspec.Struct, frozen=True):
    """When a batch is written, and how long to wait for a database that is away."""

    max_commands: int = 1_000
    max_delay_s: float = 0.1
    """The oldest unwritten command waits no longer than this."""
    retry_s: float = 0.05
    """The first wait; each further one is twice as long."""
    max_retry_s: float = 5.0


class Projector:
    """One of a kind per database: a second one makes the slower of the two stop (PositionMoved)."""

    def __init__(
        self, store: ProjectionStore, genesis: Sequence[Record], pace: Pace | None = None
    ) -> None:
        """Begin with where to write.

        Args:
            store: where rows go.
            genesis: the records of a new engine; what an empty database begins with.
            pace: when to write.
        """
        self._store: Final = store
        self._genesis: Final = genesis
        self._pace: Final = pace or Pace()
        self._fold: Fold | None = None
        self._due_at: float | None = None
        self.written = 0
        """The last command whose rows are in the database."""
        self.failures = 0
        """How often the database has been out of reach since it was last written to."""

    async def start(self) -> int:
        """Read back where the database stands (waiting for it if need be) and return the position."""
        while True:
            try:
                self._fold = await self._store.load(Fold.genesis(self._genesis))
            except Unavailable as error:
                await self._wait_out(error)
            else:
                self.failures = 0
                self.written = self._fold.sequence
                return self.written

    def audit(self, records: Iterable[Record]) -> None:
        """Compare what is in the database, after `start`, with an engine's records at the same command.

        Raises:
            ImpossibleEvent: they differ; the message says where.
        """
        assert self._fold is not None
        if found := differences(self._fold, records):
            shown = "; ".join(found[:5])
            raise ImpossibleEvent(
                f"history and engine differ in {len(found)} places at command {self.written}: {shown}"
            )

    async def run(self, source: AsyncIterator[Sequence[Applied]]) -> None:
        """Write what the source yields, until it ends; then write the rest and return.

        The source begins at the position or before; commands that are written already are passed over.

        Raises:
            ImpossibleEvent: the events contradict what is written. Nothing of that batch is written.
            PositionMoved: somebody else writes here.
            PositionLost: the database went back behind what was written: begin with a new projector.
        """
        if self._fold is None:
            await self.start()
        pulling: asyncio.Task[Sequence[Applied] | None] | None = None
        try:
            while True:
                pulling = pulling or asyncio.create_task(_next(source))
                await asyncio.wait({pulling}, timeout=self._time_left())
                if pulling.done():
                    batch = pulling.result()
                    if batch is None:
                        break
                    pulling = None
                    await self._take_in(batch)
                if self._time_left() == 0:
                    await self._flush()
        finally:
            if pulling is not None:
                pulling.cancel()
                await asyncio.gather(pulling, return_exceptions=True)
        await self._flush()

    async def checkpoint(self, sequence: int, state_hash: bytes) -> None:
        """Note in the database that the engine's replica was compared at this command, and agreed."""
        while True:
            try:
                return await self._store.checkpoint(sequence, state_hash)
            except Unavailable as error:
                await self._wait_out(error)

    async def _take_in(self, batch: Sequence[Applied]) -> None:
        fold = self._fold
        assert fold is not None
        for applied in batch:
            if applied.sequence <= fold.sequence:
                continue
            fold.apply(applied)
            if self._due_at is None:
                self._due_at = asyncio.get_running_loop().time() + self._pace.max_delay_s
            if fold.pending.commands >= self._pace.max_commands:
                await self._flush()

    def _time_left(self) -> float | None:
        """Return how long the unwritten commands may still wait; None when there are none."""
        if self._due_at is None:
            return None
        return max(0.0, self._due_at - asyncio.get_running_loop().time())

    async def _flush(self) -> None:
        assert self._fold is not None
        self._due_at = None
        if not self._fold.pending.commands:
            return
        changes = self._fold.take()
        while True:
            try:
                await self._store.write(changes)
            except Unavailable as error:
                await self._wait_out(error)
            else:
                break
        if self.failures:
            _log.info("database is back", sequence=changes.sequence, failures=self.failures)
        self.failures = 0
        self.written = changes.sequence

    async def _wait_out(self, error: Unavailable) -> None:
        delay_s = min(self._pace.max_retry_s, self._pace.retry_s * 2 ** min(self.failures, 16))
        self.failures += 1
        _log.warning("database is away", error=str(error), retry_in_s=delay_s, written=self.written)
        await asyncio.sleep(delay_s)


async def _next(source: AsyncIterator[Sequence[Applied]]) -> Sequence[Applied] | None:
    return await anext(source, None)
