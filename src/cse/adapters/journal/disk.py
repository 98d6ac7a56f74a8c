"""The few things a journal does to a disk, in one place, so that tests can make any of them fail."""

import os
from pathlib import Path

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class Disk:
    """The real disk. Every method raises OSError when the system refuses."""

    def create(self, path: Path) -> int:
        """Create a file that must not exist, readable by its owner alone; return its descriptor."""
        return os.open(path, _NEW_FILE, 0o600)

    def write(self, fd: int, data: bytes) -> None:
        """Write all of the data at the descriptor's place."""
        written = os.write(fd, data)
        while written < len(data):  # a full disk takes a part first and says so on the next call
            written += os.write(fd, data[written:])

    def sync(self, fd: int) -> None:
        """Return once what was written to the file has reached the device."""
        os.fdatasync(fd)

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        """Overwrite a few bytes at a fixed place."""
        if os.pwrite(fd, data, offset) != len(data):
            raise OSError("short write")

    def truncate(self, fd: int, size: int) -> None:
        """Cut a file."""
        os.ftruncate(fd, size)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its final name, at once or not at all."""
        source.rename(target)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def sync_folder(self, folder: Path) -> None:
        """Return once the names in a folder have reached the device."""
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
