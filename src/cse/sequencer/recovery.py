"""Brings an engine to where the journal stands: newest good snapshot, then replay of what came after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
import structlog

from cse.core.errors import CodecError
from cse.engine.backend import Choice, Engine, new_engine, restore_engine
from cse.sequencer.ports import (
    JournalEnded,
    JournalReader,
    Snapshot,
    SnapshotDamaged,
    SnapshotStore,
)

Progress = Callable[[int, int], None]
"""Called now and then with the sequence reached and the one to be reached."""

_CHUNK: Final = 8_192
_log = structlog.get_logger(__name__)


class Recovery(msgspec.Struct, frozen=True):
    """What was done to bring an engine up to date."""

    engine: Engine
    snapshot_sequence: int
    """Which snapshot it began with; 0: none, from the first command on."""
    replayed: int
    """Commands applied after it."""
    bad_snapshots: tuple[str, ...]
    """Newer snapshots that could not be used, each with the reason."""


def recover(
    journal: JournalReader,
    snapshots: SnapshotStore,
    *,
    until: int | None = None,
    progress: Progress | None = None,
    choice: Choice = "auto",
) -> Recovery:
    """Return an engine of this choice that stands after command `until` (None: after the last durable one).

    Raises:
        EngineUnusable: the native engine is of another version, or demanded and not there.
        JournalDamaged: a command cannot be read.
        JournalEnded: the journal ends before `until`, or before what a snapshot proves was in it.
    """
    last = journal.synced_sequence()
    target = last if until is None else until
    if target > last:
        raise JournalEnded(f"the journal ends with command {last}; {target} was asked for")
    engine, bad = load_base(journal, snapshots, target, beyond=until is None, choice=choice)
    begun_at = engine.sequence
    replay(journal, engine, target, progress)
    return Recovery(engine, begun_at, target - begun_at, tuple(bad))


def replay(
    journal: JournalReader, engine: Engine, target: int, progress: Progress | None = None
) -> None:
    """Apply to the engine what comes after where it stands, up to and with command `target`."""
    tail = journal.tail(engine.sequence)
    try:
        while engine.sequence < target:
            frames = tail.take_frames(min(_CHUNK, target - engine.sequence))
            with named_damage(journal, engine.sequence):
                engine.replay(frames)
            if progress is not None:
                progress(engine.sequence, target)
    finally:
        tail.close()


@contextmanager
def named_damage(journal: JournalReader, after: int) -> Iterator[None]:
    """Where an engine finds frames behind command `after` to be no commands, say which, in what file and where.

    Raises:
        JournalDamaged: instead of the engine's CodecError.
    """
    try:
        yield
    except CodecError:
        tail = journal.tail(after)
        try:
            while tail.take(_CHUNK):  # decodes each, and names the file and place of the bad one
                continue
        finally:
            tail.close()
        raise


def load_base(
    journal: JournalReader,
    snapshots: SnapshotStore,
    target: int,
    *,
    beyond: bool = False,
    choice: Choice = "auto",
) -> tuple[Engine, list[str]]:
    """Return the engine of the newest good snapshot at or before `target`, else a new one; and why newer
    ones were passed over. `beyond`: a good one behind the target proves that the journal was longer.
    """
    bad: list[str] = []
    for sequence in snapshots.sequences():
        if sequence > target and not beyond:
            continue
        try:
            engine = load_engine(snapshots.load(sequence), journal.venue_id, choice)
        except SnapshotDamaged as error:
            _log.error("snapshot_refused", sequence=sequence, reason=str(error))
            bad.append(str(error))
            continue
        if sequence > target:
            raise JournalEnded(
                f"the journal ends with command {target}, but there is a good snapshot of the state"
                f" after command {sequence}: the end of the journal is missing"
            )
        return engine, bad
    return new_engine(choice), bad


def load_engine(snapshot: Snapshot, venue_id: bytes, choice: Choice = "auto") -> Engine:
    """Return the engine whose state a snapshot holds, compared with the hash taken when it was made.

    Raises:
        SnapshotDamaged: it is of another venue, does not decode, or hashes to something else.
    """
    name = f"snapshot {snapshot.sequence}"
    if snapshot.venue_id != venue_id:
        raise SnapshotDamaged(f"{name} belongs to another venue")
    try:
        engine = restore_engine(snapshot.records, choice)
    except CodecError as error:
        raise SnapshotDamaged(f"{name}: {error}") from error
    if engine.sequence != snapshot.sequence or engine.state_hash() != snapshot.state_hash:
        raise SnapshotDamaged(f"{name}: its records do not add up to its state hash")
    return engine
