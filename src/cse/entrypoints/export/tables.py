"""What an export is before it becomes a file: columns, and rows of exact integers in batches."""

from collections.abc import AsyncIterator, Sequence
from enum import Enum
from typing import Final, NamedTuple

from cse.core.errors import CseError

BATCH_ROWS: Final = 10_000
"""Rows that are in memory at a time: one page of the database, one row group of Parquet."""


class CannotExport(CseError):
    """An export that is not possible as asked; the message says how it is."""


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    TIME = "time"
    """Unix milliseconds."""
    DECIMAL = "decimal"
    """An integer count of 10^-scale."""


class Column(NamedTuple):
    """One column; named as the API names the field."""

    name: str
    kind: Kind
    scale: int = 0


Row = tuple[int | str, ...]


class Batch(NamedTuple):
    """The next rows, and how far the export is."""

    rows: Sequence[Row]
    done: int
    """Of the table's `total`, in whatever that counts."""


class Table(NamedTuple):
    """An export."""

    title: str
    """What the progress bar says."""
    columns: Sequence[Column]
    total: int
    """Rows, or milliseconds of time where rows cannot be counted beforehand."""
    batches: AsyncIterator[Batch]
