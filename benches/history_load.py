"""A long history for benchmarks, made quickly: a million candles over all intervals, a million trades."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import asyncpg
from rich.progress import Progress
from sqlalchemy import Table, make_url

from cse.adapters.sql import tables
from cse.market_data import INTERVALS
from cse.market_data.candles import open_time

NOW_MS: Final = 1_795_000_000_000
"""2026-11-18; the last candle of each interval holds this moment."""

MARKET: Final = 1
THIN: Final = 2
"""A market that traded once a year ago and once now."""

YEAR_MS: Final = 365 * 86_400_000
_PORTION: Final = 20_000

Row = tuple[int, ...]
Add = Callable[[Table, list[Row]], Any]


def counts(total: int) -> dict[str, int]:
    """Return how many candles each interval has: the same of each, but no more than there were since 1970."""
    left, found = total, {}
    by_length = sorted(INTERVALS.items(), key=lambda item: -item[1])
    for number, (name, length_ms) in enumerate(by_length):
        found[name] = min(left // (len(by_length) - number), NOW_MS // length_ms - 1)
        left -= found[name]
    return found


def candles(total: int) -> list[Row]:
    """Return rows of `candles` as life writes them: by time, so that those of one interval lie apart."""
    rows: list[Row] = []
    for name, count in counts(total).items():
        length_ms = INTERVALS[name]
        last_ms = open_time(NOW_MS, length_ms)
        values = (10_000, 10_050, 9_950, 10_010, 0, 123_456, 1, 987_654_321, 42, 7)
        rows += [(MARKET, length_ms, last_ms - n * length_ms, *values) for n in range(count)]
    for length_ms in INTERVALS.values():
        for time_ms in (NOW_MS - YEAR_MS, NOW_MS):
            rows.append(
                (THIN, length_ms, open_time(time_ms, length_ms), 5, 5, 5, 5, 0, 1, 0, 5, 1, 7)
            )
    rows.sort(key=lambda row: row[2])
    return rows


def trades(total: int) -> Iterator[Row]:
    """Yield rows of `trades`, one every half second until now."""
    pick = random.Random(1)
    for n in range(1, total + 1):
        price, time_ms = 10_000 + pick.randrange(100), NOW_MS - (total - n) * 500
        yield (MARKET, n, price, 7, price * 7, 1 + n % 2, n, n + 1, time_ms, n)


def fill(add: Add, total: int, name: str) -> None:
    """Hand over all rows in portions, with a bar."""
    position = ("history", bytes(16), 10**9, NOW_MS, 0, None)
    add(tables.projection_positions, [position])  # type: ignore[list-item]  # the one row that is not of numbers
    add(tables.candle_positions, [(MARKET, total), (THIN, 0)])
    with Progress(transient=True) as bar:
        for table, rows in ((tables.candles, iter(candles(total))), (tables.trades, trades(total))):
            task = bar.add_task(f"{name}: {table.name}", total=total)
            while portion := list(islice(rows, _PORTION)):
                add(table, portion)
                bar.advance(task, len(portion))


def fill_sqlite(path: Path, total: int) -> None:
    """Fill a migrated SQLite file; nothing is synced meanwhile."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")

    def add(table: Table, rows: list[Row]) -> None:
        places = ", ".join("?" for _ in table.columns)
        insert = f"INSERT INTO {table.name} VALUES ({places})"
        with connection:
            connection.executemany(insert, rows)

    fill(add, total, "SQLite")
    connection.close()


async def fill_postgres(url: str, total: int) -> None:
    """Fill a migrated PostgreSQL database."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn)
    portions: list[tuple[Table, list[Row]]] = []
    fill(lambda table, rows: portions.append((table, rows)), total, "PostgreSQL, rows")
    with Progress(transient=True) as bar:
        for table, rows in bar.track(portions, description="PostgreSQL: COPY"):
            names = [column.name for column in table.columns]
            await connection.copy_records_to_table(table.name, records=rows, columns=names)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
