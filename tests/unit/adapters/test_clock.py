"""The system clock: Unix milliseconds."""

import time

from cse.adapters.clock import SystemClock


def test_it_tells_unix_milliseconds() -> None:
    """Between two readings of the machine's own clock."""
    before = int(time.time() * 1_000)
    assert before <= SystemClock().now_ms() <= int(time.time() * 1_000) + 1
