"""The synced mark: a small file that says how far the journal is durable.

Overwritten in place after every sync of the journal, never synced itself: it may lag behind after a
power cut, but it never runs ahead of what is durable. Followers in other processes read up to it, so
they never see a command that a power cut could still take away.
"""

import os
from pathlib import Path
from typing import Final

from cse.adapters.journal.format import MARK, Mark, decode_mark

NAME: Final = "synced"
_TRIES: Final = 100


def read_mark(folder: Path) -> Mark | None:
    """Return the mark; None when there is none, or none that can be believed."""
    try:
        fd = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        for _ in range(_TRIES):  # again where it was read while being written
            if mark := decode_mark(os.pread(fd, MARK.size, 0)):
                return mark
        return None
    finally:
        os.close(fd)
