"""Order entry without sockets: a queue that a test answers by hand, links that keep what is written."""

from collections.abc import Iterable
from typing import Final

from cse.core.errors import CseError
from cse.messages import events as e
from cse.messages.batch import AppliedBatch, Outcome, Sealed
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.events import Applied
from cse.messages.frames import PythonFrames
from cse.messages.ports import Waiter
from cse.messages.session import SessionMessage
from cse.messages.wire import CloseReason, Command, Event
from cse.users.model import KeyPrincipal

ANN, BOB = 1001, 1002
NOW_MS: Final = 1_700_000_000_000


def owner(account_id: int, *scopes: str) -> KeyPrincipal:
    """Somebody with a key of this account."""
    return KeyPrincipal(f"{account_id:032x}", 1, account_id, frozenset(scopes or ("trade",)), None)


class HeldQueue:
    """A FrameQueue that answers when a test says so; `failure` is raised instead of taking."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[Command], Waiter]] = []
        self.failure: CseError | None = None
        self.sequence = 0

    def submit_frames(self, frames: bytes, waiter: Waiter) -> int:
        if self.failure is not None:
            raise self.failure
        commands = [frame.message for frame in decode_frames(frames)]
        assert all(isinstance(command, Command) for command in commands)
        self.taken.append((commands, waiter))  # type: ignore[arg-type]  # checked just above
        return PythonFrames().count_commands(frames)

    def outcome(self, commands: list[Command], events: Iterable[list[Event]]) -> Outcome:
        """What came of commands, under the next sequences."""
        first = self.sequence + 1
        self.sequence += len(commands)
        items = [
            Applied(first + n, NOW_MS, command, of)
            for n, (command, of) in enumerate(zip(commands, events, strict=True))
        ]
        frames = b"".join(encode_frame(item.command, item.sequence, NOW_MS) for item in items)
        return Outcome(Sealed(first, NOW_MS, len(items), frames=frames), items=items)


class KeptReader:
    """A connection that keeps the messages it is given."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.proceeded = 0
        self.ended: list[str] = []

    def send(self, data: bytes) -> None:
        self.data.append(data)

    def proceed(self) -> None:
        self.proceeded += 1

    def end(self, code: object, words: str) -> None:
        self.ended.append(f"{code}: {words}")

    def messages(self) -> list[tuple[SessionMessage, list[Event]]]:
        """What was sent: each message with the events behind it."""
        found = []
        for data in self.data:
            first, *rest = [frame.message for frame in decode_frames(data)]
            found.append((first, rest))
        return found  # type: ignore[return-value]  # session messages and events, as the server makes them


def batch(*outcomes: Outcome) -> AppliedBatch:
    """A batch as listeners get it."""
    return AppliedBatch(outcomes)


def closed(account_id: int, order_id: int) -> e.OrderClosed:
    """An order of this account is over."""
    return e.OrderClosed(order_id, account_id, 1, CloseReason.CANCELLED, 0, 0)
