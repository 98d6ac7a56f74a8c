"""What the WebSocket server needs of a connection's socket; the library that has it is an entry point's choice."""

from typing import Protocol


class Wire(Protocol):
    """One WebSocket's outgoing half. Nothing here waits; after `close` or `abort` all of it does nothing."""

    def write(self, frames: list[bytes]) -> None:
        """Send whole frames, after those before them, in one system call if the kernel takes them."""
        ...

    @property
    def waiting_bytes(self) -> int:
        """How much was written and has not been taken by the kernel."""
        ...

    def ping(self) -> None:
        """Ask whether somebody is there."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and cut the connection off when the client does not answer that in time."""
        ...

    def pause_reading(self) -> None:
        """Leave what the client sends in the kernel."""
        ...

    def resume_reading(self) -> None:
        """Read again."""
        ...
