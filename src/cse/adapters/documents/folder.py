"""Sealed documents as files of one folder of the data directory, readable by their owner only (port: DocumentFiles)."""

import heapq
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cse.core.errors import Unavailable

_NAME: Final = re.compile("[0-9a-f]{32}")
_UNFINISHED: Final = ".new"
_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


class DocumentFolder:
    """Files are written whole, synced, and only then there; names are ours, never a person's."""

    def __init__(self, folder: Path) -> None:
        """The folder is made with the first file."""
        self._folder = folder

    def write(self, name: str, sealed: bytes) -> None:
        path = self._path(name)
        new = path.with_suffix(_UNFINISHED)
        try:
            self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
            self._sync()
        except OSError as error:
            new.unlink(missing_ok=True)
            raise Unavailable(f"documents cannot be stored: {error.strerror}") from error

    def read(self, name: str) -> bytes:
        try:
            with self._path(name).open("rb") as file:
                return file.read()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise Unavailable(f"documents cannot be read: {error.strerror}") from error

    def delete(self, name: str) -> None:
        try:
            self._path(name).unlink(missing_ok=True)
            if self._folder.exists():
                self._sync()
        except OSError as error:
            raise Unavailable(f"documents cannot be deleted: {error.strerror}") from error

    def older_than(self, seconds: float, after: str, limit: int) -> Sequence[str]:
        before = time.time() - seconds
        try:
            with os.scandir(self._folder) as entries:
                old = (
                    entry.name
                    for entry in entries
                    if entry.name > after and _is_ours(entry.name) and _is_older(entry, before)
                )
                return heapq.nsmallest(limit, old)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable(f"documents cannot be listed: {error.strerror}") from error

    def _path(self, name: str) -> Path:
        if not _is_ours(name):
            raise ValueError("no name of a document")
        return self._folder / name

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _is_ours(name: str) -> bool:
    return _NAME.fullmatch(name.removesuffix(_UNFINISHED)) is not None


def _is_older(entry: os.DirEntry[str], before: float) -> bool:
    try:
        return entry.stat(follow_symlinks=False).st_mtime < before
    except FileNotFoundError:
        return False
