"""Idle connections are ended after their time, and only then."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from cse.entrypoints.idle import IdleTimer


class Loop:
    """A loop whose time stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, look: Callable[[], None]) -> "Loop":
        self.due.append((when, look))
        return self

    def cancel(self) -> None:
        self.due.clear()

    def go_to(self, now: float) -> None:
        self.now = now
        for due in [each for each in self.due if each[0] <= now]:
            self.due.remove(due)
            due[1]()


def timer() -> tuple[Loop, IdleTimer, list[float]]:
    loop = Loop()
    closed: list[float] = []
    made = IdleTimer(
        cast("asyncio.AbstractEventLoop", cast("Any", loop)), 10, lambda: closed.append(loop.now)
    )
    return loop, made, closed


def test_who_does_nothing_is_ended_when_the_time_is_over() -> None:
    """The last beginning counts, and one timer serves them all."""
    loop, idle, closed = timer()
    idle.begin()
    loop.go_to(9)
    idle.end()
    idle.begin()
    assert len(loop.due) == 1
    loop.go_to(10)
    loop.go_to(18)
    assert not closed
    loop.go_to(19)
    assert closed == [19]
    assert not loop.due


def test_who_is_busy_stays() -> None:
    """A request that takes longer than idle connections may last is not cut off, and counts anew afterwards."""
    loop, idle, closed = timer()
    idle.begin()
    idle.end()
    loop.go_to(100)
    assert not closed
    idle.begin()
    loop.go_to(110)
    assert closed == [110]


def test_a_lost_connection_leaves_no_timer() -> None:
    """Nothing holds on to a connection that is over."""
    loop, idle, closed = timer()
    idle.begin()
    idle.cancel()
    loop.go_to(10)
    assert not loop.due
    assert not closed
