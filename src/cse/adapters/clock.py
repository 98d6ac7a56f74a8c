"""The real clock. Only edges hold one; what is deterministic gets its time with the command."""

import time


class SystemClock:
    """The machine's wall clock."""

    def now_ms(self) -> int:
        """Return the present time in Unix milliseconds."""
        return time.time_ns() // 1_000_000
