"""Own orders and fills that came after a sequence so old that memory has forgotten them: read from history.

Only so many reads go on at once and only so many wait: whoever comes on top gets a snapshot, as does everybody
while the database is away, history is behind, or more was missed than a client wants to hear.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import structlog

from cse.core.errors import Unavailable
from cse.gateway.history_gate import HistoryGate
from cse.gateway.problems import ApiProblem
from cse.projections.ports import HistoryReader
from cse.projections.views import FillView, OrderView, PageKey

log = structlog.get_logger(__name__)

READS_AT_ONCE: Final = 4
MAX_WAITING: Final = 1_000
"""Reads that are under way or wait for their turn."""
PAGE_ROWS: Final = 1_000
MAX_ROWS: Final = 20_000
"""Orders and fills that one client is told of; REST has the rest."""
MESSAGE_ROWS: Final = 500
"""Orders and fills in one message; a command's own are never torn apart."""


class Missed(NamedTuple):
    """What happened to an account's orders in (since, until]."""

    orders: Sequence[OrderView]
    """As their last change in that time left them, in the order of these changes."""
    fills: Sequence[FillView]
    """All of that time, oldest first."""


class MissedPage(NamedTuple):
    """One message's worth of it."""

    sequence: int
    orders: Sequence[OrderView]
    fills: Sequence[FillView]


Answer = Callable[[Missed | None], None]
"""Takes what was missed; None: it cannot be had."""


class MissedOrders:
    """Reads what accounts missed, a few at a time."""

    def __init__(
        self, history: HistoryReader, gate: HistoryGate, max_waiting: int = MAX_WAITING
    ) -> None:
        """Read from here, once the gate says that history is complete enough."""
        self._history: Final = history
        self._gate: Final = gate
        self._max_waiting: Final = max_waiting
        self._turn: Final = asyncio.Semaphore(READS_AT_ONCE)
        self._reads: Final[set[asyncio.Task[Missed | None]]] = set()

    def __len__(self) -> int:
        return len(self._reads)

    def read(self, account_id: int, since: int, until: int, answer: Answer) -> bool:
        """Begin to read; `answer` is called later. False: too many wait, nothing was begun."""
        if len(self._reads) >= self._max_waiting:
            return False
        task = asyncio.create_task(self._read(account_id, since, until))
        self._reads.add(task)
        task.add_done_callback(partial(self._done, answer))
        return True

    def _done(self, answer: Answer, task: asyncio.Task[Missed | None]) -> None:
        self._reads.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            answer(task.result())
        else:
            log.error("missed_orders_failed", exc_info=error)
            answer(None)

    async def _read(self, account_id: int, since: int, until: int) -> Missed | None:
        try:
            async with self._turn:
                await self._gate.reach(until)
                orders = await self._orders(account_id, since, until)
                fills = await self._fills(account_id, since, until)
        except (ApiProblem, Unavailable) as error:
            log.info("missed_orders_unknown", account_id=account_id, why=str(error))
            return None
        return None if orders is None or fills is None else Missed(orders, fills)

    async def _orders(self, account_id: int, since: int, until: int) -> list[OrderView] | None:
        found: list[OrderView] = []
        after = PageKey(since, MAX_ID)
        while len(found) < MAX_ROWS:
            page = await self._gate.answer(
                self._history.orders_changed(account_id, after=after, until=until, limit=PAGE_ROWS)
            )
            found += page
            if len(page) < PAGE_ROWS:
                return found
            after = PageKey(page[-1].sequence, page[-1].order_id)
        return None

    async def _fills(self, account_id: int, since: int, until: int) -> list[FillView] | None:
        found: list[FillView] = []
        after = PageKey(since, MAX_POSITION)
        while len(found) < MAX_ROWS:
            page = await self._gate.answer(
                self._history.fills_after(account_id, after=after, until=until, limit=PAGE_ROWS)
            )
            found += page
            if len(page) < PAGE_ROWS:
                return found
            after = page[-1].key
        return None


MAX_ID: Final = 2**63 - 1
MAX_POSITION: Final = 2**31 - 1


def pages(missed: Missed, until: int) -> list[MissedPage]:
    """Return what was missed in messages' worths; the last one's sequence is `until`.

    Each holds what the commands up to its sequence, and after that of the one before, left as it is.
    """
    by_command: dict[int, tuple[list[OrderView], list[FillView]]] = {}
    for order in missed.orders:
        by_command.setdefault(order.sequence, ([], []))[0].append(order)
    for fill in missed.fills:
        by_command.setdefault(fill.sequence, ([], []))[1].append(fill)
    made: list[MissedPage] = []
    orders: list[OrderView] = []
    fills: list[FillView] = []
    last = 0
    for sequence in sorted(by_command):
        more_orders, more_fills = by_command[sequence]
        rows = len(orders) + len(fills)
        if rows and rows + len(more_orders) + len(more_fills) > MESSAGE_ROWS:
            made.append(MissedPage(last, orders, fills))
            orders, fills = [], []
        orders += more_orders
        fills += more_fills
        last = sequence
    made.append(MissedPage(until, orders, fills))
    return made
