"""What is sent in one turn of the event loop leaves at its end: one system call per client, not per message."""

import asyncio
from typing import Protocol


class Sender(Protocol):
    """Somebody with something to send."""

    def flush(self) -> None:
        """Send it. Must not raise."""
        ...


class Turn:
    """Everybody of this process who has something to send."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._senders: list[Sender] = []

    def add(self, sender: Sender) -> None:
        """Flush somebody when what is under way in this turn of the loop is done. Once a turn is enough."""
        if not self._senders:
            asyncio.get_running_loop().call_soon(self._end)
        self._senders.append(sender)

    def _end(self) -> None:
        senders, self._senders = self._senders, []
        for sender in senders:
            sender.flush()
