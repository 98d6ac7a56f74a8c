"""When each command was applied, shared between processes: the clock is the machine's own, monotonic ns."""

import mmap
from pathlib import Path
from typing import Final

COMMANDS: Final = 4_000_000
_BYTES: Final = 8


def open_stamps(path: str) -> memoryview:
    """Return the table by sequence number; the file is made if it is not there."""
    file = Path(path)
    if not file.exists():
        with file.open("wb") as made:
            made.truncate(COMMANDS * _BYTES)
    with file.open("r+b") as opened:
        return memoryview(mmap.mmap(opened.fileno(), COMMANDS * _BYTES)).cast("q")
