"""The listening sockets of binary order entry, taken before anything slow begins."""

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from cse.adapters.queue.address import UnixAddress
from cse.adapters.queue.server import bind_unix
from cse.entrypoints.exits import CannotStart
from cse.entrypoints.listen import listen
from cse.gateway.entry.desk import Desk
from cse.gateway.entry.tcp import StreamServer
from cse.settings import Settings

OFFSET: Final = 100
"""Without a port of its own, order entry is looked for this far above HTTP."""


def bind_entry(settings: Settings) -> list[socket.socket]:
    """Return the sockets that the settings name: a TCP port, perhaps a Unix socket; none if it is off.

    Raises:
        CannotStart: a port or path that was asked for cannot be had.
    """
    entry = settings.entry
    if not entry.enabled:
        return []
    bound = [_tcp(settings)]
    if entry.socket:
        try:
            bound.append(bind_unix(UnixAddress(Path(entry.socket))))
        except OSError as error:
            bound[0].close()
            raise CannotStart(f"entry.socket {entry.socket}: {error.strerror}") from error
    return bound


def _tcp(settings: Settings) -> socket.socket:
    host, port = settings.entry.host, settings.entry.port
    if port:
        try:
            return listen(host, port)
        except CannotStart as error:
            raise CannotStart(f"entry.port (CSE_ENTRY_PORT): {error}") from error
    beside = settings.http.port + OFFSET if settings.http.port else 0
    try:
        return listen(host, beside if beside <= 65_535 else 0)
    except CannotStart:
        if not beside:
            raise
        return listen(host, 0)


def entry_addresses(bound: Sequence[socket.socket]) -> list[str]:
    """Return what a client connects to: `tcp:host:port` and `unix:/path`."""
    found = []
    for each in bound:
        name = each.getsockname()
        found.append(f"unix:{name}" if each.family == socket.AF_UNIX else f"tcp:{_host(name)}")
    return found


def _host(name: tuple[str, int]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@asynccontextmanager
async def listening(desk: Desk, bound: Sequence[socket.socket]) -> AsyncIterator[StreamServer]:
    """Take clients on these sockets while the context is open. Unix sockets' files go with it."""
    server = StreamServer(desk)
    files = [Path(each.getsockname()) for each in bound if each.family == socket.AF_UNIX]
    try:
        for each in bound:
            each.listen()
            await server.listen(each)
        yield server
    finally:
        await server.close()
        for file in files:
            file.unlink(missing_ok=True)
