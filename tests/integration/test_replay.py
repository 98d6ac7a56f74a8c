"""Recorded markets played through the public API of a real exchange process: the book, the tape and the
money come out right, and a kill -9 in the middle of it loses nothing.

The real recordings are found by CSE_MARKET_DATA (tests/market_data.py); generated flow always runs.
"""

import asyncio
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cse.sandbox.client.credentials import CredentialStore
from cse.sandbox.flow.files import generate_flow
from cse.sandbox.replay.command import FAILED, MATCHED, ReplayOptions, replay_market
from cse.sandbox.replay.formats import open_recording
from cse.sandbox.replay.runner import Outcome, Runner
from tests.integration.exchange import Exchange, deposit, place
from tests.market_data import BINANCE_FILE, LOBSTER_FILE, market_data
from tests.servers.process import free_port

BINANCE_SLICE = 3_000


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with Exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def play(exchange: Exchange, folder: Path, file: Path, limit: int | None = None) -> Outcome:
    opened = open_recording(file, limit=limit)
    store = CredentialStore(folder / "logins.json")
    return asyncio.run(Runner(opened.source, opened.market, exchange.base, store).run())


def test_the_lobster_sample_whole(exchange: Exchange, tmp_path: Path) -> None:
    """After each of 998 messages the ten best levels of both sides are the file's; so are tape and money."""
    outcome = play(exchange, tmp_path, market_data(LOBSTER_FILE))
    assert outcome.ok, (outcome.book, outcome.tape, outcome.ledger)
    assert (outcome.messages, outcome.book.books, outcome.trades) == (998, 999, 98)
    assert outcome.book.levels + outcome.book.learned == 999 * 20
    assert outcome.book.learned < 400
    assert outcome.notes["execution of a hidden order"] == 61


def test_a_slice_of_the_binance_recording(exchange: Exchange, tmp_path: Path) -> None:
    """The tape that comes out is the tape that went in, with quotes of the recorded book around it."""
    outcome = play(exchange, tmp_path, market_data(BINANCE_FILE), limit=BINANCE_SLICE)
    assert outcome.ok, (outcome.book, outcome.tape, outcome.ledger)
    assert outcome.messages == BINANCE_SLICE
    assert outcome.trades > 300
    assert outcome.book.books > 10


def test_generated_flow_twice_with_the_command(exchange: Exchange, tmp_path: Path) -> None:
    """What every clone can do: `generate-flow`, then `replay-market`; and again, with the same accounts."""
    files = generate_flow(tmp_path, seed=21, messages=150)
    for speed in (None, "1000x"):
        out = StringIO()
        options = ReplayOptions(
            files.messages, exchange.base, speed=speed, credentials=tmp_path / "logins.json"
        )
        code = replay_market(options, Console(file=out, width=200))
        assert code == MATCHED, out.getvalue()
        assert "149 in " in out.getvalue()
        assert "DIFFERENT" not in out.getvalue()


def test_a_book_with_somebody_elses_orders_is_not_played_into(
    exchange: Exchange, tmp_path: Path
) -> None:
    """It would trade with them: refused, and their order stays as it is."""
    files = generate_flow(tmp_path, seed=21, messages=20)
    with exchange.person("bystander") as person:
        deposit(person, "USDC", "1000", "k1")
        order = place(person, "buy", "100.00", "1", market="AAPL-USDC")["order"]
        out = StringIO()
        options = ReplayOptions(files.messages, exchange.base, credentials=tmp_path / "l.json")
        assert replay_market(options, Console(file=out, width=200)) == FAILED
        assert "others have orders in AAPL-USDC" in out.getvalue()
        cancelled = person.delete(f"/api/orders/{order['id']}")
        assert cancelled.json()["order"]["filled_quantity"] == "0"


def test_an_unknown_market_is_told(exchange: Exchange, tmp_path: Path) -> None:
    """Nothing is placed anywhere."""
    files = generate_flow(tmp_path, seed=21, messages=20)
    out = StringIO()
    options = ReplayOptions(
        files.messages, exchange.base, "NO-SUCH", credentials=tmp_path / "logins.json"
    )
    assert replay_market(options, Console(file=out, width=200)) == FAILED
    assert "NO-SUCH cannot be traded: market_not_found" in out.getvalue()


async def test_kill_9_in_the_middle_of_a_replay_loses_nothing(tmp_path: Path) -> None:
    """The exchange dies twice while orders are on their way; every check still matches to the last unit."""
    files = generate_flow(tmp_path, seed=5, messages=600)
    opened = open_recording(files.messages)
    store = CredentialStore(tmp_path / "logins.json")
    with Exchange(tmp_path, "--no-bots", "--port", str(free_port())) as exchange:
        reached = {100: asyncio.Event(), 350: asyncio.Event()}

        def progress(messages: int) -> None:
            if messages in reached:
                reached[messages].set()

        runner = Runner(opened.source, opened.market, exchange.base, store)
        replay = asyncio.create_task(runner.run(progress))
        for event in reached.values():
            waiting = asyncio.create_task(event.wait())
            await asyncio.wait({replay, waiting}, return_when=asyncio.FIRST_COMPLETED)
            assert event.is_set(), replay
            await asyncio.to_thread(exchange.kill)
            await asyncio.to_thread(exchange.start)
        outcome = await replay
    assert outcome.ok, (outcome.book, outcome.tape, outcome.ledger)
    assert outcome.messages == 599
    assert outcome.book.books == 600
