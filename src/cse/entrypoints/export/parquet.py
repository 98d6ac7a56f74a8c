"""Rows into Parquet: decimal128 with the market's decimals, times as milliseconds of UTC; pyarrow is optional."""

from collections.abc import Sequence
from decimal import Decimal
from types import ModuleType
from typing import IO, Any, Final

from cse.core.money import format_units
from cse.entrypoints.export.tables import CannotExport, Column, Kind, Row

_PRECISION: Final = 38
"""Digits of decimal128: sums of quote amounts may have more than a 64-bit integer holds."""
INSTALL: Final = "pip install 'cs-exchange[parquet]'"


def arrow() -> tuple[ModuleType, ModuleType]:
    """Return pyarrow and pyarrow.parquet.

    Raises:
        CannotExport: it is not installed; says with which command it is.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  # optional
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415  # optional
    except ModuleNotFoundError as error:
        raise CannotExport(
            f"Parquet needs pyarrow, which is not installed: {INSTALL} (a clone of the repository: make setup);"
            " --format csv needs nothing"
        ) from error
    return pa, pq


class ParquetSink:
    """One row group per batch, compressed with zstd."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        """Begin the file."""
        self._pa, parquet = arrow()
        self._columns: Final = columns
        self._schema: Final = self._pa.schema(
            [
                self._pa.field(column.name, _arrow_type(self._pa, column), nullable=False)
                for column in columns
            ]
        )
        self._writer: Final = parquet.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        """Write these rows as a row group."""
        if not rows:
            return
        arrays = [
            self._pa.array([_value(column, value) for value in values], type=field.type)
            for column, values, field in zip(
                self._columns, zip(*rows, strict=True), self._schema, strict=True
            )
        ]
        self._writer.write_table(self._pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


def _arrow_type(pa: ModuleType, column: Column) -> Any:
    if column.kind is Kind.TIME:
        return pa.timestamp("ms", tz="UTC")
    if column.kind is Kind.DECIMAL:
        return pa.decimal128(_PRECISION, column.scale)
    return pa.string() if column.kind is Kind.TEXT else pa.int64()


def _value(column: Column, value: int | str) -> int | str | Decimal:
    if column.kind is Kind.DECIMAL:
        return Decimal(format_units(int(value), column.scale))
    return value
