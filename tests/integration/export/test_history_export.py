"""Exported trades and candles are what the database and the API hold, on SQLite and PostgreSQL, page by page."""

import asyncio
import csv
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from cse.entrypoints.export import run
from cse.entrypoints.export.history import Span, candles_table, trades_table
from cse.entrypoints.export.run import Target, export_candles, export_trades
from cse.entrypoints.export.sinks import CsvSink
from cse.entrypoints.export.tables import CannotExport, Table
from cse.market_data import INTERVALS, TapeTrade
from cse.messages.catalog import Asset, Market
from cse.messages.wire import MarketStatus, Side
from cse.projections.fold import Fold
from cse.projections.views import TradeView
from cse.settings import Settings, load_settings
from tests.contract.projecting import batches, database, genesis, projector
from tests.integration.http_exchange import MARKET, good, http_exchange, place
from tests.unit.projections.flow import Flow

QUIET = Console(quiet=True)


class Past(NamedTuple):
    """A projected database, and the trades of its first market by rising id."""

    settings: Settings
    trades: list[TapeTrade]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def past(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder = tmp_path_factory.mktemp("past")
    url = f"sqlite:///{folder / 'cse.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("module_postgres_url")
    applied = list(Flow(47).run(1_500))
    fold = Fold.genesis(genesis())
    for one in applied:
        fold.apply(one)

    async def project() -> None:
        async with database(url) as engine:
            await projector(engine).run(batches(applied))

    asyncio.run(project())
    settings = load_settings(overrides={"data_dir": folder, "database.url": url}, environ={})
    trades = [
        TapeTrade.of_event(row.trade, row.sequence, row.time_ms)
        for row in fold.take().trades
        if row.trade.market_id == 1
    ]
    assert len(trades) > 50
    return Past(settings, sorted(trades, key=lambda trade: trade.trade_id))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven rows a page: every export is of many pages."""

    async def trades(*args: Any) -> Table:
        return await trades_table(*args, rows=7)

    async def candles(*args: Any) -> Table:
        return await candles_table(*args, rows=7)

    monkeypatch.setattr(run, "trades_table", trades)
    monkeypatch.setattr(run, "candles_table", candles)


def test_all_trades_come_once(past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oldest first over all pages; CSV and Parquet hold the same."""
    small_pages(monkeypatch)
    csv_path, parquet_path = tmp_path / "t.csv", tmp_path / "t.parquet"
    said = export_trades(
        past.settings, MARKET, Span(), Target(str(csv_path), "csv", force=False), QUIET
    )
    assert said.startswith(f"{len(past.trades)} rows of trades of {MARKET}")
    rows = read(csv_path)
    assert [int(row["trade_id"]) for row in rows] == [trade.trade_id for trade in past.trades]
    assert [int(row["time"]) for row in rows] == [trade.time_ms for trade in past.trades]
    assert {row["taker_side"] for row in rows} == {"buy", "sell"}
    export_trades(
        past.settings, MARKET, Span(), Target(str(parquet_path), "parquet", force=False), QUIET
    )
    table = pq.read_table(parquet_path).to_pylist()
    assert [
        (str(row["price"]), str(row["quantity"]), str(row["quote_amount"])) for row in table
    ] == [(row["price"], row["quantity"], row["quote_amount"]) for row in rows]


def test_a_span_is_half_open(past: Past, tmp_path: Path) -> None:
    """`from` counts, `to` does not, on the very milliseconds of trades; nothing outside, nothing lost."""
    times = [trade.time_ms for trade in past.trades]
    from_ms, to_ms = times[len(times) // 3], times[2 * len(times) // 3]
    for span in (
        Span(from_ms, to_ms),
        Span(None, to_ms),
        Span(from_ms, None),
        Span(to_ms, from_ms),
    ):
        path = tmp_path / "span.csv"
        export_trades(past.settings, MARKET, span, Target(str(path), "csv", force=True), QUIET)
        begin, end = span.from_ms or 0, span.to_ms or 2**53
        expected = [trade.trade_id for trade in past.trades if begin <= trade.time_ms < end]
        assert [int(row["trade_id"]) for row in read(path)] == expected


@pytest.mark.parametrize("interval", ["1s", "1m", "1w"])
def test_candles_hold_all_that_traded(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interval: str
) -> None:
    """Rising times, each whole: their trades and extremes are those of the trades."""
    small_pages(monkeypatch)
    path = tmp_path / "c.csv"
    target = Target(str(path), "csv", force=False)
    export_candles(past.settings, MARKET, interval, Span(), target, QUIET)
    rows = read(path)
    times = [int(row["time"]) for row in rows]
    assert times == sorted(set(times))
    assert sum(int(row["trades"]) for row in rows) == len(past.trades)
    step_ms = INTERVALS[interval]
    for row in rows:
        inside = [
            t for t in past.trades if int(row["time"]) <= t.time_ms < int(row["time"]) + step_ms
        ]
        assert len(inside) == int(row["trades"])
        assert row["high"] == f"{max(trade.price for trade in inside) / 100:.2f}"
    if len(times) > 2:
        again = tmp_path / "inside.csv"
        span = Span(times[1], times[-1])
        target = Target(str(again), "csv", force=False)
        export_candles(past.settings, MARKET, interval, span, target, QUIET)
        assert read(again) == rows[1:-1]


def test_what_is_not_there_is_said_and_makes_no_file(past: Past, tmp_path: Path) -> None:
    """Unknown markets and intervals; markets without trades give a header alone."""
    path = tmp_path / "x.csv"
    target = Target(str(path), "csv", force=False)
    with pytest.raises(CannotExport, match="NOVA-USDC"):
        export_trades(past.settings, "NO-SUCH", Span(), target, QUIET)
    with pytest.raises(CannotExport, match="1w"):
        export_candles(past.settings, MARKET, "7m", Span(), target, QUIET)
    assert not path.exists()
    export_trades(past.settings, MARKET, Span(1, 2), target, QUIET)
    assert path.read_text() == "market,trade_id,price,quantity,quote_amount,taker_side,time\n"


async def test_an_export_equals_the_api(tmp_path: Path) -> None:
    """Every field that REST tells of trades and candles stands in the CSV with the same characters."""
    async with http_exchange(tmp_path) as exchange:
        ada = await exchange.trader("ada")
        for price in ("1.2400", "1.3000", "1.2000"):
            await place(ada, "sell", price, "1.50")
            await place(ada, "buy", price, "1.50", self_trade_prevention="none")
        trades = good(await ada.get("/api/trades", params={"market": MARKET}))["trades"][::-1]
        params = {"interval": "1m", "fill": "false"}
        candles = good(await ada.get(f"/api/candles/{MARKET}", params=params))["candles"]
        await exchange.deps.gate.reach(exchange.deps.market_data.sequence)
        url = f"sqlite:///{tmp_path / 'cse.db'}"
        settings = load_settings(overrides={"data_dir": tmp_path, "database.url": url}, environ={})

        def export() -> None:
            target = Target(str(tmp_path / "t.csv"), "csv", force=False)
            export_trades(settings, MARKET, Span(), target, QUIET)
            target = Target(str(tmp_path / "c.csv"), "csv", force=False)
            export_candles(settings, MARKET, "1m", Span(), target, QUIET)

        await asyncio.to_thread(export)
    for name, told in (("t.csv", trades), ("c.csv", candles)):
        strings = [{key: str(value) for key, value in each.items()} for each in told]
        assert [{**each, "market": MARKET} for each in strings] == read(tmp_path / name)


class ManyTrades:
    """A history of so many trades that are made when they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.most = 0

    async def trades(
        self, market_id: int, *, before: int | None, after: int | None, limit: int
    ) -> Sequence[TradeView]:
        end = self.count + 1 if before is None else min(before, self.count + 1)
        begin = max((after or 0) + 1, end - limit)
        self.most = max(self.most, end - begin)
        return [
            TradeView(market_id, each, 100, each, 100 * each, Side.BUY, each, each)
            for each in range(end - 1, begin - 1, -1)
        ]

    async def trades_since(self, market_id: int, time_ms: int, limit: int) -> Sequence[TradeView]:
        return await self.trades(market_id, before=max(time_ms, 1) + 1, after=None, limit=limit)


async def test_memory_does_not_grow_with_the_export(tmp_path: Path) -> None:
    """Four times as many rows need no more memory: one page is held at a time."""
    usdc, nova = Asset(1, "USDC", 6), Asset(2, "NOVA", 6)
    market = Market(1, MARKET, nova, usdc, 4, 1, 10_000, 1, 10**9, 0, 0, 1, 9, MarketStatus.OPEN, 1)
    peaks = []
    for count in (5_000, 20_000):
        history = ManyTrades(count)
        table = await trades_table(history, market, Span(), rows=1_000)  # type: ignore[arg-type]  # what is read of it
        assert table.total == count
        tracemalloc.start()
        with (tmp_path / f"{count}.csv").open("wb") as file:
            sink = CsvSink(file, table.columns)
            async for batch in table.batches:
                assert len(batch.rows) <= 1_000
                sink.write(batch.rows)
            sink.close()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert history.most == 1_000
        assert (tmp_path / f"{count}.csv").read_bytes().count(b"\n") == count + 1
    assert peaks[1] < 1.5 * peaks[0]
