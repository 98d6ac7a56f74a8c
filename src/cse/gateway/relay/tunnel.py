"""Order operations of a streamer's clients: each client that has any gets a connection to a gateway of its own.

So whatever a gateway does for its own connections (limits, cancel on disconnect) it does for these.
"""

import asyncio
from typing import Final

from cse.gateway.order_entry import Answer
from cse.gateway.relay.upstream import Upstream, answer_to
from cse.gateway.ws.order_door import Caller, OrderSession, Peer
from cse.gateway.ws.requests import Request


class Tunnel:
    """An OrderDoor to a gateway elsewhere."""

    def __init__(self, gateway: str) -> None:
        """`gateway` is its base URL: http://host:port."""
        scheme, _, rest = gateway.partition("://")
        self._url: Final = f"{'wss' if scheme == 'https' else 'ws'}://{rest.rstrip('/')}/ws"

    def session(self, peer: Peer) -> OrderSession:
        """Return a client's order session; it connects when it is first used."""
        return _Session(self._url, peer)


class _Session:
    def __init__(self, url: str, peer: Peer) -> None:
        self._url: Final = url
        self._peer: Final = peer
        self._in_turn: Final = asyncio.Lock()
        self._upstream: Upstream | None = None

    async def run(self, request: Request, caller: Caller, request_id: str) -> Answer:  # noqa: ARG002  # the gateway's own
        async with self._in_turn:  # sent in the order in which they were begun
            upstream = await self._connected(caller)
            reply = await upstream.order(request)
        return await answer_to(reply)

    async def close(self) -> None:
        async with self._in_turn:
            if self._upstream is not None:
                await self._upstream.close()
                self._upstream = None

    async def _connected(self, caller: Caller) -> Upstream:
        if self._upstream is not None and self._upstream.lost:
            await self._upstream.close()
            self._upstream = None
        if self._upstream is None:
            self._upstream = await Upstream.open(self._url, self._peer, caller)
        else:
            await self._upstream.renew(caller.authorization)
        return self._upstream
