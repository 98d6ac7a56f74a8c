"""The key ring in a file of the data directory, readable by its owner only."""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cse.users.errors import DamagedKeys

_MAX_BYTES = 1_000_000


class FileKeyStore:
    """Changes happen under a lock, into a new file that takes the old one's place."""

    def __init__(self, path: Path) -> None:
        """`path`'s folder must exist."""
        self._path = path

    def load_or_create(self, create: Callable[[], bytes]) -> bytes:
        try:
            return self._read()
        except FileNotFoundError:
            with self._locked():
                if not self._path.exists():
                    self._write(create())
            return self._read()

    def replace(self, change: Callable[[bytes], bytes]) -> None:
        with self._locked():
            try:
                self._write(change(self._read()))
            except FileNotFoundError as error:
                raise DamagedKeys(f"there is no key ring at {self._path}") from error

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if mode & (stat.S_IRWXG | stat.S_IRWXO):
                    raise DamagedKeys(
                        f"{self._path} may be read by others than its owner: chmod 600 it, and rotate"
                        " its keys if it was so for long"
                    )
                return file.read(_MAX_BYTES)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise DamagedKeys(f"{self._path} cannot be read: {error.strerror}") from error

    def _write(self, data: bytes) -> None:
        new = self._path.with_name(self._path.name + ".new")
        new.unlink(missing_ok=True)  # left by a crash; we hold the lock
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(
            self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
