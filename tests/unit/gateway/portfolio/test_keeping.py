"""Portfolios that are kept: folded once, gone on with, bounded in length, size, number and waiting."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from cse.core.errors import Unavailable
from cse.gateway.deps import GatewayDeps
from cse.gateway.portfolio.happenings import Happenings, Page
from cse.gateway.portfolio.keeping import Bounds, Kept, Portfolios
from cse.gateway.portfolio.pricing import Venue
from cse.gateway.problems import ApiProblem
from cse.messages.catalog import Asset
from cse.portfolio.model import Happened, ImpossibleHistory, Method, Moved, MoveKind
from cse.projections.views import PageKey

VENUE = Venue(Asset(1, "USDC", 6), {})
NOVA = 2
PAGE = 10


class World:
    """One history for every account, served in pages; the live views know its end."""

    def __init__(self) -> None:
        self.events: list[Happened] = []
        self.pages: list[int] = []
        self.failure: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.live = self.gate = self

    @property
    def position(self) -> int:
        return len(self.events)

    def last_sequence(self, _account_id: int) -> int:
        return len(self.events)

    async def reach(self, sequence: int) -> None:
        assert sequence <= self.position

    async def page(self, _venue: Venue, account_id: int, after: PageKey, until: int) -> Page:
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        self.pages.append(account_id)
        found = [event for event in self.events if after.sequence < event.sequence <= until]
        more = PageKey(found[PAGE - 1].sequence, 0) if len(found) > PAGE else None
        return Page([(event, None) for event in found[:PAGE]], more)

    def deposit(self, count: int, amount: int = 5) -> None:
        for _ in range(count):
            sequence = len(self.events) + 1
            kind = MoveKind.DEPOSIT
            self.events.append(Moved(sequence, 0, sequence * 60_000, kind, NOVA, amount))

    def portfolios(self, **bounds: Any) -> Portfolios:
        given = cast("GatewayDeps", self)
        return Portfolios(given, cast("Happenings", self), Bounds(**bounds))


async def quantity(portfolios: Portfolios, account_id: int = 7) -> int:
    kept = await portfolios.fresh(VENUE, account_id, Method.FIFO)
    return kept.book.position(NOVA).lots.quantity


async def test_what_was_folded_is_not_folded_again() -> None:
    """Pages are read once; later calls read what is new, or nothing."""
    world = World()
    world.deposit(25)
    portfolios = world.portfolios()
    assert await quantity(portfolios) == 25 * 5
    assert len(world.pages) == 3
    assert await quantity(portfolios) == 25 * 5
    assert len(world.pages) == 3
    world.deposit(2)
    assert await quantity(portfolios) == 27 * 5
    assert len(world.pages) == 4


async def test_callers_at_the_same_time_share_a_fold() -> None:
    """Ten who ask at once have it read once."""
    world = World()
    world.deposit(15)
    portfolios = world.portfolios()
    assert await asyncio.gather(*(quantity(portfolios) for _ in range(10))) == [75] * 10
    assert len(world.pages) == 2


async def test_a_long_fold_goes_on_behind_its_callers() -> None:
    """Who would wait too long is told to come back, and finds it done."""
    world = World()
    world.deposit(15)
    world.open.clear()
    portfolios = world.portfolios(wait_s=0.0)
    for _ in range(3):
        with pytest.raises(ApiProblem) as told:
            await quantity(portfolios)
        assert (told.value.code, told.value.status) == ("portfolio_behind", 503)
        assert told.value.headers["Retry-After"] == "1"
    world.open.set()
    patient = portfolios._kept[7, Method.FIFO]
    assert patient.folding is not None
    await patient.folding
    assert await quantity(portfolios) == 75


async def test_a_failure_is_told_and_tried_anew() -> None:
    """A database that is away costs a call, not what was folded; a history that cannot be costs all of it."""
    world = World()
    world.deposit(15)
    portfolios = world.portfolios()
    assert await quantity(portfolios) == 75
    world.deposit(15)
    world.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await quantity(portfolios)
    world.failure = None
    before = len(world.pages)
    assert await quantity(portfolios) == 150
    assert len(world.pages) == before + 2
    world.events.append(Moved(31, 0, 9_000_000, MoveKind.WITHDRAWAL, NOVA, -151))
    with pytest.raises(ImpossibleHistory):
        await quantity(portfolios)
    world.events.pop()
    assert await quantity(portfolios) == 150


@pytest.mark.parametrize("bound", ["events", "lots"])
async def test_what_is_too_large_is_refused(bound: str) -> None:
    """Up to the number it is taken, beyond it refused, now and later, without reading it all again."""
    world = World()
    world.deposit(20)
    portfolios = world.portfolios(**{bound: 20})
    assert await quantity(portfolios) == 100
    world.deposit(1)
    for _ in range(2):
        with pytest.raises(ApiProblem) as told:
            await quantity(portfolios)
        assert (told.value.code, told.value.status) == ("portfolio_too_large", 409)
    assert len(world.pages) == 3
    assert portfolios._kept[7, Method.FIFO].size == 1


async def test_who_was_not_asked_for_is_forgotten() -> None:
    """Within the bound all stay; beyond it the one goes that was not asked for for longest, and is folded anew."""
    world = World()
    world.deposit(5)
    size = (await world.portfolios().fresh(VENUE, 1, Method.FIFO)).size
    world.pages.clear()
    portfolios = world.portfolios(kept=2 * size)
    for account_id in (1, 2, 1, 3, 1, 2):
        assert await quantity(portfolios, account_id) == 25
    assert world.pages == [1, 2, 3, 2]


async def test_another_venue_is_another_portfolio() -> None:
    """A market that was listed may price what had no price: all that was kept is folded anew."""
    world = World()
    world.deposit(5)
    portfolios = world.portfolios()
    first = await portfolios.fresh(VENUE, 7, Method.FIFO)
    assert await portfolios.fresh(VENUE, 7, Method.FIFO) is first
    later = Venue(VENUE.reference, {NOVA: []})
    assert (await portfolios.fresh(later, 7, Method.FIFO)).venue is later
    assert len(world.pages) == 2


async def test_few_are_folded_at_once() -> None:
    """The third waits until one of the first two is done."""
    world = World()
    world.deposit(5)
    world.open.clear()
    portfolios = world.portfolios()
    asking = [asyncio.create_task(quantity(portfolios, account_id)) for account_id in (1, 2, 3)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert portfolios._turn.locked()
    world.open.set()
    assert await asyncio.gather(*asking) == [25] * 3


def test_what_is_kept_is_counted() -> None:
    """The size is lots and steps of time, so that bounds on it are bounds on memory."""
    kept = Kept(Method.FIFO, VENUE)
    events: Sequence[Happened] = [
        Moved(n, 0, n * 86_400_000, MoveKind.DEPOSIT, NOVA, 5) for n in range(1, 4)
    ]
    kept.take_in(Page([(event, None) for event in events], None))
    assert kept.book.lots == 3
    assert kept.size == 1 + 3 + kept.timeline.size
    assert kept.timeline.size == 2 * 6, "the third day is not over"
