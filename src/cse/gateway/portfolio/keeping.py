"""Portfolios that are kept: each is folded from history once, and from then on only goes on where it stands.

The first call after a start folds all that the account ever did; what takes longer than a moment goes on while callers
are told to come back. Everything is bounded: how long a history is taken in, how many lots a book holds, how much is
kept in all and how many are folded at once.
"""

import asyncio
from collections import OrderedDict
from typing import Final

import msgspec

from cse.gateway.deps import GatewayDeps
from cse.gateway.portfolio.happenings import BEGINNING, Happenings, Page
from cse.gateway.portfolio.pricing import Venue
from cse.gateway.problems import ApiProblem
from cse.portfolio.book import Book
from cse.portfolio.model import Happened, ImpossibleHistory, Method, Traded
from cse.portfolio.timeline import Timeline
from cse.projections.views import PageKey

PORTFOLIO_CODES: Final[dict[str, tuple[int, str]]] = {
    "portfolio_too_large": (
        409,
        "The account has done more than portfolios are worked out for; its history can be downloaded as CSV.",
    ),
    "portfolio_behind": (503, "A long history is being added up for the first time; try again."),
}
"""Codes of these calls besides problems.EDGE_CODES: status and meaning."""


WAIT_S: Final = 1.0


class Bounds(msgspec.Struct, frozen=True):
    """How much is taken in and kept."""

    events: int = 1_000_000
    """Fills, deposits, withdrawals and transfers of one account."""
    lots: int = 100_000
    """Of one account at one time, by the method that has lots."""
    kept: int = 500_000
    """Lots and steps of time that are kept in all, at roughly 150 bytes each; who was asked for last stays."""
    at_once: int = 2
    """How many accounts' histories are added up at the same time."""
    wait_s: float = WAIT_S
    """How long a call waits for its portfolio."""


class Kept:
    """One account's portfolio by one method, as far as it is folded."""

    def __init__(self, method: Method, venue: Venue) -> None:
        """Begin before everything."""
        self.venue: Final = venue
        """What it is valued by: when a market is listed, it is folded anew, so that all kept ones are of one kind."""
        self.book: Final = Book(method, venue.reference.asset_id)
        self.timeline: Final = Timeline()
        self.after = BEGINNING
        self.sequence = 0
        """The command that it is complete up to."""
        self.events = 0
        self.too_large = False
        self.folding: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """How much it takes to keep, in entries."""
        return self.book.lots + self.timeline.size + 1

    def take_in(self, page: Page) -> None:
        """Go on by a page.

        Raises:
            ImpossibleHistory: it does not follow. What is kept is of no use any more.
        """
        for event, price in page.events:
            self.book.apply(event, price)
            for asset_id in _touched(event):
                position = self.book.position(asset_id)
                there = position.lots.quantity
                self.timeline.put(asset_id, event.time_ms, there, position.invested)
        self.events += len(page.events)


class Portfolios:
    """Knows every portfolio that was asked for lately."""

    def __init__(
        self, deps: GatewayDeps, happenings: Happenings, bounds: Bounds | None = None
    ) -> None:
        """Fold what `happenings` reads."""
        self._deps: Final = deps
        self._happenings: Final = happenings
        self._bounds: Final = bounds or Bounds()
        self._kept: Final[OrderedDict[_Key, Kept]] = OrderedDict()
        self._turn: Final = asyncio.Semaphore(self._bounds.at_once)

    async def fresh(self, venue: Venue, account_id: int, method: Method) -> Kept:
        """Return a portfolio with everything that the caller may know to have happened.

        Raises:
            ApiProblem: 503 `history_behind` or `portfolio_behind`, 409 `portfolio_too_large`.
            Unavailable: the database is out of reach.
        """
        needed = self._deps.live.last_sequence(account_id)
        await self._deps.gate.reach(needed)
        key = (account_id, method)
        kept = self._kept.get(key)
        if kept is None or kept.venue is not venue:
            kept = self._kept[key] = Kept(method, venue)
        self._kept.move_to_end(key)
        deadline = asyncio.get_running_loop().time() + self._bounds.wait_s
        while kept.sequence < needed:
            if kept.too_large:
                raise _problem("portfolio_too_large")
            folding = kept.folding
            if folding is None:
                folding = kept.folding = asyncio.create_task(self._fold(kept, key))
                folding.add_done_callback(_seen)
            left_s = deadline - asyncio.get_running_loop().time()
            if not (await asyncio.wait({folding}, timeout=max(0.0, left_s)))[0]:
                raise _problem("portfolio_behind")
            folding.result()
        self._forget_others(key)
        return kept

    def _forget_others(self, key: "_Key") -> None:
        """Drop who was not asked for for longest, until what is kept is within bounds."""
        whole = sum(kept.size for kept in self._kept.values())
        while whole > self._bounds.kept and next(iter(self._kept)) != key:
            _, dropped = self._kept.popitem(last=False)
            whole -= dropped.size

    async def _fold(self, kept: Kept, key: "_Key") -> None:
        """Go on until everything that history has now is in; what fails is tried anew by the next call."""
        try:
            async with self._turn:
                await self._go_on(kept, key)
        except ImpossibleHistory:
            self._kept.pop(key, None)
            raise
        finally:
            kept.folding = None

    async def _go_on(self, kept: Kept, key: "_Key") -> None:
        until = self._deps.gate.position
        while kept.sequence < until:
            page = await self._happenings.page(kept.venue, key[0], kept.after, until)
            kept.take_in(page)
            kept.after = page.after or PageKey(until, _LAST)
            if page.after is None:
                kept.sequence = until
            if kept.events > self._bounds.events or kept.book.lots > self._bounds.lots:
                self._kept[key] = refused = Kept(kept.book.method, kept.venue)
                refused.too_large = kept.too_large = True
                kept.sequence = 0
                return


_Key = tuple[int, Method]
_LAST: Final = 2**31 - 1
"""After every fill and entry of a command."""


def _touched(event: Happened) -> tuple[int, ...]:
    """Return the assets that an event changes."""
    return (event.base_id, event.quote_id) if isinstance(event, Traded) else (event.asset_id,)


def _problem(code: str) -> ApiProblem:
    status, detail = PORTFOLIO_CODES[code]
    behind = status == 503
    headers = {"Retry-After": "1"} if behind else {}
    return ApiProblem(status, code, detail, retryable=behind, headers=headers)


def _seen(folding: asyncio.Task[None]) -> None:
    """Note a failure as seen: who waited has it, and who comes next tries again."""
    if not folding.cancelled():
        folding.exception()
