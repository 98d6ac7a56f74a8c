"""Rows into CSV: numbers as the API prints them, text that a spreadsheet would run made harmless."""

from collections.abc import Callable, Iterable, Sequence
from typing import IO, Final, Protocol

from cse.core.csv_cells import harmless, quoted
from cse.core.money import format_units
from cse.entrypoints.export.tables import Column, Kind, Row


class Sink(Protocol):
    """Takes rows and writes them in one format."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write these rows."""
        ...

    def close(self) -> None:
        """Write what a file of this format ends with; the file itself stays open."""
        ...


class CsvSink:
    """RFC 4180 with a header line, but for lines that end with a line feed; times are Unix milliseconds."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        """Write the header."""
        self._file: Final = file
        self._cells: Final = [_cell(column) for column in columns]
        self._lines([[column.name for column in columns]])

    def write(self, rows: Sequence[Row]) -> None:
        """Write these rows."""
        cells = self._cells
        self._lines([cell(value) for cell, value in zip(cells, row, strict=True)] for row in rows)

    def close(self) -> None:
        """Nothing stands at the end of a CSV file."""

    def _lines(self, rows: Iterable[Sequence[str]]) -> None:
        self._file.write("".join([",".join(row) + "\n" for row in rows]).encode())


def _cell(column: Column) -> Callable[[int | str], str]:
    if column.kind is Kind.TEXT:
        return lambda value: quoted(harmless(str(value)))
    if column.kind is Kind.DECIMAL:
        return lambda value: format_units(int(value), column.scale)
    return str
