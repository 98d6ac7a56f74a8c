"""Binary order entry of real processes: keys made over REST, the WebSocket, kill -9, `cse engine` alone."""

import asyncio
import base64
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cse.adapters.clock import SystemClock
from cse.client import ConnectionLost, LoginFailed, OrderEntryClient
from cse.client.stream import Incoming, take_message
from cse.messages import events as e
from cse.messages import session as s
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.session import SessionError
from tests.integration.entry.world import order
from tests.integration.exchange import Exchange, deposit, get
from tests.servers.process import free_port
from tests.waiting import wait_until_async

NAMES = "order-{}"


class Key(NamedTuple):
    """An API key as the person who made it has it."""

    key_id: str
    private: Ed25519PrivateKey


def make_key(person: httpx.Client, **more: object) -> Key:
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    asked = {"name": "program", "public_key": public, "scopes": ["read", "trade"], **more}
    answer = person.post("/api/keys", json=asked)
    assert answer.status_code == 201, answer.text
    return Key(answer.json()["key"]["id"], private)


def rich_key(exchange: Exchange, name: str) -> Key:
    with exchange.person(name) as person:
        for asset in ("USDC", "NOVA"):
            deposit(person, asset, "1000000", f"{name}-{asset}")
        return make_key(person)


def entry_address(exchange: Exchange) -> str:
    found = re.search(r"Order entry (tcp:\S+)", exchange.out)
    assert found, exchange.out
    return found[1]


async def test_a_key_made_over_rest_opens_a_session_until_it_is_deleted(tmp_path: Path) -> None:
    """What is placed by the session stands in REST; deleting the key ends the session within a second or so."""
    with Exchange(tmp_path) as exchange, exchange.person("ada") as ada:
        deposit(ada, "USDC", "1000", "gift")
        key = make_key(ada)
        client = OrderEntryClient(entry_address(exchange), *key)
        account = (await client.connect()).account_id
        placed = (await client.place(order(account, name="by-program"))).events[0]
        assert isinstance(placed, e.OrderAccepted)
        figures = ada.get("/metrics").text
        assert "cse_entry_connections 1.0" in figures
        assert "cse_entry_sessions 1.0" in figures
        shown = get(ada, "/api/orders/by-client-id/by-program")
        assert shown["order"]["id"] == placed.order_id
        assert ada.delete(f"/api/keys/{key.key_id}").status_code == 200
        async for _ in client.executions():
            pass
        assert client.refusal is not None
        assert client.refusal.code is SessionError.KEY_REVOKED
        with pytest.raises(LoginFailed):
            await client.connect()


async def test_an_allowlist_holds_for_sessions(tmp_path: Path) -> None:
    """A key that is bound to other addresses opens nothing from here."""
    with Exchange(tmp_path) as exchange, exchange.person("ada") as ada:
        elsewhere = make_key(ada, ip_allowlist=["203.0.113.0/24"])
        here = make_key(ada, ip_allowlist=["127.0.0.0/8"])
        with pytest.raises(LoginFailed) as failed:
            await OrderEntryClient(entry_address(exchange), *elsewhere).connect()
        assert failed.value.code is SessionError.NOT_AUTHENTICATED
        client = OrderEntryClient(entry_address(exchange), *here)
        await client.connect()
        await client.logout()


@pytest.mark.parametrize("which", ["python", "native"])
async def test_kill_9_loses_no_answered_command(tmp_path: Path, which: str) -> None:
    """The exchange is killed under a stream of batches. Afterwards every answered order is there; of every
    unanswered one its client order id tells whether it is; and none is there twice.
    """
    env = {"CSE_ENGINE": which, "CSE_ENTRY_PORT": str(free_port())}
    with Exchange(tmp_path, env=env) as exchange:
        key = rich_key(exchange, "ada")
        client = OrderEntryClient(entry_address(exchange), *key)
        account = (await client.connect()).account_id
        answered: dict[str, int] = {}
        sent: list[str] = []

        async def stream() -> None:
            for first in range(0, 100_000, 2):
                names = [NAMES.format(n) for n in (first, first + 1)]
                sent.extend(names)
                results = await client.submit(
                    [order(account, price=11_000, name=name) for name in names]
                )
                for name, result in zip(names, results, strict=True):
                    event = result.events[0]
                    if isinstance(event, e.OrderAccepted):
                        answered[name] = event.order_id

        streaming = asyncio.create_task(stream())
        await wait_until_async(lambda: len(answered) >= 50, what="some answers")
        exchange.signal(signal.SIGKILL)
        with pytest.raises(ConnectionLost):
            await streaming
        await asyncio.to_thread(exchange.wait)
        await asyncio.to_thread(exchange.start)
        again = OrderEntryClient(entry_address(exchange), *key)
        await again.connect()
        for name in dict.fromkeys(sent):
            placed = (await again.place(order(account, price=11_001, name=name))).events[0]
            if name in answered:
                assert isinstance(placed, e.Rejected), name
                assert placed.order_id == answered[name]
            else:  # wholly there, or wholly absent and placed just now; never twice
                assert isinstance(placed, e.OrderAccepted | e.Rejected)
        with pytest.raises(LoginFailed) as failed:
            await client.resume()
        assert failed.value.code is SessionError.SESSION_UNKNOWN
        await again.logout()


async def test_an_orderly_stop_cancels_on_disconnect(tmp_path: Path) -> None:
    """Ctrl-C ends the sessions; after the next start the book is empty of their orders."""
    with Exchange(tmp_path) as exchange:
        key = rich_key(exchange, "ada")
        client = OrderEntryClient(entry_address(exchange), *key, cancel_on_disconnect=True)
        account = (await client.connect()).account_id
        await client.place(order(account, name="mine"))
        await asyncio.to_thread(exchange.stop)
        assert client.refusal is not None
        assert client.refusal.code is SessionError.SHUTTING_DOWN
        await asyncio.to_thread(exchange.start)
        with exchange.person("ada") as ada:
            assert get(ada, "/api/orders", status="open")["orders"] == []


@asynccontextmanager
async def web_session(
    exchange: Exchange, key: Key
) -> AsyncIterator[tuple["WebSession", s.LoggedIn]]:
    """A session over the WebSocket."""
    async with connect(exchange.base.replace("http", "ws") + "/ws/order-entry") as socket:
        session = WebSession(socket)
        hello = (await session.take()).message
        assert isinstance(hello, s.Hello)
        fields = (key.key_id, SystemClock().now_ms(), 0, 0, 60_000, False, 0)
        frame = encode_frame(s.Login(*fields, bytes(64)))
        signature = key.private.sign(s.login_message(hello.nonce, frame))
        await socket.send(encode_frame(s.Login(*fields, signature)))
        greeting = (await session.take()).message
        assert isinstance(greeting, s.LoggedIn)
        yield session, greeting


class WebSession:
    """Messages off a WebSocket: each binary message is one."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def take(self) -> Incoming:
        data = await asyncio.wait_for(self.socket.recv(), 30)
        assert isinstance(data, bytes)
        buffer = bytearray(data)
        incoming = take_message(buffer)
        assert incoming is not None
        assert not buffer
        return incoming


async def test_the_same_frames_go_over_the_websocket(tmp_path: Path) -> None:
    """Log in, 1,000 commands in one message, answered in one; text is refused; foreign pages are kept out."""
    with Exchange(tmp_path) as exchange:
        key = rich_key(exchange, "ada")
        async with web_session(exchange, key) as (session, greeting):
            account = greeting.account_id
            frames = b"".join(encode_frame(order(account)) for _ in range(1_000))
            await session.socket.send(encode_frame(s.Submit(1_000, len(frames)), 1) + frames)
            answer = await session.take()
            assert isinstance(answer.message, s.Answer)
            assert answer.message.count == 1_000
            assert len(list(decode_frames(answer.payload))) == answer.message.events == 1_000
            await session.socket.send(encode_frame(s.Logout()))
            assert isinstance((await session.take()).message, s.Logout)
            with pytest.raises(ConnectionClosed):
                await session.take()
        async with web_session(exchange, key) as (session, _):
            await session.socket.send("text")
            with pytest.raises(ConnectionClosed) as closed:
                await session.take()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1003
        async with web_session(exchange, key) as (session, _):
            await session.socket.send(b"nonsense" * 10)
            refused = (await session.take()).message
            assert isinstance(refused, s.Refused)
            assert refused.code is SessionError.MALFORMED_FRAME
        with pytest.raises(InvalidStatus) as denied:
            await connect(
                exchange.base.replace("http", "ws") + "/ws/order-entry",
                origin="https://elsewhere.example",  # type: ignore[arg-type]  # a NewType of str
            )
        assert denied.value.response.status_code == 403


async def test_the_engine_serves_order_entry_without_a_gateway(tmp_path: Path) -> None:
    """`cse engine` alone, on TCP and a Unix socket: keys come from the database, commands go to the journal."""
    with Exchange(tmp_path) as exchange:
        key = rich_key(exchange, "ada")
        await asyncio.to_thread(exchange.stop)
    port, path = free_port(), tmp_path / "entry.sock"
    env = {name: value for name, value in os.environ.items() if not name.startswith("CSE_")}
    with (tmp_path / "engine.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cse.cli", "engine", "--data-dir", str(exchange.data_dir)),
            env={**env, "CSE_ENTRY_PORT": str(port), "CSE_ENTRY_SOCKET": str(path)},
            stdout=log,
            stderr=log,
        )
    try:
        await wait_until_async(path.is_socket, 60, "the socket")
        assert path.stat().st_mode & 0o077 == 0, "others cannot open it"
        for address in (f"unix:{path}", f"tcp:127.0.0.1:{port}"):
            client = OrderEntryClient(address, *key)
            account = (await _connected(client)).account_id
            placed = await client.place(order(account))
            assert isinstance(placed.events[0], e.OrderAccepted)
            await client.logout()
        process.terminate()
        assert await process.wait() == 0
        assert not path.exists()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _connected(client: OrderEntryClient) -> s.LoggedIn:
    """Logs in as soon as somebody listens."""
    greetings: list[s.LoggedIn] = []

    async def attempt() -> bool:
        with suppress(OSError, ConnectionLost):
            greetings.append(await client.connect())
        return bool(greetings)

    await wait_until_async(attempt, 60, "order entry")
    return greetings[0]
