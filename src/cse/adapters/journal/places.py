"""Where a data directory keeps journal and snapshots, and how each is opened.

<data_dir>/lock         held by the one process that writes
<data_dir>/journal/     segments and the synced mark
<data_dir>/snapshots/   one file per snapshot
"""

from pathlib import Path

from cse.adapters.journal.lock import DirectoryLock
from cse.adapters.journal.reader import FileJournalReader
from cse.adapters.journal.snapshots import FileSnapshots
from cse.adapters.journal.strip import strip_records
from cse.adapters.journal.writer import SEGMENT_BYTES, FileJournal
from cse.engine.backend import Choice, native_module
from cse.sequencer.follower import Follower
from cse.sequencer.recovery import Progress
from cse.sequencer.snapshotting import Taken, take_snapshot


def open_journal(
    data_dir: Path, *, segment_bytes: int = SEGMENT_BYTES, choice: Choice = "auto"
) -> FileJournal:
    """Open a data directory's journal for writing, and lock the directory for as long as it is open.

    It is appended to natively where the engine is native.

    Raises:
        JournalLocked: another exchange runs on it; names its process.
        JournalDamaged: names file and offset; nothing was changed.
        EngineUnusable: as open_reader.
    """
    module = native_module(choice)
    native = None if module is None else module.JournalAppender
    lock = DirectoryLock(data_dir)
    try:
        return FileJournal(
            data_dir / "journal", segment_bytes=segment_bytes, lock=lock, native=native
        )
    except BaseException:
        lock.close()
        raise


def open_reader(data_dir: Path, choice: Choice = "auto") -> FileJournalReader:
    """Return a reader of a data directory's journal; needs no lock. Reads natively where the engine is native.

    Raises:
        EngineUnusable: the native engine is of another version, or demanded and not there.
    """
    module = native_module(choice)
    strip = strip_records if module is None else module.strip_records
    return FileJournalReader(data_dir / "journal", strip)


def open_snapshots(data_dir: Path) -> FileSnapshots:
    """Return a data directory's snapshots."""
    return FileSnapshots(data_dir / "snapshots")


def open_follower(data_dir: Path, position: int, choice: Choice = "auto") -> Follower:
    """Return a follower that hands out what comes after command `position`.

    Raises:
        EngineUnusable: as open_reader.
    """
    reader, snapshots = open_reader(data_dir, choice), open_snapshots(data_dir)
    return Follower(reader, snapshots, position, choice=choice)


def snapshot_data_dir(
    data_dir: Path, progress: Progress | None = None, choice: Choice = "auto"
) -> Taken:
    """Make a snapshot of a data directory's state now; one process at a time does.

    Raises:
        JournalLocked: another process is making one.
        JournalError: there is no journal; nothing is made there.
        JournalDamaged, SnapshotDamaged, OSError: as `take_snapshot`.
    """
    reader = open_reader(data_dir, choice)
    _ = reader.venue_id  # before a folder is made for the snapshots of nothing
    lock = DirectoryLock(data_dir / "snapshots", "snapshot process")
    try:
        return take_snapshot(reader, open_snapshots(data_dir), progress, choice)
    finally:
        lock.close()
