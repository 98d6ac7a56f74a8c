"""The engine against a naive model (model*.py), written from the specification alone, command by command.

Hypothesis draws the commands; a difference is cut down to its shortest story, which the failure prints.
CI runs fixed seeds; `make soak` explores a million commands from new seeds every time.
"""

import secrets
from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from cse.messages import commands, events
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import CloseReason, Command, Event
from tests.unit.engine.model_pair import Difference, Pair, Story, open_venue, shortest
from tests.unit.engine.model_specs import Step, command_of, steps

PARTS = 8
COMMANDS = 50_400
STEPS = 100
"""Commands per venue, besides those that open it."""

FULL_SEED = 11
"""A seed that reaches everything; after a change of the specs another one may be needed."""

SOAK_PARTS = 10
SOAK_COMMANDS = 1_000_000

NEVER = {
    RejectCode.ORDER_CLOSED.name,  # the gateway's answer; the engine forgets closed orders
    f"closed {CloseReason.TRIGGER_UNFUNDED.name}",  # too rare; test_model_stories.py tells of one
}


class Venues(RuleBasedStateMachine):
    """One venue, played to the engine and to the model at once."""

    steps_done = 0
    seen: ClassVar[Counter[str]] = Counter()
    story: ClassVar[Story] = []
    """Of the difference that was found."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    @initialize(rich=st.sampled_from((40, 10, 200)), most=st.sampled_from((20, 20, 6)))
    def opening(self, rich: int, most: int) -> None:
        """Accounts may be poor or rich, and their orders few or many."""
        open_venue(self.pair, rich=rich, max_open_orders=most)

    @rule(step=steps)
    def next_command(self, step: Step) -> None:
        """Somebody sends something."""
        type(self).steps_done += 1
        try:
            self.pair.do(command_of(self.pair.world, step.what), step.wait_ms)
        except Difference:
            type(self).story = self.pair.history
            raise

    def teardown(self) -> None:
        """The end state survives a restart."""
        self.pair.restart()
        type(self).seen.update(self.pair.seen)


def explore(first_seed: int, count: int) -> Counter[str]:
    """Compare so many commands, in venues of a hundred; returns what was seen how often."""
    machine: type[Venues] = type("Venues", (Venues,), {"steps_done": 0, "seen": Counter()})
    number = first_seed
    while (missing := count - machine.steps_done) > 0:
        chosen = settings(
            max_examples=missing // STEPS + 1,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # `shortest` shrinks a story in seconds, Hypothesis in minutes
            suppress_health_check=list(HealthCheck),
        )
        try:
            run_state_machine_as_test(seed(number)(machine), settings=chosen)
        except Difference:
            pytest.fail(f"seed {number}: {shortest(machine.story)}", pytrace=False)
        number += 1_000
    return machine.seen


@pytest.mark.parametrize("part", range(PARTS))
def test_engine_equals_the_naive_model(part: int) -> None:
    """MATCH-063, MATCH-064: after every one of 50,000 commands the engine's answer, trades, closed orders and whole
    state equal the model's, events tell the same as records, money adds up and holds cover what orders can cost.
    """
    explore(part, COMMANDS // PARTS)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("part", range(SOAK_PARTS))
def test_engine_equals_the_naive_model_over_a_million_commands(part: int) -> None:
    """The same over a million commands from seeds that no run has had before; a failure prints its story."""
    explore(secrets.randbits(32), SOAK_COMMANDS // SOAK_PARTS)


def test_the_commands_reach_everything() -> None:
    """The comparison meets every event, every close reason and every refusal that can be met.

    Hypothesis draws constants of whatever modules are loaded too, so how much a part of it meets differs from
    run to run: parts are added until nothing is missing.
    """
    wanted = {cls.__name__ for cls in [*classes(Command, commands), *classes(Event, events)]}
    wanted |= {f"closed {reason.name}" for reason in CloseReason}
    wanted |= {code.name for code in RejectCode}
    missing = wanted - NEVER
    for part in range(PARTS):
        missing -= set(explore(FULL_SEED + 100 * part, COMMANDS // PARTS))
        if not missing:
            return
    assert not missing


def classes(base: type, module: object) -> list[type]:
    """The message classes of a module."""
    return [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, base) and cls is not base
    ]
