"""The shape of a clock. Real ones live at the edge; nothing deterministic ever holds one."""

from typing import Protocol


class Clock(Protocol):
    """Wall-clock time in Unix milliseconds."""

    def now_ms(self) -> int:
        """Return the present time in Unix milliseconds; may step backwards, as wall clocks do."""
        ...
