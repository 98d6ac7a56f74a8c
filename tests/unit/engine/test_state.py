"""The state as a whole: restored, replayed elsewhere, contradicted, and large."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from cse.core.errors import CodecError
from cse.engine.backend import Engine
from cse.messages import commands as c
from cse.messages import records as r
from cse.messages.wire import (
    Command,
    MarketStatus,
    OrderType,
    Record,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.engines import chosen, new_engine, restore_engine
from tests.unit.engine.flow import random_commands
from tests.unit.engine.venue import ANN, BOB, USDC, Venue


def _run(engine: Engine, commands: list[Command]) -> Iterator[list[object]]:
    for time_ms, command in enumerate(commands, engine.time_ms + 1):
        yield list(engine.apply(engine.sequence + 1, time_ms, command))


def test_restored_state_goes_on_the_same() -> None:
    """MATCH-090: restored at any point of a busy stream, an engine has the same hash and the same future."""
    commands = random_commands(seed=7, count=3_000)
    whole = new_engine()
    history = list(_run(whole, commands))
    for cut in (0, 1, 40, 500, 1_777, 2_999):
        first = new_engine()
        assert list(_run(first, commands[:cut])) == history[:cut]
        second = restore_engine(list(first.records()))
        assert second.state_hash() == first.state_hash()
        assert list(_run(second, commands[cut:])) == history[cut:]
        assert second.state_hash() == whole.state_hash()


def test_the_queue_survives_a_restore() -> None:
    """MATCH-090: triggered orders that wait for a Tick keep their order over a restore."""
    venue = Venue(max_open_orders=1_000)
    venue.trade_at(1000)
    for _ in range(300):
        venue.buy(ANN, 1, 1010, type=OrderType.STOP_LOSS_LIMIT, trigger=1005)
    venue.trade_at(1006)
    restored = restore_engine(list(venue.engine.records()))
    assert restored.next_tick_at() == venue.now
    sequence = venue.engine.sequence + 1
    assert restored.apply(sequence, venue.now, c.Tick()) == venue.engine.apply(
        sequence, venue.now, c.Tick()
    )
    assert restored.state_hash() == venue.engine.state_hash()


_OTHER_PROCESS = """
import sys
from cse.engine.backend import new_engine
from tests.unit.engine.flow import random_commands
engine = new_engine(sys.argv[1])
for n, command in enumerate(random_commands(seed=11, count=3_000), 1):
    engine.apply(n, n, command)
    if n % 1_000 == 0:
        print(n, engine.state_hash().hex())
"""


def test_same_commands_same_hash_in_other_processes() -> None:
    """MATCH-091: processes with different hash seeds and time zones agree on the hash every 1,000 commands."""
    said = set()
    for hash_seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("4242", "America/New_York")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "TZ": zone,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        done = subprocess.run(
            [sys.executable, "-c", _OTHER_PROCESS, chosen()],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        said.add(done.stdout)
    assert len(said) == 1
    assert said.pop().count("\n") == 3


def _contradictions(records: list[Record]) -> Iterator[list[Record]]:
    for kind in (r.AssetRecord, r.MarketRecord, r.AccountRecord, r.BalanceRecord):
        yield [record for record in records if not isinstance(record, kind)]
    yield list(reversed(records))
    yield [
        msgspec.structs.replace(record, custody=record.custody + 1)
        if isinstance(record, r.AssetRecord)
        else record
        for record in records
    ]
    yield [
        *(record for record in records if not isinstance(record, r.MoneyKeyRecord)),
        r.TriggerQueueRecord(0, 10**9),
    ]


def test_contradictory_records_are_refused() -> None:
    """MATCH-092: records with a kind missing, out of order, not adding up or naming the unknown make no engine."""
    venue = Venue()
    venue.buy(ANN, 5, 1000)
    for records in _contradictions(list(venue.engine.records())):
        with pytest.raises(CodecError):
            restore_engine(records)


def test_commands_out_of_sequence_are_a_bug() -> None:
    """A gap, a repetition or time going back is the caller's bug and stops it before anything changes."""
    venue = Venue()
    before = venue.engine.state_hash()
    sequence = venue.engine.sequence
    for bad_sequence, time_ms in (
        (sequence, venue.now),
        (sequence + 2, venue.now),
        (sequence + 1, 1),
    ):
        with pytest.raises(AssertionError):
            venue.engine.apply(bad_sequence, time_ms, c.Tick())
    assert venue.engine.state_hash() == before


def test_capacity() -> None:
    """MATCH-093: 1,000 markets and 10,000 levels in one of them: best prices stay right while levels come and go."""
    venue = Venue(band_ppm=999_000_000, max_open_orders=20_000)
    engine = venue.engine

    def do(command: Command) -> None:
        engine.apply(engine.sequence + 1, venue.now, command)

    for market_id in range(2, 1_001):
        do(
            c.CreateMarket(
                market_id,
                f"M{market_id}",
                2,
                USDC,
                4,
                1,
                100_000,
                1,
                10**6,
                0,
                10**6,
                1000,
                50,
                MarketStatus.OPEN,
            )
        )
    prices = list(range(2_000, 12_000))
    random.Random(5).shuffle(prices)
    limit, gtc, none = OrderType.LIMIT, TimeInForce.GTC, SelfTradePrevention.NONE
    for price in prices:
        do(c.PlaceOrder(ANN, 1, Side.SELL, limit, gtc, none, False, price, 0, 1, 0, 0, ""))
    for best in (2_000, 2_001, 2_002):
        venue.buy(BOB, 1, best)
        assert venue.trades()[0][2] == best
    venue.sell(BOB, 1, 2_000)
    venue.buy(BOB, 1, 5_000)
    assert venue.trades()[0][2] == 2_000
    assert len(venue.book(Side.SELL)) == 9_997
    assert restore_engine(engine.records()).state_hash() == engine.state_hash()
