"""Files for researchers: exact numbers in both formats, and no cell that a spreadsheet would run."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cse.core.money import MAX_AMOUNT
from cse.entrypoints.export import parquet
from cse.entrypoints.export.parquet import ParquetSink
from cse.entrypoints.export.run import Target
from cse.entrypoints.export.sinks import CsvSink, harmless
from cse.entrypoints.export.tables import CannotExport, Column, Kind
from cse.entrypoints.export.times import parse_time

COLUMNS = (
    Column("name", Kind.TEXT),
    Column("count", Kind.INTEGER),
    Column("amount", Kind.DECIMAL, 9),
    Column("time", Kind.TIME),
)
ROWS = [
    ("plain", 1, MAX_AMOUNT, 1_700_000_000_123),
    ('=HYPERLINK("x")', -1, -1, 0),
    ("a, b", 0, 10**20 + 7, 1),
]


def written(rows: list[tuple[str, int, int, int]]) -> str:
    file = io.BytesIO()
    sink = CsvSink(file, COLUMNS)
    sink.write(rows)
    sink.close()
    return file.getvalue().decode()


def test_csv_prints_numbers_as_the_api_does() -> None:
    """Fixed decimals without floats; negative numbers stay numbers; times are milliseconds."""
    assert written(ROWS) == (
        "name,count,amount,time\n"
        "plain,1,9223372036.854775807,1700000000123\n"
        '"\'=HYPERLINK(""x"")",-1,-0.000000001,0\n'
        '"a, b",0,100000000000.000000007,1\n'
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_would_be_a_formula_is_harmless(start: str) -> None:
    """An apostrophe comes before what OWASP names, and only there; CSV readers get it back whole."""
    cell = f"{start}1+1"
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"
    [_, row] = csv.reader(io.StringIO(written([(cell, 0, 0, 0)]), newline=""))
    assert row[0] == f"'{cell}"


def test_parquet_holds_exact_decimals(tmp_path: Path) -> None:
    """decimal128 with the column's decimals, milliseconds of UTC, text as it is, a row group per batch."""
    with (tmp_path / "x.parquet").open("wb") as file:
        sink = ParquetSink(file, COLUMNS)
        sink.write(ROWS[:2])
        sink.write([])
        sink.write(ROWS[2:])
        sink.close()
    table = pq.read_table(tmp_path / "x.parquet")
    kinds = [str(field.type) for field in table.schema]
    assert kinds == ["string", "int64", "decimal128(38, 9)", "timestamp[ms, tz=UTC]"]
    assert table["amount"].to_pylist() == [
        Decimal("9223372036.854775807"),
        Decimal("-0.000000001"),
        Decimal("100000000000.000000007"),
    ]
    assert [int(each.value) for each in table["time"]] == [row[3] for row in ROWS]
    assert table["name"].to_pylist() == [row[0] for row in ROWS]
    assert pq.ParquetFile(tmp_path / "x.parquet").num_row_groups == 2


def test_without_pyarrow_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for Parquet and lacks it is told how to get it, before anything is read; CSV needs nothing."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(CannotExport, match="pip install 'cs-exchange"):
        Target("x.parquet", "parquet", force=False).check()
    Target("x.csv", "csv", force=False).check()
    assert "cs-exchange[parquet]" in parquet.INSTALL


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        (None, None),
        ("1700000000123", 1_700_000_000_123),
        ("2023-11-14", 1_699_920_000_000),
        ("2023-11-14T22:13:20.123Z", 1_700_000_000_123),
        ("2023-11-14T23:13:20.123+01:00", 1_700_000_000_123),
    ],
)
def test_times_are_read_exactly(text: str | None, time_ms: int | None) -> None:
    """Milliseconds or ISO 8601; UTC where no zone is given."""
    assert parse_time("--from", text) == time_ms


@pytest.mark.parametrize("text", ["yesterday", "1969-12-31", "1.5", "", "12345678901234567"])
def test_other_times_are_refused(text: str) -> None:
    """The option is named."""
    with pytest.raises(CannotExport, match="--to"):
        parse_time("--to", text)


def test_what_cannot_be_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """Unknown formats, Parquet into a pipe, files that exist, folders, files in folders that do not exist."""
    (tmp_path / "there").touch()
    for target in (
        Target("x", "xlsx", force=False),
        Target("-", "parquet", force=False),
        Target(str(tmp_path / "there"), "csv", force=False),
        Target(str(tmp_path), "csv", force=True),
        Target(str(tmp_path / "nowhere" / "x.csv"), "csv", force=False),
    ):
        with pytest.raises(CannotExport):
            target.check()
    Target(str(tmp_path / "there"), "csv", force=True).check()
