"""When channels are flushed: once a turn or once a pace, whoever fails or goes in between."""

import pytest

from cse.gateway.ws.channels.gathering import Gatherer
from tests.unit.gateway.ws.listening import HandSchedule


class Counting:
    """Counts how often it is flushed; fails when told to."""

    def __init__(self, pace_ms: int = 0) -> None:
        self.pace_ms = pace_ms
        self.flushed = 0
        self.fails = False

    def flush(self) -> None:
        if self.fails:
            raise ValueError("as told")
        self.flushed += 1


def test_each_is_flushed_once_however_often_it_is_due() -> None:
    """One call per turn and per pace serves all channels of it."""
    schedule = HandSchedule()
    gatherer = Gatherer(schedule)
    soon, slow = [Counting(), Counting()], [Counting(250), Counting(250), Counting(1_000)]
    for channel in [*soon, *slow] * 3:
        gatherer.due(channel)
    assert schedule.turn() == 1
    assert [channel.flushed for channel in [*soon, *slow]] == [1, 1, 0, 0, 0]
    assert schedule.beat(250) == 1
    assert schedule.beat(1_000) == 1
    assert [channel.flushed for channel in slow] == [1, 1, 1]
    assert schedule.turn() == schedule.beat() == 0


def test_who_is_forgotten_is_not_flushed() -> None:
    """The others of its beat are."""
    schedule = HandSchedule()
    gatherer = Gatherer(schedule)
    gone, stays = Counting(100), Counting(100)
    gatherer.due(gone)
    gatherer.due(stays)
    gatherer.forget(gone)
    gatherer.forget(Counting(5))
    schedule.beat()
    assert (gone.flushed, stays.flushed) == (0, 1)


def test_one_that_fails_holds_nobody_up() -> None:
    """Its error is told to the event loop; the rest of the beat comes with the next one."""
    schedule = HandSchedule()
    gatherer = Gatherer(schedule)
    first, bad, last = Counting(), Counting(), Counting()
    bad.fails = True
    for channel in (first, bad, last):
        gatherer.due(channel)
    with pytest.raises(ValueError, match="as told"):
        schedule.turn()
    schedule.turn()
    assert (first.flushed, last.flushed) == (1, 1)
