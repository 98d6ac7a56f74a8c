"""Real recordings, planned by us and played into the real engine without servers between: after every
message its book is the file's, and its tape is the recorded one. The data is described in
docs/guides/replay-market.md; it is not ours to commit.
"""

from pathlib import Path

import pytest

from cse.sandbox.replay.binance import RecordedTrade, read_lines
from cse.sandbox.replay.binance_plan import Binance
from cse.sandbox.replay.lobster import Lobster
from cse.sandbox.replay.steps import TapeEntry
from cse.sandbox.venue import BINANCE_MARKET, LOBSTER_MARKET
from tests.market_data import BINANCE_FILE, LOBSTER_FILE, market_data
from tests.unit.sandbox.replay.engine_venue import EngineVenue


@pytest.fixture
def lobster_file() -> Path:
    return market_data(LOBSTER_FILE)


@pytest.fixture
def binance_file() -> Path:
    return market_data(BINANCE_FILE)


def test_ten_levels_equal_the_lobster_file_after_every_message(lobster_file: Path) -> None:
    """All 998 messages; only levels that have just come into sight are taken over, all others compared."""
    source = Lobster(lobster_file)
    venue = EngineVenue(LOBSTER_MARKET, source.recording)
    tape: list[TapeEntry] = []
    compared = learned = messages = 0
    for step in source.steps("t"):
        venue.play(step)
        assert step.book is not None
        assert venue.book(10) == step.book, f"after message {messages + 1}"
        tape += step.tape
        messages += step.messages
        compared += len(step.book.bids) + len(step.book.asks) - step.learned
        learned += step.learned
    assert messages == 998
    assert compared + learned == 999 * 20
    assert learned < compared // 50
    assert venue.tape == tape


def test_the_recorded_tape_comes_out_as_it_went_in(binance_file: Path) -> None:
    """Every trade of the recording, in order, with quotes of the recorded book never in between."""
    source = Binance(binance_file)
    venue = EngineVenue(BINANCE_MARKET, source.recording)
    quoted = 0
    for step in source.steps("t"):
        venue.play(step)
        if step.book is not None:
            assert venue.book(10) == step.book
            quoted += len(step.book.bids) == len(step.book.asks) == 10
    recorded = [
        TapeEntry(e.price, e.quantity, "sell" if e.buyer_is_maker else "buy")
        for e in (line.event for line in read_lines(binance_file))
        if isinstance(e, RecordedTrade)
    ]
    assert len(recorded) == 6_106
    assert venue.tape == recorded
    assert quoted > 300
