"""What a process costs: the CPU time that it has used so far, from /proc."""

import os
from pathlib import Path
from typing import NamedTuple

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""Where `stat` has them, counted behind the name, which may hold blanks and brackets (proc(5))."""


class CpuTime(NamedTuple):
    """Seconds of CPU, of all of a process's threads; in steps of the kernel's clock tick (10 ms)."""

    user: float
    system: float

    def per(self, count: int) -> str:
        """Say what each of `count` requests took."""
        user, system = (each / count * 1e6 for each in self)
        return f"{user + system:.0f} us ({user:.0f} user, {system:.0f} kernel)"


def cpu_time(pid: int) -> CpuTime:
    """Return what a process has used up to now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return CpuTime(int(fields[_USER]) / _TICKS_PER_S, int(fields[_SYSTEM]) / _TICKS_PER_S)


def used_since(before: CpuTime, pid: int) -> CpuTime:
    """Return what it has used since."""
    now = cpu_time(pid)
    return CpuTime(now.user - before.user, now.system - before.system)
