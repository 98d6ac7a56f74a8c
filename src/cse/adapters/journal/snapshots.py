"""Snapshots in files: `<folder>/<sequence>.snap` (docs/reference/journal.md, "Snapshots")."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from google_crc32c import extend
from google_crc32c import value as crc32c

from cse.adapters.journal.disk import Disk
from cse.core.errors import CodecError
from cse.messages.framed import FramedRecords
from cse.sequencer.ports import Snapshot, SnapshotDamaged

SUFFIX: Final = ".snap"
_UNFINISHED: Final = ".new"
_MAGIC: Final = b"CSESNAP\n"
_END_MAGIC: Final = b"CSESNEND"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sHH16sQQI")
"""Magic, format version, header size, venue id, sequence, time in ms, CRC32C of all before it."""
_TRAILER: Final = struct.Struct("<8sQ32sII")
"""Magic, number of records, state hash, CRC32C of the file before the trailer, CRC32C of the trailer."""
_CHUNK: Final = 1 << 20


class _Ends(NamedTuple):
    """What header and trailer of a snapshot say."""

    venue_id: bytes
    sequence: int
    time_ms: int
    records: int
    state_hash: bytes
    file_crc: int
    frames_end: int


class FileSnapshots:
    """The SnapshotStore of a folder."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Use `folder`; it need not exist before something is saved."""
        self._folder = folder
        self._disk = disk or Disk()

    def path(self, sequence: int) -> Path:
        """Return the file of a snapshot."""
        return self._folder / f"{sequence:020d}{SUFFIX}"

    def sequences(self) -> list[int]:
        """All snapshots, newest first."""
        names = (path.stem for path in self._folder.glob(f"*{SUFFIX}"))
        return sorted((int(name) for name in names if name.isdigit()), reverse=True)

    def load(self, sequence: int) -> Snapshot:
        """Open one after its bytes were checked."""
        return self._open(self.path(sequence), sequence)

    def state_hash(self, sequence: int) -> bytes:
        """The state hash that a snapshot claims."""
        path = self.path(sequence)
        with _opened(path) as file:
            return _read_ends(file, path, sequence).state_hash

    def save(self, snapshot: Snapshot, check: Callable[[Snapshot], object]) -> str:
        """Write one under a temporary name, read it back for `check`, then give it its name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for leftover in self._folder.glob(f"*{_UNFINISHED}"):
            self._disk.remove(leftover)
        path = self.path(snapshot.sequence)
        unfinished = path.with_suffix(_UNFINISHED)
        fd = self._disk.create(unfinished)
        try:
            self._write(fd, snapshot)
            self._disk.sync(fd)
        finally:
            os.close(fd)
        check(self._open(unfinished, snapshot.sequence))
        self._disk.rename(unfinished, path)
        self._disk.sync_folder(self._folder)
        return str(path)

    def prune(self, keep: int) -> list[str]:
        """Remove all but the newest `keep` snapshots and return what was removed."""
        if keep < 2:
            raise ValueError("the newest snapshot and the one before it always stay")
        old = [self.path(sequence) for sequence in self.sequences()[keep:]]
        for path in old:
            self._disk.remove(path)
        return [str(path) for path in old]

    def _write(self, fd: int, snapshot: Snapshot) -> None:
        fields = (
            _MAGIC,
            _VERSION,
            _HEADER.size,
            snapshot.venue_id,
            snapshot.sequence,
            snapshot.time_ms,
        )
        header = _sealed(_HEADER.pack(*fields, 0))
        crc = extend(0, header)
        self._disk.write(fd, header)
        records = FramedRecords.of(snapshot.records)
        count = records.count()
        frames = memoryview(records.stamped(snapshot.sequence, snapshot.time_ms))
        for at in range(0, len(frames), _CHUNK):
            chunk = bytes(frames[at : at + _CHUNK])
            crc = extend(crc, chunk)
            self._disk.write(fd, chunk)
        trailer = _TRAILER.pack(_END_MAGIC, count, snapshot.state_hash, crc, 0)
        self._disk.write(fd, _sealed(trailer))

    def _open(self, path: Path, sequence: int) -> Snapshot:
        with _opened(path) as file:
            ends = _read_ends(file, path, sequence)
            file.seek(0)
            data = file.read(ends.frames_end)
        if crc32c(data) != ends.file_crc:
            raise SnapshotDamaged(f"{path}: its checksum is wrong")
        records = FramedRecords(data[_HEADER.size :])
        try:
            count = records.count()
        except CodecError as error:
            raise SnapshotDamaged(f"{path}: {error}") from error
        if count != ends.records:
            raise SnapshotDamaged(f"{path}: {count} records where {ends.records} should be")
        return Snapshot(ends.venue_id, sequence, ends.time_ms, ends.state_hash, records)


def _sealed(raw: bytes) -> bytes:
    """Return the bytes with their last four replaced by the CRC32C of all before them."""
    return raw[:-4] + struct.pack("<I", crc32c(raw[:-4]))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise SnapshotDamaged(f"{path}: {error.strerror}") from error


def _read_ends(file: BinaryIO, path: Path, sequence: int) -> _Ends:
    """Read header and trailer; both carry their own checksum."""
    header = file.read(_HEADER.size)
    frames_end = file.seek(0, os.SEEK_END) - _TRAILER.size
    if frames_end < _HEADER.size:
        raise SnapshotDamaged(f"{path}: the file is cut off")
    file.seek(frames_end)
    trailer = file.read(_TRAILER.size)
    if header != _sealed(header) or trailer != _sealed(trailer):
        raise SnapshotDamaged(f"{path}: the checksum of its header or trailer is wrong")
    magic, version, _, venue_id, own_sequence, time_ms, _ = _HEADER.unpack(header)
    end_magic, count, state_hash, file_crc, _ = _TRAILER.unpack(trailer)
    if (magic, version, end_magic) != (_MAGIC, _VERSION, _END_MAGIC):
        raise SnapshotDamaged(f"{path}: not a snapshot of format {_VERSION}")
    if own_sequence != sequence:
        raise SnapshotDamaged(f"{path}: it is of command {own_sequence}, not of {sequence}")
    return _Ends(venue_id, own_sequence, time_ms, count, state_hash, file_crc, frames_end)
