"""Proves what a projector relies on, over SQLite and PostgreSQL: all of a batch or nothing of it, once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.projection_store import SqlProjectionStore
from cse.core.errors import Unavailable
from cse.core.money import MAX_AMOUNT
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.events import Applied
from cse.projections.audit import differences
from cse.projections.changes import Changes
from cse.projections.errors import ImpossibleEvent, PositionLost, PositionMoved, WrongVenue
from cse.projections.fold import Fold
from cse.projections.projector import Pace, Projector
from tests.contract.projecting import (
    QUICK,
    VENUE,
    batches,
    contents,
    database,
    genesis,
    projector,
    rebuilt,
)
from tests.unit.projections.flow import START_MS, Flow


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cse.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    async with database(url) as made:
        yield made


def changes(applied: Sequence[Applied], begin: Fold | None = None) -> Changes:
    fold = begin or Fold.genesis(genesis())
    for one in applied:
        fold.apply(one)
    return fold.take()


async def test_what_is_written_is_what_the_engine_has(engine: AsyncEngine) -> None:
    """Read back from the tables, balances, orders and accounts equal the engine's, and go on from there."""
    flow = Flow(11)
    applied = list(flow.run(600))
    store = SqlProjectionStore(engine, VENUE)
    await projector(engine).run(batches(applied))
    fold = await store.load(Fold())
    assert differences(fold, flow.engine.records()) == []
    more = [flow.apply(c.Tick()) for _ in range(3)]
    await store.write(changes(more, fold))
    assert (await store.load(Fold())).sequence == flow.engine.sequence


async def test_any_batching_gives_the_same_tables(engine: AsyncEngine, tmp_path: Path) -> None:
    """One projector with tiny batches and restarts, one with a single batch: equal, row by row."""
    applied = list(Flow(12).run(900))
    for start in range(0, len(applied), 300):
        again = applied[
            max(0, start - 100) : start + 300
        ]  # what is written already comes once more
        await projector(engine, Pace(max_commands=7)).run(batches(again, 13))
    whole = await rebuilt(f"sqlite:///{tmp_path / 'whole.db'}", applied)
    assert await contents(engine) == whole
    assert len(whole["ledger_entries"]) > 1_000


async def test_a_failed_batch_leaves_nothing(engine: AsyncEngine) -> None:
    """An error in the last table undoes the position and all tables before it."""
    store = SqlProjectionStore(engine, VENUE)
    await store.load(Fold.genesis(genesis()))
    before = await contents(engine)
    batch = changes(list(Flow(13).run(100)))
    batch.ledger.append(batch.ledger[0])
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        await store.write(batch)
    assert await contents(engine) == before


async def test_a_batch_is_written_once(engine: AsyncEngine) -> None:
    """The same batch again is refused and changes nothing, and so is one that begins before the position."""
    store = SqlProjectionStore(engine, VENUE)
    fold = await store.load(Fold.genesis(genesis()))
    flow = Flow(14)
    first = changes(list(flow.run(100)), fold)
    await store.write(first)
    written = await contents(engine)
    overlapping = changes([flow.apply(c.Tick()), flow.apply(c.Tick())], fold)
    overlapping.after -= 1
    for wrong in (first, overlapping):
        with pytest.raises(PositionMoved, match="another projector"):
            await store.write(wrong)
    assert await contents(engine) == written


async def test_of_two_projectors_one_stops(engine: AsyncEngine, tmp_path: Path) -> None:
    """Two at once on one database: no row is doubled, none is missing, and at least one notices."""
    applied = list(Flow(15).run(800))
    both = [projector(engine, Pace(max_commands=20)) for _ in range(2)]
    for one in both:
        assert await one.start() == 0
    runs = (one.run(batches(applied, 20)) for one in both)
    ended = await asyncio.gather(*runs, return_exceptions=True)
    assert any(isinstance(end, PositionMoved) for end in ended)
    await projector(engine).run(batches(applied))
    assert await contents(engine) == await rebuilt(f"sqlite:///{tmp_path / 'one.db'}", applied)


async def test_a_database_that_went_back_is_noticed(engine: AsyncEngine) -> None:
    """After a failover or a backup that lost commits nothing is written over the gap."""
    fold, flow, store = Fold.genesis(genesis()), Flow(21), SqlProjectionStore(engine, VENUE)
    await store.load(fold)
    await store.write(changes(list(flow.run(10)), fold))
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE projection_positions SET sequence = 5"))
    before = await contents(engine)
    with pytest.raises(PositionLost, match="back at 5"):
        await store.write(changes([flow.apply(c.Tick())], fold))
    assert await contents(engine) == before


class LosesAnswers(SqlProjectionStore):
    """Every write is done, but its answer is lost the first time."""

    lost = 0

    async def write(self, changes: Changes) -> None:
        await super().write(changes)
        if self.lost % 2 == 0:
            self._in_doubt = changes.sequence
            self.lost += 1
            raise Unavailable("the connection broke while committing")
        self.lost += 1


async def test_a_lost_answer_is_no_lost_or_doubled_row(engine: AsyncEngine, tmp_path: Path) -> None:
    """A commit that succeeded although it seemed to fail is recognised when it is tried again."""
    applied = list(Flow(16).run(400))
    store = LosesAnswers(engine, VENUE)
    await Projector(store, genesis(), QUICK).run(batches(applied))
    assert store.lost > 4
    assert await contents(engine) == await rebuilt(f"sqlite:///{tmp_path / 'one.db'}", applied)


async def test_another_venue_is_refused(engine: AsyncEngine) -> None:
    """A journal's history is never mixed into another journal's database."""
    await projector(engine).run(batches(list(Flow(17).run(20))))
    stranger = SqlProjectionStore(engine, bytes(16))
    with pytest.raises(WrongVenue, match="own database"):
        await stranger.load(Fold.genesis(genesis()))


async def test_the_largest_amounts_fit(engine: AsyncEngine) -> None:
    """2^63 - 1 of an asset goes in, is held, and comes back unchanged, outside's minus included."""
    flow = Flow(18)
    applied = [
        flow.apply(command)
        for command in (
            c.CreateAsset(1, "USDC", 6),
            c.OpenAccount(1000, 0),
            c.CreditDeposit(1000, 1, MAX_AMOUNT, bytes(16)),
            c.HoldWithdrawal(1000, 1, MAX_AMOUNT, bytes(15) + b"1"),
        )
    ]
    await projector(engine).run(batches(applied))
    rows = (await contents(engine))["balances"]
    assert [row[:4] for row in rows] == [(0, 1, -MAX_AMOUNT, 0), (1000, 1, 0, MAX_AMOUNT)]
    fold = await SqlProjectionStore(engine, VENUE).load(Fold())
    assert differences(fold, flow.engine.records()) == []


async def test_an_impossible_event_stops_the_projector(engine: AsyncEngine) -> None:
    """It raises, naming the command, and nothing of that command's batch is written."""
    applied = list(Flow(19).run(120))
    await projector(engine).run(batches(applied[:100]))
    before = await contents(engine)
    event = e.WithdrawalSettled(1000, 1, MAX_AMOUNT, bytes(16))
    poison = Applied(applied[-1].sequence + 1, START_MS * 2, c.Tick(), [event])
    with pytest.raises(ImpossibleEvent, match=f"command {poison.sequence}"):
        await projector(engine).run(batches([*applied, poison], 1_000))
    assert (await contents(engine))["projection_positions"] != []
    assert await contents(engine) == before


async def test_checkpoints_only_move_on(engine: AsyncEngine) -> None:
    """The newest comparison with a snapshot stays noted."""
    await projector(engine).run(batches(list(Flow(20).run(20))))
    store = SqlProjectionStore(engine, VENUE)
    await store.checkpoint(10, b"a" * 32)
    await store.checkpoint(5, b"b" * 32)
    async with engine.connect() as connection:
        asked = text("SELECT checked_sequence, checked_hash FROM projection_positions")
        row = (await connection.execute(asked)).one()
    assert (row.checked_sequence, bytes(row.checked_hash)) == (10, b"a" * 32)
