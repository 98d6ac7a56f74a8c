"""What the sequencer moves: sealed commands and what came of them, as frames and as objects.

Whoever sends frames and reads frames pays for no object; the other form is made when it is first asked for.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Self, cast, overload

from cse.messages.codec import decode_frames, decode_own, encode_frame
from cse.messages.events import Applied
from cse.messages.wire import Command, Event

INDEX_MASK: Final = 0xFFFF
"""An event's index in its frame has 16 bits; a command that closes many orders has more events."""


class Sealed:
    """Commands that were handed in together and have their consecutive sequences and their time."""

    __slots__ = ("_commands", "_frames", "count", "first_sequence", "time_ms")

    def __init__(
        self,
        first_sequence: int,
        time_ms: int,
        count: int,
        *,
        frames: bytes | None = None,
        commands: Sequence[Command] | None = None,
    ) -> None:
        """Take `count` commands, as sealed frames, as objects or as both."""
        self.first_sequence: Final = first_sequence
        self.time_ms: Final = time_ms
        self.count: Final = count
        self._frames = frames
        self._commands = commands

    @property
    def frames(self) -> bytes:
        """The commands as frames."""
        if self._frames is None:
            assert self._commands is not None, "commands came as one or the other"
            self._frames = b"".join(
                encode_frame(command, sequence, self.time_ms)
                for sequence, command in enumerate(self._commands, self.first_sequence)
            )
        return self._frames

    @property
    def commands(self) -> Sequence[Command]:
        """The commands as objects."""
        if self._commands is None:
            self._commands = [cast("Command", f.message) for f in decode_frames(self.frames)]
        return self._commands


class Outcome(Sequence[Applied]):
    """What came of commands that were handed in together."""

    __slots__ = ("_events", "_items", "sealed")

    def __init__(
        self, sealed: Sealed, *, events: bytes | None = None, items: list[Applied] | None = None
    ) -> None:
        """Take what the engine gave: event frames, or objects, one per command."""
        assert events is not None or items is not None, "something came of it"
        self.sealed: Final = sealed
        self._events = events
        self._items = items

    @classmethod
    def of(cls, items: Sequence[Applied]) -> Self:
        """Return the outcome of commands that follow one another and have one time."""
        first = items[0]
        commands = [item.command for item in items]
        sealed = Sealed(first.sequence, first.time_ms, len(items), commands=commands)
        return cls(sealed, items=list(items))

    @property
    def first_sequence(self) -> int:
        """The sequence of the first of the commands."""
        return self.sealed.first_sequence

    @property
    def time_ms(self) -> int:
        """The time of all of them, in Unix milliseconds."""
        return self.sealed.time_ms

    @property
    def events(self) -> bytes:
        """The event frames of all the commands, in order; their headers say whose they are."""
        if self._events is None:
            assert self._items is not None
            self._events = b"".join(
                encode_frame(event, item.sequence, item.time_ms, index & INDEX_MASK)
                for item in self._items
                for index, event in enumerate(item.events)
            )
        return self._events

    @property
    def items(self) -> list[Applied]:
        """The same as objects, one per command."""
        if self._items is None:
            assert self._events is not None
            first, time_ms = self.sealed.first_sequence, self.sealed.time_ms
            items = [
                Applied(sequence, time_ms, command, [])
                for sequence, command in enumerate(self.sealed.commands, first)
            ]
            for sequence, event in decode_own(self._events):
                items[sequence - first].events.append(cast("Event", event))
            self._items = items
        return self._items

    def __len__(self) -> int:
        return self.sealed.count

    def __iter__(self) -> Iterator[Applied]:
        return iter(self.items)

    @overload
    def __getitem__(self, at: int, /) -> Applied: ...
    @overload
    def __getitem__(self, at: slice, /) -> list[Applied]: ...
    def __getitem__(self, at: int | slice, /) -> Applied | list[Applied]:
        return self.items[at]


class AppliedBatch(Sequence[Applied]):
    """Everything that one sync made durable, applied: what listeners get. Never empty."""

    __slots__ = ("_items", "outcomes")

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        """Take outcomes that follow one another without a gap."""
        self.outcomes: Final = outcomes
        self._items: list[Applied] | None = None

    @classmethod
    def of(cls, items: Sequence[Applied]) -> Self:
        """Return a batch of objects that follow one another, as if they had been handed in together."""
        return cls([Outcome.of(items)])

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command in it."""
        last = self.outcomes[-1]
        return last.first_sequence + len(last) - 1

    @property
    def items(self) -> list[Applied]:
        """All of it as objects; decoded once, for all listeners."""
        if self._items is None:
            self._items = [item for outcome in self.outcomes for item in outcome.items]
        return self._items

    def __len__(self) -> int:
        return sum(map(len, self.outcomes))

    def __iter__(self) -> Iterator[Applied]:
        return iter(self.items)

    @overload
    def __getitem__(self, at: int, /) -> Applied: ...
    @overload
    def __getitem__(self, at: slice, /) -> list[Applied]: ...
    def __getitem__(self, at: int | slice, /) -> Applied | list[Applied]:
        return self.items[at]


def applied_of(frames: bytes, events: bytes) -> list[Applied]:
    """Return commands of any times with their events as objects; both given as frames, in order."""
    items = [
        Applied(frame.sequence, frame.time_ms, cast("Command", frame.message), [])
        for frame in decode_frames(frames)
    ]
    first = items[0].sequence if items else 0
    for frame in decode_frames(events):
        items[frame.sequence - first].events.append(cast("Event", frame.message))
    return items
