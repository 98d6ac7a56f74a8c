"""What is to be done, in order: messages to send, with the answers that are awaited, and events to tell."""

from typing import Any, Final, NamedTuple

Action = dict[str, Any]
"""`do` says what: connect, send (`message`), close (`reason`), token, tell (`event`)."""
Event = dict[str, Any]
"""`type` says what: connection, channel, data, ended. sdk/README.md lists their fields."""


class Request(NamedTuple):
    """A message that an answer is awaited to."""

    op: str
    channels: tuple[str, ...]
    sent_ms: int


class Outbox:
    """Actions that wait for the transport, and requests that wait for the exchange."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._actions: list[Action] = []
        self._requests: Final[dict[int, Request]] = {}
        self._next_id = 0

    def do(self, what: str, **fields: Any) -> None:
        """Add an action."""
        self._actions.append({"do": what, **fields})

    def tell(self, kind: str, **fields: Any) -> None:
        """Add an event for the application."""
        self.do("tell", event={"type": kind, **fields})

    def send(self, op: str, channels: list[str], now_ms: int, **fields: Any) -> None:
        """Add a message; fields that are None are left out."""
        self._next_id += 1
        self._requests[self._next_id] = Request(op, tuple(channels), now_ms)
        message: dict[str, Any] = {"op": op, "id": self._next_id}
        if op == "resync":
            message["channel"] = channels[0]
        elif channels:
            message["channels"] = channels
        message |= {name: value for name, value in fields.items() if value is not None}
        self.do("send", message=message)

    def drain(self) -> list[Action]:
        """Return what is to be done, in this order, and forget it."""
        actions, self._actions = self._actions, []
        return actions

    def answered(self, number: Any) -> Request | None:
        """Return the request that an answer is to; None: there is none."""
        return self._requests.pop(number, None) if isinstance(number, int) else None

    @property
    def oldest(self) -> Request | None:
        """The request that waits for the longest."""
        return next(iter(self._requests.values()), None)

    def disconnected(self) -> None:
        """Await no answer any more."""
        self._requests.clear()
