"""Writing many rows at once, as each database likes it best.

PostgreSQL: COPY for rows that are only added, INSERT from UNNESTed arrays for those that may be there.
SQLite: a prepared statement run for each row, inside the one transaction.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, SmallInteger, String, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from cse.adapters.sql.rows import RowSet, Updates

_ARRAYS: Final[tuple[tuple[type[Any], str], ...]] = (
    (BigInteger, "bigint"),
    (SmallInteger, "smallint"),
    (Boolean, "boolean"),
    (Integer, "integer"),
    (String, "text"),
)
"""In this order: BigInteger and SmallInteger are kinds of Integer."""


async def write_rows(connection: AsyncConnection, rows: RowSet) -> None:
    """Write the rows within the transaction that the connection has begun."""
    if not rows.rows:
        return
    if connection.dialect.name == "postgresql":
        await _write_postgres(connection, rows)
    else:
        await connection.exec_driver_sql(_sqlite_insert(rows.table, rows.updates), rows.rows)


async def _write_postgres(connection: AsyncConnection, rows: RowSet) -> None:
    raw: Any = (await connection.get_raw_connection()).driver_connection
    if rows.updates:
        arrays = zip(*rows.rows, strict=True)
        await raw.execute(_postgres_upsert(rows.table, rows.updates), *map(list, arrays))
    else:
        columns = [column.name for column in rows.table.columns]
        await raw.copy_records_to_table(rows.table.name, records=rows.rows, columns=columns)


@cache
def _sqlite_insert(table: Table, updates: Updates) -> str:
    places = ", ".join("?" for _ in table.columns)
    return f"{_insert_into(table)} VALUES ({places}){_on_conflict(table, updates)}"


@cache
def _postgres_upsert(table: Table, updates: Updates) -> str:
    arrays = (f"${number}::{_array(column)}[]" for number, column in enumerate(table.columns, 1))
    rows = f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608  # our own table's types
    return f"{_insert_into(table)} {rows}{_on_conflict(table, updates)}"


def _insert_into(table: Table) -> str:
    return f"INSERT INTO {table.name} ({_names(table.columns)})"


def _on_conflict(table: Table, updates: Updates) -> str:
    if not updates:
        return ""
    changed = ", ".join(f'"{name}" = {value}' for name, value in updates)
    return f" ON CONFLICT ({_names(table.primary_key.columns)}) DO UPDATE SET {changed}"


def _names(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def _array(column: Column[Any]) -> str:
    return next(name for kind, name in _ARRAYS if isinstance(column.type, kind))
