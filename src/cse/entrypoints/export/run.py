"""`cse export`: opens what is read, shows how far it is, and writes the file."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cse.adapters.sql.catalog import read_catalog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.history import SqlHistoryReader
from cse.adapters.sql.schema import check
from cse.entrypoints.export.book import book_table, venue_at
from cse.entrypoints.export.files import STDOUT, refuse_existing, whole_file
from cse.entrypoints.export.history import Span, candles_table, market_named, trades_table
from cse.entrypoints.export.parquet import ParquetSink, arrow
from cse.entrypoints.export.sinks import CsvSink, Sink
from cse.entrypoints.export.tables import CannotExport, Column, Table
from cse.messages.catalog import Catalog
from cse.settings import Settings

CSV: Final = "csv"
PARQUET: Final = "parquet"


class Target(NamedTuple):
    """Where an export goes."""

    output: str
    """A file's name; "-": standard output."""
    format: str
    force: bool

    def check(self) -> None:
        """Raise CannotExport before anything is read if this will not do."""
        if self.format not in {CSV, PARQUET}:
            raise CannotExport(f"there is no format {self.format!r}; there are: {CSV}, {PARQUET}")
        if self.format == PARQUET:
            arrow()
            if self.output == STDOUT:
                raise CannotExport("Parquet needs a file: its end says where its parts are")
        if self.output != STDOUT:
            refuse_existing(Path(self.output), force=self.force)


def export_trades(
    settings: Settings, market: str, span: Span, target: Target, console: Console
) -> str:
    """Export a market's trades and return one sentence about it.

    Raises:
        CannotExport: as it says.
        cse.adapters.sql.schema.SchemaMismatch: the database is not of this software's schema.
        cse.core.errors.Unavailable: the database is out of reach; no file was made.
    """
    target.check()

    async def run() -> str:
        async with _database(settings) as (history, catalog):
            sequence = await history.position()
            table = await trades_table(history, market_named(catalog, market), span)
            return await _write(table, target, console, sequence)

    return asyncio.run(run())


def export_candles(
    settings: Settings,
    market: str,
    interval: str,
    span: Span,
    target: Target,
    console: Console,
) -> str:
    """Export a market's candles and return one sentence about it; errors as `export_trades`."""
    target.check()

    async def run() -> str:
        async with _database(settings) as (history, catalog):
            sequence = await history.position()
            table = await candles_table(history, market_named(catalog, market), interval, span)
            return await _write(table, target, console, sequence)

    return asyncio.run(run())


def export_book(
    settings: Settings, market: str, at: int | None, target: Target, console: Console
) -> str:
    """Export a market's order book after command `at` and return one sentence about it.

    Raises:
        CannotExport: as it says.
        cse.core.errors.CseError: there is no journal, no such command, or it cannot be read.
    """
    target.check()
    with _bar(console) as bar:
        task = bar.add_task("replaying the journal", total=None)
        venue = venue_at(
            settings, at, lambda done, goal: bar.update(task, completed=done, total=goal)
        )
    table = book_table(venue, market)
    return asyncio.run(_write(table, target, console, venue.sequence))


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[tuple[SqlHistoryReader, Catalog]]:
    await check(settings.database_url)
    engine = make_engine(settings.database_url, pool_size=2)
    try:
        yield SqlHistoryReader(engine), await read_catalog(engine)
    finally:
        await engine.dispose()


async def _write(table: Table, target: Target, console: Console, sequence: int) -> str:
    """Write all batches, one in memory at a time; nothing up to command `sequence` is missing."""
    rows = 0
    with whole_file(target.output, force=target.force) as file, _bar(console) as bar:
        sink = _sink(target.format, file, table.columns)
        total = max(1, table.total)  # of nothing, all is done
        task = bar.add_task(table.title, total=total)
        async for batch in table.batches:
            sink.write(batch.rows)
            rows += len(batch.rows)
            bar.update(task, completed=batch.done)
        bar.update(task, completed=total)
        sink.close()
    where = "standard output" if target.output == STDOUT else target.output
    return f"{rows:,} rows of {table.title} to {where}, as of command {sequence}"


def _sink(format_: str, file: IO[bytes], columns: Sequence[Column]) -> Sink:
    return ParquetSink(file, columns) if format_ == PARQUET else CsvSink(file, columns)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
    )
