"""What `cse journal dump` and `cse journal replay` do; verifying is the journal's own (`verify`)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Final

import msgspec

from cse.engine.backend import Choice, new_engine
from cse.messages.codec import Frame
from cse.messages.wire import Message
from cse.sequencer.ports import JournalEnded, JournalReader, SnapshotStore
from cse.sequencer.recovery import Progress, load_base, replay

_CHUNK: Final = 1_000


class Replayed(msgspec.Struct, frozen=True):
    """What a replay came to."""

    sequence: int
    state_hash: str
    """Hexadecimal."""
    began_with: int
    """The snapshot that it began with; 0: none."""
    replayed: int
    bad_snapshots: tuple[str, ...] = ()


def commands_between(reader: JournalReader, first: int, last: int | None) -> Iterator[Frame]:
    """Yield the durable commands `first` to `last` (None: to the end), both included.

    Raises:
        JournalError: there is no journal.
        JournalEnded: there is no command `first` - 1 to begin behind.
        JournalDamaged: one cannot be read.
    """
    _ = reader.venue_id  # a journal that is not there is no empty one
    tail = reader.tail(max(first, 1) - 1)
    try:
        while frames := tail.take(_CHUNK):
            for frame in frames:
                if last is not None and frame.sequence > last:
                    return
                yield frame
    finally:
        tail.close()


def dump(
    reader: JournalReader, *, first: int = 1, last: int | None = None, as_json: bool = False
) -> Iterator[str]:
    """Yield a line for each of these commands: for people, or as one JSON object each.

    Raises:
        JournalEnded, JournalDamaged: as `commands_between`.
    """
    write = _json_line if as_json else _text_line
    for frame in commands_between(reader, first, last):
        yield write(frame)


def replay_journal(
    reader: JournalReader,
    *,
    snapshots: SnapshotStore | None = None,
    until: int | None = None,
    every: int = 0,
    on_hash: Callable[[int, str], None] | None = None,
    progress: Progress | None = None,
    choice: Choice = "auto",
) -> Replayed:
    """Replay a journal into a fresh engine and return the state hash at the end.

    With `snapshots` it begins with the newest good one, else with the first command. `on_hash` gets
    sequence and state hash (hexadecimal) after every `every` commands.

    Raises:
        JournalError: there is no journal.
        JournalEnded: there is no command `until`.
        JournalDamaged: one cannot be read.
        EngineUnusable: the native engine is of another version, or demanded and not there.
    """
    _ = reader.venue_id  # a journal that is not there is no empty one
    last = reader.synced_sequence()
    target = last if until is None else until
    if target > last:
        raise JournalEnded(f"the journal ends with command {last}; {target} was asked for")
    engine, bad = new_engine(choice), list[str]()
    if snapshots:
        engine, bad = load_base(reader, snapshots, target, choice=choice)
    began_with = engine.sequence
    while engine.sequence < target:
        step = (
            target if not every else min(target, engine.sequence + every - engine.sequence % every)
        )
        replay(reader, engine, step, progress)
        if every and on_hash is not None and engine.sequence % every == 0:
            on_hash(engine.sequence, engine.state_hash().hex())
    state_hash = engine.state_hash().hex()
    return Replayed(
        engine.sequence, state_hash, began_with, engine.sequence - began_with, tuple(bad)
    )


def _json_line(frame: Frame) -> str:
    return msgspec.json.encode(
        {
            "sequence": frame.sequence,
            "time": frame.time_ms,
            "command": type(frame.message).__name__,
            **_fields(frame.message),
        }
    ).decode()


def _text_line(frame: Frame) -> str:
    time = datetime.fromtimestamp(frame.time_ms / 1_000, UTC)
    stamp = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = " ".join(f"{name}={value}" for name, value in _fields(frame.message).items())
    return f"{frame.sequence} {stamp} {type(frame.message).__name__} {fields}".rstrip()


def _fields(message: Message) -> dict[str, object]:
    return {name: _plain(value) for name, value in msgspec.structs.asdict(message).items()}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.name.lower()
    return value.hex() if isinstance(value, bytes) else value
