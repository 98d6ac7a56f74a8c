"""One exchange per data directory: an advisory lock that the kernel lets go when its holder dies."""

import fcntl
import os
from pathlib import Path

from cse.sequencer.ports import JournalLocked


class DirectoryLock:
    """Holds `<folder>/lock` from construction to `close`, whichever way the process ends."""

    def __init__(self, folder: Path, holders: str = "exchange") -> None:
        """Take the lock; the folder is made if need be. `holders` says who else could hold it.

        Raises:
            JournalLocked: somebody else holds it; the message names their process id.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = (
                os.pread(self._fd, 20, 0).decode("ascii", errors="replace").strip() or "unknown"
            )
            os.close(self._fd)
            raise JournalLocked(
                f"{folder} is in use by another {holders} (process {holder});"
                " stop that one first, or choose another data directory"
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Let go; harmless twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
