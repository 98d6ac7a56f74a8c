"""The data directory: made private, and held by one process per role."""

import fcntl
import os
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Self

from cse.entrypoints.exits import CannotStart

_STEP_S = 0.05

ENGINE_LOCK = "lock"
"""Held by whoever writes the journal (adapters.journal)."""


def prepare_data_dir(data_dir: Path) -> Path:
    """Make the directory, readable by its owner only, and return it as an absolute path.

    Raises:
        CannotStart: it cannot be made, or is no directory.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data_dir / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"the data directory {data_dir} cannot be used: {error.strerror}; choose another with --data-dir"
        ) from error
    return data_dir.absolute()


def refuse_if_in_use(data_dir: Path) -> None:
    """Return if no exchange runs on the directory; opening the journal takes the lock for good.

    Raises:
        CannotStart: one does; the message names its process id.
    """
    if pid := holder(data_dir / ENGINE_LOCK):
        raise CannotStart(
            f"the data directory {data_dir} is in use by another exchange (process {pid}). Stop that one"
            " first, or choose another directory with --data-dir."
        )


class RoleLock(AbstractContextManager["RoleLock"]):
    """The right to be the only process of a role ("projector") on a data directory.

    The kernel takes it back when the process ends, however it ends.
    """

    def __init__(self, data_dir: Path, role: str) -> None:
        """Name the lock; entering takes it."""
        self.path = data_dir / f"{role}.lock"
        self._role = role
        self._file: IO[str] | None = None

    def acquire(self, wait_s: float = 0.2) -> Self:
        """Take the lock, waiting up to `wait_s` for a predecessor that is ending.

        Raises:
            CannotStart: another process holds it; the message names its process id.
        """
        file = self.path.open("a+")
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    file.close()
                    raise CannotStart(self._complaint()) from None
                time.sleep(_STEP_S)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return self

    def __enter__(self) -> Self:
        return self if self._file else self.acquire()

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _complaint(self) -> str:
        return (
            f"the data directory {self.path.parent} is in use: process {holder(self.path) or '(unknown)'} is"
            f" its {self._role}. Stop that one first, or choose another directory with --data-dir."
        )


def holder(lock_file: Path) -> int | None:
    """Return the process id that holds a lock file, None when nobody does."""
    try:
        with lock_file.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read().strip()
                return int(text) if text.isdigit() else None
    except OSError:
        return None
    return None
