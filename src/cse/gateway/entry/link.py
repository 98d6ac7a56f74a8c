"""What a connection is made of, whichever transport carries it."""

from typing import Protocol


class Link(Protocol):
    """The bytes of one connection, both ways."""

    @property
    def address(self) -> str:
        """Whom limits of an address count for; empty: nobody in particular (a Unix socket)."""
        ...

    @property
    def client_ip(self) -> str | None:
        """The client's IP address, for keys that are bound to some; None: a Unix socket."""
        ...

    def write(self, data: bytes) -> None:
        """Send, as fast as the client reads."""
        ...

    def unsent(self) -> int:
        """Return how many bytes wait to be read by the client."""
        ...

    def pause_reading(self) -> None:
        """Take nothing more from the client for now."""
        ...

    def resume_reading(self) -> None:
        """Go on taking."""
        ...

    def close(self) -> None:
        """End the connection when everything is sent."""
        ...

    def abort(self) -> None:
        """End it at once."""
        ...
