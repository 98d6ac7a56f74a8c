"""A client as ours should be: follows channels, reconnects to the next address, checks every chain."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.unit.gateway.ws.client import ClientBook
from tests.waiting import wait_until_async

USER = ("user.orders", "user.balances")


class Follower:
    """Keeps every message per channel; a broken chain or checksum fails whoever asks for `check`."""

    def __init__(self, urls: Sequence[str], channels: Sequence[str], token: str | None) -> None:
        self.messages: dict[str, list[dict[str, Any]]] = {name: [] for name in channels}
        self.connects = 0
        self.closes: list[int] = []
        self.resyncs = 0
        self._urls = urls
        self._token = token
        self._tries = 0

    async def run(self) -> None:
        """Follow for ever."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        while True:
            url = self._urls[self._tries % len(self._urls)]
            self._tries += 1
            try:
                async with connect(url, additional_headers=headers, proxy=None) as websocket:
                    await self._subscribe(websocket)
                    self.connects += 1
                    async for frame in websocket:
                        await self.take(websocket, json.loads(frame))
                    self.closes.append(websocket.close_code or 0)
            except ConnectionClosed as closed:
                self.closes.append(closed.rcvd.code if closed.rcvd else 0)
            except (OSError, InvalidHandshake, TimeoutError):
                await wait_until_async(self._somebody_listens, 60, "an address to connect to")

    def _somebody_listens(self) -> bool:
        places = [urlsplit(url) for url in self._urls]
        return any(listens(place.hostname or "", place.port or 0) for place in places)

    async def _subscribe(self, websocket: ClientConnection) -> None:
        """Public channels anew, private ones from where they were."""
        public = [name for name in self.messages if name not in USER]
        await self._ask(websocket, op="subscribe", channels=public)
        for name in USER:
            if name in self.messages:
                had = self.messages[name]
                since = {"since": had[-1]["sequence"]} if had else {}
                await self._ask(websocket, op="subscribe", channels=[name], **since)

    async def _ask(self, websocket: ClientConnection, **operation: Any) -> None:
        await websocket.send(json.dumps({**operation, "id": 1}))

    async def take(self, websocket: ClientConnection, message: dict[str, Any]) -> None:
        if "channel" not in message:
            assert message["ok"], message
            return
        name = message["channel"]
        if message["type"] == "closed":
            assert message["code"] == "unavailable", message
            await self._ask(websocket, op="subscribe", channels=[name])
            return
        self.messages[name].append(message)

    def sequence(self, name: str) -> int:
        had = self.messages[name]
        return had[-1]["sequence"] if had else -1

    def updates(self, name: str, after: int = 0) -> list[dict[str, Any]]:
        return [m for m in self.messages[name] if m["type"] == "update" and m["sequence"] > after]

    def book(self, name: str) -> ClientBook:
        """The book as the messages make it: its chain and its checksums are held on the way."""
        book = ClientBook()
        for message in self.messages[name]:
            book.take(message)
        return book

    def check_chain(self, name: str) -> None:
        """Every update goes on from the message before it."""
        before = None
        for message in self.messages[name]:
            if message["type"] == "update":
                assert message["previous"] == before, f"a gap in {name}"
            before = message["sequence"]

    def trade_ids(self, name: str) -> list[int]:
        """Of updates and of what snapshots bring besides, in the order in which they came."""
        seen: dict[int, None] = {}
        for message in self.messages[name]:
            for trade in message["trades"]:
                assert message["type"] == "snapshot" or trade["trade_id"] not in seen, "doubled"
                seen[trade["trade_id"]] = None
        return list(seen)


def listens(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    with closing(socket.socket()) as trial:
        return trial.connect_ex((host, port)) == 0


@asynccontextmanager
async def following(
    urls: Sequence[str], channels: Sequence[str], token: str | None = None
) -> AsyncIterator[Follower]:
    """A follower that runs; what it fails of is raised at the end."""
    follower = Follower(urls, channels, token)
    task = asyncio.create_task(follower.run())
    try:
        yield follower
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended
