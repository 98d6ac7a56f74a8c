"""Both engines in the hands of Hypothesis: it mixes commands with any values, sensible streams, malformed bytes and
restarts from the other's snapshot, compares after every step, and cuts a difference down to its shortest story.
"""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cse.messages.codec import HEADER_SIZE, encode_frame
from cse.messages.wire import Command
from tests.differential.streams import wild
from tests.differential.twins import Twins
from tests.engines import running_on
from tests.unit.engine.flow import any_command, opening
from tests.unit.engine.test_extremes import STEPS

EXAMPLES, STORY = 40, 30


class BothEngines(RuleBasedStateMachine):
    """Two venues that must never differ."""

    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins()

    @initialize()
    def open_venue(self) -> None:
        """Two markets, eight accounts with money."""
        commands = opening()
        self.twins.do(commands, range(1, len(commands) + 1))

    @rule(steps=st.lists(STEPS, min_size=1, max_size=8))
    def commands_with_any_values(self, steps: list[tuple[Command, int]]) -> None:
        """One batch of what nobody sensible sends."""
        times, now = [], self.twins.now
        for _, wait_ms in steps:
            now += wait_ms
            times.append(now)
        self.twins.do([command for command, _ in steps], times)

    @rule(seed=st.integers(0, 2**32), count=st.integers(1, 120), wait_ms=st.integers(0, 300))
    def sensible_commands(self, seed: int, count: int, wait_ms: int) -> None:
        """One batch of what people send."""
        rng, first = random.Random(seed), self.twins.next_sequence
        commands = [any_command(rng, first + n) for n in range(count)]
        self.twins.do(commands, [self.twins.now + wait_ms] * count)

    @rule(data=st.binary(max_size=200))
    def any_bytes(self, data: bytes) -> None:
        """What is no frame is refused by both, and changes nothing."""
        self.twins.apply(data)

    @rule(
        seed=st.integers(0, 2**32),
        places=st.lists(
            st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=3
        ),
        cut=st.integers(0, 40),
    )
    def damaged_frames(self, seed: int, places: list[tuple[int, int]], cut: int) -> None:
        """A batch with a few bytes changed and its end cut off: refused by both alike, or done by both alike."""
        rng, first, now = random.Random(seed), self.twins.next_sequence, self.twins.now
        frames = bytearray(b"".join(encode_frame(wild(rng), first + n, now) for n in range(3)))
        for place, value in places:
            frames[place % len(frames)] = value
        if cut > HEADER_SIZE:
            del frames[-cut:]
        self.twins.apply(bytes(frames))

    @rule(skip=st.sampled_from((-1, 1, 2**32)), back_ms=st.sampled_from((0, 1)))
    def out_of_sequence(self, skip: int, back_ms: int) -> None:
        """A skipped or repeated sequence, or a time that goes back behind a command that is right."""
        rng, first, now = random.Random(skip), self.twins.next_sequence, self.twins.now
        good = encode_frame(wild(rng), first, now)
        self.twins.apply(good + encode_frame(wild(rng), first + 1 + skip, now - back_ms))

    @rule()
    def restart(self) -> None:
        """Each goes on from the other's snapshot."""
        self.twins.swap()

    @invariant()
    def the_same(self) -> None:
        """Checked by every step itself, and once more where a story begins and ends."""
        self.twins.compare()


@pytest.fixture(autouse=True)
def native() -> object:
    """Both engines are needed."""
    with running_on("native"):
        yield


def explore(examples: int, seed: Callable[[type], type] | None = None) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STORY,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(BothEngines) if seed else BothEngines, settings=chosen)


def test_both_engines_do_the_same_in_any_story() -> None:
    """The same stories in every run: CI never fails by chance."""
    explore(EXAMPLES)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_both_engines_do_the_same_in_many_stories() -> None:
    """Stories that no run has had before."""
    explore(50 * EXAMPLES, seed=lambda machine: machine)
