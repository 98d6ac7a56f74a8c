"""What a session has sent, numbered, and kept for a client that comes back or asks again."""

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple


class Sent(NamedTuple):
    """One numbered message."""

    sequence: int
    data: bytes
    submit: int
    """The number of the Submit that it answers; 0: none."""


class ReplayBuffer:
    """The newest messages, bounded in bytes. Of one that is larger than all of it nothing is kept."""

    def __init__(self, max_bytes: int) -> None:
        """Begin empty; the first message will be number 1."""
        self._max_bytes: Final = max_bytes
        self._messages: Final[deque[Sent]] = deque()
        self._answers: Final[dict[int, Sent]] = {}
        self._bytes = 0
        self.last = 0
        """The number of the newest message."""

    @property
    def oldest(self) -> int:
        """The first number that can be sent again; one more than `last`: none."""
        return self._messages[0].sequence if self._messages else self.last + 1

    def add(self, data: bytes, submit: int) -> None:
        """Keep the next message, encoded with number `last` + 1."""
        self.last += 1
        sent = Sent(self.last, data, submit)
        self._messages.append(sent)
        self._bytes += len(data)
        if submit:
            self._answers[submit] = sent
        while self._bytes > self._max_bytes:
            gone = self._messages.popleft()
            self._bytes -= len(gone.data)
            self._answers.pop(gone.submit, None)

    def since(self, sequence: int) -> Iterator[bytes]:
        """Yield the messages from this number on; it must not lie before `oldest`."""
        return (sent.data for sent in list(self._messages) if sent.sequence >= sequence)

    def answer_to(self, submit: int) -> bytes | None:
        """Return what answered a Submit, None when it is not kept any more."""
        sent = self._answers.get(submit)
        return sent.data if sent else None
