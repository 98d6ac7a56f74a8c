"""Generated flow is reproducible, consistent, and looks like a market's.

The shares that are tested are wide bands around what the real LOBSTER sample shows (471 new, 369
deleted, 98 executed and 61 hidden of 999); the seeds are fixed, so nothing here is a matter of luck.
"""

from collections import Counter
from pathlib import Path

from cse.sandbox.flow.files import generate_flow
from cse.sandbox.flow.generator import FlowGenerator
from cse.sandbox.replay.lobster import Lobster, LobsterPlan, MessageType
from cse.sandbox.replay.steps import TapeEntry
from cse.sandbox.venue import LOBSTER_MARKET
from tests.unit.sandbox.replay.engine_venue import EngineVenue


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs into two folders; another seed gives another market."""
    one = generate_flow(tmp_path / "one", seed=7, messages=500)
    two = generate_flow(tmp_path / "two", seed=7, messages=500)
    other = generate_flow(tmp_path / "other", seed=8, messages=500)
    assert one.messages.read_bytes() == two.messages.read_bytes()
    assert one.books.read_bytes() == two.books.read_bytes()
    assert one.messages.read_bytes() != other.messages.read_bytes()


def test_the_mix_is_that_of_a_real_market() -> None:
    """Additions and cancellations in balance, a few percent of executions and hidden ones."""
    kinds = Counter(message.type for message, _ in FlowGenerator(7).messages(4_000))
    share = {kind: kinds[kind] / 4_000 for kind in MessageType}
    assert 0.38 < share[MessageType.NEW] < 0.55
    assert 0.30 < share[MessageType.DELETED] + share[MessageType.REDUCED] < 0.50
    assert 0.05 < share[MessageType.EXECUTED] < 0.20
    assert 0.02 < share[MessageType.EXECUTED_HIDDEN] < 0.10


def test_arrivals_come_in_clusters() -> None:
    """Counts per second vary far more than a Poisson process's, whose variance is its mean."""
    counts = Counter(message.time_ns // 10**9 for message, _ in FlowGenerator(7).messages(4_000))
    seconds = range(min(counts), max(counts) + 1)
    mean = sum(counts.values()) / len(seconds)
    variance = sum((counts[second] - mean) ** 2 for second in seconds) / len(seconds)
    assert variance > 4 * mean


def test_new_orders_come_near_the_touch_with_a_long_tail() -> None:
    """Half of them within two ticks of the best price, and some from far away."""
    distances = []
    for message, book in FlowGenerator(7).messages(4_000):
        if message.type is MessageType.NEW:
            best = (book.bids if message.side == "buy" else book.asks)[0][0]
            distances.append(abs(best - message.price) // 100)
    near = sum(distance <= 2 for distance in distances)
    assert near > len(distances) // 2
    assert sum(distance >= 8 for distance in distances) > len(distances) // 50


def test_books_are_never_crossed_and_levels_are_in_order() -> None:
    """Every line is a book that an exchange could have: best first, bids below asks, sizes positive."""
    for _, book in FlowGenerator(3).messages(2_000):
        assert book.bids == sorted(book.bids, reverse=True)
        assert book.asks == sorted(book.asks)
        assert book.bids[0][0] < book.asks[0][0]
        assert all(size > 0 for _, size in [*book.bids, *book.asks])


def test_files_say_the_same_as_the_generator(tmp_path: Path) -> None:
    """What is written is read back message by message, and a plan made from it agrees with every book."""
    files = generate_flow(tmp_path, seed=5, messages=800)
    source = Lobster(files.messages)
    assert source.recording.messages == 799
    flow = FlowGenerator(5).messages(800)
    _, first = next(flow)
    plan = LobsterPlan("g", first, source.recording.depth)
    steps = source.steps("g")
    assert next(steps) == plan.seed(next(FlowGenerator(5).messages(1))[0].time_ns)
    for (message, book), step in zip(flow, steps, strict=True):
        assert plan.step(message, book) == step


def test_the_engine_replays_generated_flow_level_by_level(tmp_path: Path) -> None:
    """The input that every clone has: seeded flow through the real engine, ten levels after each message."""
    source = Lobster(generate_flow(tmp_path, seed=11, messages=1_500).messages)
    venue = EngineVenue(LOBSTER_MARKET, source.recording)
    tape: list[TapeEntry] = []
    for step in source.steps("g"):
        venue.play(step)
        tape += step.tape
        assert step.book == venue.book(source.recording.depth)
    assert venue.tape == tape
    assert len(tape) > 100
