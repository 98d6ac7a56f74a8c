"""Connections to checked addresses: a name is looked up once, and the connection is made to what was checked.

Whoever controls a name can let it mean a public address while it is checked and a private one when it is connected to
(DNS rebinding). Here there is no second look-up: the socket gets the address. A name that has but one address
that is refused is refused whole.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import httpcore

from cse.adapters.outgoing.addresses import why_refused
from cse.adapters.outgoing.errors import TargetRefused

MAX_ADDRESSES: Final = 8
"""Addresses of one name that are tried, one after the other."""


class Resolver(Protocol):
    """Looks names up."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host.

        Raises:
            OSError: it has none, or nobody can be asked.
        """
        ...


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the system, as every other program does."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections for httpcore, to public addresses only (any address where `unguarded`)."""

    def __init__(
        self, resolver: Resolver, inner: httpcore.AsyncNetworkBackend, *, unguarded: bool
    ) -> None:
        """Look names up with `resolver` and connect with `inner`, which is given addresses only."""
        self._resolver = resolver
        self._inner = inner
        self._unguarded = unguarded

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers.

        Raises:
            TargetRefused: one of its addresses is not for us.
            httpcore.ConnectError, httpcore.ConnectTimeout: it cannot be reached.
        """
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in await self._addresses(host, port):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002  # httpcore's interface
        timeout: float | None = None,  # noqa: ARG002  # httpcore's interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  # httpcore's interface
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no URL means a socket of this machine."""
        raise TargetRefused("a Unix socket is no target")

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = await self._resolver(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the host is not known: {error}") from error
        if not self._unguarded:
            for address in found:
                if reason := why_refused(address):
                    raise TargetRefused(f"the host lies at {reason}")
        return found[:MAX_ADDRESSES]
