"""`cse audit`: walks the audit log's chain, and writes the log as a file."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cse.adapters.clock import SystemClock
from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.schema import check
from cse.entrypoints.export.files import STDOUT, refuse_existing, whole_file
from cse.entrypoints.export.sinks import CsvSink
from cse.entrypoints.export.tables import CannotExport, Column, Kind
from cse.settings import Settings
from cse.users.audit_log import AuditRecord, ChainCheck, Head

PAGE: Final = 5_000
"""Records in memory at a time."""
CSV: Final = "csv"
JSON_LINES: Final = "jsonl"
_COLUMNS: Final = tuple(
    Column(name, Kind.INTEGER if name in {"number", "at_ms"} else Kind.TEXT)
    for name in AuditRecord.__struct_fields__
)


class Verdict(NamedTuple):
    """What a walk along the chain found."""

    whole: bool
    sentence: str


def verify(settings: Settings, expected: str | None, console: Console) -> Verdict:
    """Walk the whole chain. `expected` is a head noted earlier, `NUMBER:DIGEST`: it must still be in the chain.

    Raises:
        CannotExport: `expected` is no head.
        cse.adapters.sql.schema.SchemaMismatch: the database is not of this software's schema.
        cse.core.errors.Unavailable: the database is out of reach.
    """
    return asyncio.run(_verify(settings, _head(expected), console))


def export(settings: Settings, output: str, format_: str, console: Console, *, force: bool) -> str:
    """Write the log, oldest first, and return one sentence about it; errors as `verify`."""
    if format_ not in {CSV, JSON_LINES}:
        raise CannotExport(f"there is no format {format_!r}; there are: {CSV}, {JSON_LINES}")
    if output != STDOUT:
        refuse_existing(Path(output), force=force)
    return asyncio.run(_export(settings, output, format_, console, force=force))


async def _verify(settings: Settings, expected: Head | None, console: Console) -> Verdict:
    chain = ChainCheck()
    async with _log(settings) as log:
        last = (await log.head()).number
        async for records in _pages(log, last, "audit log", console):
            if not _walk(chain, records, expected):
                break
    if chain.broken is not None:
        return Verdict(False, f"record {chain.broken.number} is bad: {chain.broken.reason}")
    if expected is not None and chain.head.number < expected.number:
        return Verdict(
            False, f"record {chain.head.number + 1} is missing: there were {expected.number}"
        )
    head = f"{chain.head.number}:{chain.head.digest.hex()}"
    return Verdict(True, f"whole: {chain.head.number:,} records; the head is {head}")


def _walk(chain: ChainCheck, records: list[AuditRecord], expected: Head | None) -> bool:
    for record in records:
        if not chain.walk([record]):
            return False
        if expected is not None and chain.head.number == expected.number:
            chain.expect(expected)
            if chain.broken is not None:
                return False
    return True


async def _export(
    settings: Settings, output: str, format_: str, console: Console, *, force: bool
) -> str:
    rows = 0
    async with _log(settings) as log:
        last = (await log.head()).number
        with whole_file(output, force=force) as file:
            write = _csv(file) if format_ == CSV else _json_lines(file)
            async for records in _pages(log, last, "audit log", console):
                write(records)
                rows += len(records)
    where = "standard output" if output == STDOUT else output
    return f"{rows:,} records to {where}"


@asynccontextmanager
async def _log(settings: Settings) -> AsyncIterator[SqlAuditLog]:
    await check(settings.database_url)
    engine = make_engine(settings.database_url, pool_size=2)
    try:
        yield SqlAuditLog(engine, SystemClock())
    finally:
        await engine.dispose()


async def _pages(
    log: SqlAuditLog, last: int, title: str, console: Console
) -> AsyncIterator[list[AuditRecord]]:
    """Yield all records up to `last` (those that come meanwhile are left out), with a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(title, total=max(1, last))
        number = 0
        while number < last:
            page = [each for each in await log.after(number, PAGE) if each.number <= last]
            if not page:
                return
            yield page
            number = page[-1].number
            bar.update(task, completed=number)
        bar.update(task, completed=max(1, last))


def _csv(file: IO[bytes]) -> Callable[[list[AuditRecord]], None]:
    sink = CsvSink(file, _COLUMNS)

    def write(records: list[AuditRecord]) -> None:
        sink.write([tuple(_fields(record).values()) for record in records])

    return write


def _json_lines(file: IO[bytes]) -> Callable[[list[AuditRecord]], None]:
    def write(records: list[AuditRecord]) -> None:
        for record in records:
            facts = {
                name: msgspec.Raw(getattr(record, name).encode()) for name in ("before", "after")
            }
            file.write(msgspec.json.encode({**_fields(record), **facts}) + b"\n")

    return write


def _fields(record: AuditRecord) -> dict[str, int | str]:
    return {**msgspec.structs.asdict(record), "digest": record.digest.hex()}


def _head(text: str | None) -> Head | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    try:
        return Head(int(number), bytes.fromhex(digest))
    except ValueError as error:
        raise CannotExport(
            f"{text!r} is no head: give NUMBER:DIGEST as `cse audit verify` prints it"
        ) from error
