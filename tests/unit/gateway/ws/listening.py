"""A subscriber that keeps what it gets, and time that a test moves by hand."""

from collections.abc import Callable

from cse.gateway.ws.channel import Channel
from cse.gateway.ws.channels.gathering import Schedule
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Data


class Listener:
    """Takes updates and openings alike; wants the opening before the updates."""

    def __init__(self) -> None:
        self.messages: list[Data] = []
        self.outgoing: list[Outgoing] = []
        self.ended: list[tuple[str, str]] = []
        """Channel and code of the subscriptions that the server ended."""

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        self.push(outgoing)

    def push(self, outgoing: Outgoing) -> None:
        assert isinstance(outgoing.message, Data)
        self.outgoing.append(outgoing)
        self.messages.append(outgoing.message)

    def reopen(self, channel: Channel) -> None:
        assert channel.open(self, None), "what it lacked has come"

    def end(self, channel: Channel, code: str, detail: str) -> None:
        self.ended.append((channel.name, code))


class HandSchedule(Schedule):
    """Nothing happens before the test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []
        self.paced: list[tuple[int, Callable[[], None]]] = []

    def soon(self, call: Callable[[], None]) -> None:
        self.due.append(call)

    def later(self, delay_ms: int, call: Callable[[], None]) -> None:
        self.paced.append((delay_ms, call))

    def turn(self) -> int:
        """End this turn of the loop; returns how many calls were waiting for it."""
        due, self.due = self.due, []
        for call in due:
            call()
        return len(due)

    def beat(self, up_to_ms: int = 1_000) -> int:
        """Let paces up to this pass; returns how many calls were waiting for them."""
        ready = [each for each in self.paced if each[0] <= up_to_ms]
        self.paced = [each for each in self.paced if each[0] > up_to_ms]
        for _, call in ready:
            call()
        return len(ready)
