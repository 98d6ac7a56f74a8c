"""One client, put together: its connection, its session, and when it was last heard."""

from typing import Final

from cse.gateway.ws.connection import Connection
from cse.gateway.ws.session import Session
from cse.gateway.ws.wire import Wire


class Client:
    """One WebSocket, as the server keeps it; its wire tells it what comes in."""

    __slots__ = ("connection", "heard_ms", "pinged_ms", "session", "spoke_ms", "wire")

    def __init__(self, wire: Wire, connection: Connection, session: Session, now_ms: int) -> None:
        """Begin as just heard."""
        self.wire: Final = wire
        self.connection: Final = connection
        self.session: Final = session
        self.heard_ms = now_ms
        """When anything came from it, a pong included."""
        self.spoke_ms = now_ms
        """When a message came from it."""
        self.pinged_ms = 0
        """When it was asked whether it is there; 0: it was not asked since it was heard."""
