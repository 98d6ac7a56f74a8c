"""Where the order operations of WebSocket connections go: this gateway's order entry, or another gateway."""

from typing import Protocol

import msgspec

from cse.gateway.order_entry import Answer
from cse.gateway.ws.requests import Request


class Peer(msgspec.Struct, frozen=True):
    """Who is on the other end of a connection, as its handshake told."""

    session_id: str
    """Of the connection: its request ids begin with it."""
    bucket: str
    """What its address is limited by: an IPv4 address, an IPv6 /64."""
    client_ip: str | None
    """Its own address; None on a Unix socket."""
    cancel_on_disconnect: bool


class Caller(msgspec.Struct, frozen=True):
    """Who asks for an operation, checked a moment ago."""

    account_id: int
    authorization: str
    """The header that proves it: `Bearer ...`; empty for an API key."""
    key_id: str = ""
    """The API key that it logged in with."""


class OrderSession(Protocol):
    """The order operations of one connection."""

    async def run(self, request: Request, caller: Caller, request_id: str) -> Answer:
        """Do one operation (its name is one of ORDER_OPS) and return what REST answers.

        Several may run at once; they are handed to the engine in the order in which they were begun.

        Raises:
            ApiProblem: refused, by us or the engine.
            Unavailable: nothing was accepted.
            OutcomeUnknown: it may or may not have been done.
        """
        ...

    async def close(self) -> None:
        """The connection is gone and nothing of it runs any more: cancel its orders if it asked for that."""
        ...


class OrderDoor(Protocol):
    """Makes the order sessions of connections."""

    def session(self, peer: Peer) -> OrderSession:
        """Return the order session of a connection, made when it first asks for an order operation."""
        ...
