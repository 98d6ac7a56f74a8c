"""`cse export orderbook` needs no exchange: the book after any command, from the data directory alone."""

import asyncio
import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from cse.adapters.clock import SystemClock
from cse.core.errors import CseError
from cse.entrypoints.export.run import Target, export_book
from cse.messages import commands as c
from cse.messages.wire import OrderType, SelfTradePrevention, Side, TimeInForce
from cse.sandbox.venue import bootstrap_commands
from cse.settings import Settings, load_settings
from cse.wiring.sequencer import running_sequencer

MARKET = "NOVA-USDC"
ACCOUNT = 900_000


def limit(side: Side, ticks: int, lots: int) -> c.PlaceOrder:
    return c.PlaceOrder(
        account_id=ACCOUNT,
        market_id=1,
        side=side,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        stp=SelfTradePrevention.NONE,
        post_only=False,
        price=ticks,
        trigger_price=0,
        quantity=lots,
        quote_quantity=0,
        expires_at=0,
        client_order_id="",
    )


@pytest.fixture
def venue(tmp_path: Path) -> tuple[Settings, int]:
    """A data directory with a book, and the command after which its first order rested."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings = load_settings(overrides={"data_dir": folder}, environ={})

    async def write() -> int:
        async with running_sequencer(settings, SystemClock()) as sequencer:
            await sequencer.submit_batch(bootstrap_commands())
            await sequencer.submit(c.OpenAccount(ACCOUNT, 0))
            for asset_id in (1, 2):
                await sequencer.submit(
                    c.CreditDeposit(ACCOUNT, asset_id, 10**12, asset_id.to_bytes(16))
                )
            first = await sequencer.submit(limit(Side.BUY, 12_000, 150))
            for side, ticks in (
                (Side.BUY, 12_000),
                (Side.BUY, 12_100),
                (Side.SELL, 12_600),
                (Side.SELL, 12_500),
            ):
                await sequencer.submit(limit(side, ticks, 200))
            await sequencer.submit(limit(Side.BUY, 12_500, 100))
        return first.sequence

    return settings, asyncio.run(write())


def rows(path: Path) -> list[tuple[str, ...]]:
    with path.open(newline="") as file:
        return [
            (row["side"], row["level"], row["price"], row["quantity"])
            for row in csv.DictReader(file)
        ]


def test_the_book_after_the_last_command(venue: tuple[Settings, int], tmp_path: Path) -> None:
    """All levels, best first on each side, what is filled taken off, as of a sequence that is said."""
    settings, first = venue
    path = tmp_path / "book.csv"
    said = export_book(
        settings, MARKET, None, Target(str(path), "csv", force=False), Console(quiet=True)
    )
    assert rows(path) == [
        ("bid", "1", "1.2100", "2.00"),
        ("bid", "2", "1.2000", "3.50"),
        ("ask", "1", "1.2500", "1.00"),
        ("ask", "2", "1.2600", "2.00"),
    ]
    assert said.endswith(f"as of command {first + 5}")
    with path.open(newline="") as file:
        assert {row["sequence"] for row in csv.DictReader(file)} == {str(first + 5)}


def test_the_book_after_an_earlier_command(venue: tuple[Settings, int], tmp_path: Path) -> None:
    """`--at` replays to there; a command that never was is refused and makes no file."""
    settings, first = venue
    path = tmp_path / "book.csv"
    target = Target(str(path), "csv", force=False)
    with pytest.raises(CseError, match="the journal ends"):
        export_book(settings, MARKET, 10**9, target, Console(quiet=True))
    assert not path.exists()
    export_book(settings, MARKET, first, target, Console(quiet=True))
    assert rows(path) == [("bid", "1", "1.2000", "1.50")]


def test_a_folder_without_a_journal_is_said(tmp_path: Path) -> None:
    """Not "no such market": a wrong --data-dir is named, and nothing is made there."""
    settings = load_settings(overrides={"data_dir": tmp_path / "nowhere"}, environ={})
    with pytest.raises(CseError, match="nowhere/journal: there is no journal here"):
        export_book(settings, MARKET, None, Target("-", "csv", force=False), Console(quiet=True))
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_writes_to_standard_output(venue: tuple[Settings, int]) -> None:
    """CSV alone on stdout, what is said on stderr; a file that exists is refused with exit code 1."""
    settings, _ = venue
    command = [sys.executable, "-m", "cse.cli", "export", "orderbook", "--market", MARKET]
    command += ["--data-dir", str(settings.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(list(csv.reader(io.StringIO(done.stdout)))) == 5
    assert "order book of NOVA-USDC" in done.stderr
    existing = settings.data_dir / "book.csv"
    existing.write_text("mine")
    refused = subprocess.run(
        [*command, "--output", str(existing)], capture_output=True, text=True, check=False
    )
    assert (refused.returncode, existing.read_text()) == (1, "mine")
    assert "--force" in refused.stderr
