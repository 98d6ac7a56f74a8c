"""A disk that forgets what was not synced, as a power cut makes it do: seeded, in one process."""

import os
import random
from pathlib import Path

from cse.adapters.journal.disk import Disk

SECTOR = 512


class ForgetfulDisk(Disk):
    """The real disk, remembering for each file and name what is durable and what is only on its way."""

    def __init__(self) -> None:
        self.durable: dict[Path, bytes] = {}
        """Content as of the last sync, for files whose name is durable."""
        self._synced: dict[int, bytes] = {}
        """Content as of the last sync, by inode."""
        self._versions: dict[int, list[bytes]] = {}
        """Contents since the last sync, by inode."""

    def write(self, fd: int, data: bytes) -> None:
        super().write(fd, data)
        self._note(fd)

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        super().write_at(fd, data, offset)
        self._note(fd)

    def truncate(self, fd: int, size: int) -> None:
        super().truncate(fd, size)
        self._note(fd)

    def sync(self, fd: int) -> None:
        super().sync(fd)
        inode = os.fstat(fd).st_ino
        self._synced[inode] = _content(fd)
        self._versions[inode] = []

    def _note(self, fd: int) -> None:
        self._versions.setdefault(os.fstat(fd).st_ino, []).append(_content(fd))

    def cut(self, folder: Path, into: Path, chance: random.Random, *, ordered: bool) -> bool:
        """Write what the disk holds after a power cut. `ordered`: a file is never longer than what was
        written of it; else it may have its length, and zeros for sectors that were not written.

        Returns whether such zeros were left that no whole sector shows.
        """
        into.mkdir()
        unclear = False
        for path in folder.iterdir():
            inode = path.stat().st_ino
            synced = self._synced.get(inode, b"")
            pending = self._versions.get(inode, [])
            newest = chance.choice([synced, *pending])
            if ordered or newest[: len(synced)] != synced:
                grown = chance.randrange(len(newest) + 1)
                newest = newest[: max(grown, len(synced))] if len(newest) > len(synced) else newest
            else:
                newest, hidden = _lose_sectors(newest, len(synced), chance)
                unclear = unclear or hidden
            (into / path.name).write_bytes(newest)
        return unclear


def _content(fd: int) -> bytes:
    return Path(f"/proc/self/fd/{fd}").read_bytes()


def _lose_sectors(content: bytes, begin: int, chance: random.Random) -> tuple[bytes, bool]:
    """Zero some sectors of what lies behind `begin`; whether that shows nowhere as a whole sector."""
    result = bytearray(content)
    lost = whole = False
    for at in range(begin - begin % SECTOR, len(content), SECTOR):
        if chance.random() < 0.4:
            first, last = max(at, begin), min(at + SECTOR, len(content))
            lost = lost or any(result[first:last])
            whole = whole or last - first == SECTOR
            result[first:last] = bytes(last - first)
    return bytes(result), lost and not whole and any(result[begin:])
