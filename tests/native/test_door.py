"""The door itself: typed errors that change nothing, threads that take turns, and what a panic leaves behind."""

import threading
from itertools import pairwise
from typing import Any

import pytest

from cse.core.errors import CodecError, OutOfSequence
from cse.engine import backend
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.wire import Command
from tests.engines import running_on
from tests.simulation.flow import START_MS, commands
from tests.unit.engine.venue import ANN, MARKET, USDC, Venue

FLOW = commands(seed=31, count=2_000)


@pytest.fixture(autouse=True)
def native() -> Any:
    with running_on("native"):
        yield


def module() -> Any:
    return backend.native_module("native")


def frames_of(flow: list[Command], first: int = 1) -> bytes:
    return b"".join(encode_frame(x, n, START_MS + n) for n, x in enumerate(flow, first))


def test_what_is_refused_has_its_own_exceptions() -> None:
    """The module's are ValueErrors of two kinds; the wrapper's are ours."""
    door = module().Engine()
    good = encode_frame(c.Tick(), 1, 5)
    with pytest.raises(module().CodecError):
        door.apply_batch(good[:-1])
    with pytest.raises(module().SequenceError):
        door.apply_batch(good + good)
    assert issubclass(module().CodecError, ValueError)
    assert issubclass(module().SequenceError, ValueError)
    engine = backend.new_engine("native")
    with pytest.raises(CodecError):
        engine.apply_batch(b"x")
    with pytest.raises(OutOfSequence):
        engine.replay(encode_frame(c.Tick(), 2, 5))
    with pytest.raises(CodecError):
        backend.restore_engine([r.BalanceRecord(9, 9, 1, 1)], "native")
    assert (door.sequence, engine.sequence) == (0, 0)


@pytest.mark.parametrize("argument", [None, "text", 7, bytearray(24), memoryview(bytes(24))])
def test_only_bytes_come_in(argument: object) -> None:
    """Nothing that could be changed by others while the GIL is released."""
    with pytest.raises(TypeError):
        module().Engine().apply_batch(argument)


def test_a_call_releases_the_gil_and_calls_take_turns() -> None:
    """While one thread replays, others read: each sees the state between two batches, never within one."""
    door = module().Engine()
    batches = [frames_of(FLOW[n : n + 100], n + 1) for n in range(0, len(FLOW), 100)]
    done = threading.Event()
    seen: list[tuple[int, int]] = []

    def read() -> None:
        while not done.is_set():
            state = next(decode_frames(door.snapshot())).message
            seen.append((state.sequence, len(door.state_hash())))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for batch in batches:
        door.replay(batch)
    done.set()
    for reader in readers:
        reader.join()
    assert door.sequence == len(FLOW)
    assert all(sequence % 100 == 0 and size == 32 for sequence, size in seen)


def test_a_panic_is_an_exception_and_closes_the_engine(capfd: pytest.CaptureFixture[str]) -> None:
    """Its state is unknown then: whatever is asked is refused, others are as they were, the process lives."""
    broken, other = module().Engine(), module().Engine()
    broken.replay(frames_of(FLOW[:10]))
    with pytest.raises(RuntimeError, match="engine panicked"):
        broken._panic()
    assert "asked for, after command 10" in capfd.readouterr().err
    for call in (
        lambda: broken.apply_batch(b""),
        lambda: broken.replay(b""),
        broken.snapshot,
        broken.state_hash,
        broken.next_tick_at,
        lambda: broken.depth(1, 1),
        lambda: broken.balances(1),
        lambda: broken.orders(1),
    ):
        with pytest.raises(RuntimeError, match="engine panicked"):
            call()
    assert broken.sequence == 10
    other.replay(frames_of(FLOW[:10]))


def test_reads_are_those_of_the_records() -> None:
    """Depth, balances and open orders say what the snapshot says; the unknown has none."""
    venue = Venue()
    for price in (990, 1_000, 1_000):
        venue.buy(ANN, 5, price)
    resting = venue.sell(ANN, 3, 1_010)
    door = venue.engine._door
    assert door.depth(MARKET, 10) == ([(1_000, 10, 2), (990, 5, 1)], [(1_010, 3, 1)])
    assert door.depth(MARKET, 1) == ([(1_000, 10, 2)], [(1_010, 3, 1)])
    assert door.depth(MARKET, 0) == ([], [])
    assert door.depth(9, 10) is None
    own = [x for x in venue.records(r.BalanceRecord) if x.account_id == ANN]
    assert [f.message for f in decode_frames(door.balances(ANN))] == own
    assert own[0].asset_id == USDC
    orders = [f.message for f in decode_frames(door.orders(ANN))]
    assert orders == venue.records(r.OrderRecord)
    assert orders[-1].order_id == resting
    assert (door.balances(9), door.orders(9)) == (b"", b"")


def test_event_frames_carry_sequence_time_and_place() -> None:
    """The command's sequence and time, and the place among its events."""
    engine = backend.new_engine("native")
    found = list(decode_frames(engine.apply_batch(frames_of(FLOW))))
    assert [f.sequence for f in found] == sorted(f.sequence for f in found)
    for before, after in pairwise(found):
        assert after.event_index == (
            before.event_index + 1 if after.sequence == before.sequence else 0
        )
        assert after.time_ms == START_MS + after.sequence


def test_places_wrap_at_16_bits() -> None:
    """A command that closes 70,000 orders has more events than an index has numbers; both engines wrap alike."""
    count = 70_000
    opening = [
        c.CreateAsset(1, "USDC", 6),
        c.CreateAsset(2, "NOVA", 6),
        c.CreateMarket(1, "M", 2, 1, 4, 1, 100_000, 1, 10**6, 0, 500_000, 1_000, 0xFFFF, 1),
        c.CreateMarket(2, "N", 2, 1, 4, 1, 100_000, 1, 10**6, 0, 500_000, 1_000, 0xFFFF, 1),
        c.OpenAccount(ANN, 0),
        c.CreditDeposit(ANN, 1, 10**15, bytes(16).replace(b"\0", b"\1")),
    ]
    places = [
        c.PlaceOrder(ANN, 1 + n % 2, 1, 1, 1, 1, False, 900, 0, 1, 0, 0, "") for n in range(count)
    ]
    flow = [*opening, *places, c.CancelAll(ANN, 0)]
    frames = b"".join(encode_frame(x, n, 1) for n, x in enumerate(flow, 1))
    native = backend.new_engine("native").apply_batch(frames)
    assert native == backend.new_engine("python").apply_batch(frames)
    closed = [f for f in decode_frames(native) if isinstance(f.message, e.OrderClosed)]
    assert len(closed) == count
    assert max(f.event_index for f in closed) == 0xFFFF
