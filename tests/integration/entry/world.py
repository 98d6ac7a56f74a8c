"""Order entry over real sockets: a real engine and sequencer, a journal in memory, keys that a test hands out."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cse.adapters.clock import SystemClock
from cse.client import OrderEntryClient
from cse.client.stream import take_message
from cse.core.errors import CseError
from cse.engine.backend import native_module
from cse.gateway.entry.counting import counting_trades
from cse.gateway.entry.desk import Desk
from cse.gateway.entry.options import EntryOptions
from cse.gateway.entry.tcp import StreamServer
from cse.gateway.entry.tools import PythonTools
from cse.gateway.order_to_trade import OrderToTrade, OrderToTradeRates
from cse.messages import commands as c
from cse.messages import session as s
from cse.messages.codec import encode_frame
from cse.messages.wire import (
    Command,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cse.sandbox.venue import bootstrap_commands
from cse.sequencer.sequencer import Sequencer
from cse.users.model import KeyPrincipal, KeyRefused
from tests.engines import chosen, new_engine
from tests.simulation.memory import MemoryJournal
from tests.unit.gateway.ws.venue import StandingTime

ANN, BOB = 1001, 1002
NOVA = 1
RICH = 10**14


class ListedKeys:
    """API keys as a test hands them out."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[Ed25519PrivateKey, KeyPrincipal]] = {}
        self.revoked: set[str] = set()
        self.failure: CseError | None = None
        self.asked = 0

    def issue(
        self,
        account_id: int,
        *scopes: str,
        expires_at: int | None = None,
    ) -> tuple[str, Ed25519PrivateKey]:
        """Makes a key of this account."""
        key_id = f"{len(self.known) + 1:032x}"
        private = Ed25519PrivateKey.generate()
        owner = KeyPrincipal(
            key_id, account_id, account_id, frozenset(scopes or ("read", "trade")), expires_at
        )
        self.known[key_id] = (private, owner)
        return key_id, private

    async def verify(
        self, key_id: str, *, message: bytes, signature: bytes, client_ip: str | None
    ) -> KeyPrincipal | KeyRefused:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        if key_id not in self.known or key_id in self.revoked:
            return KeyRefused("unknown")
        private, owner = self.known[key_id]
        try:
            private.public_key().verify(signature, message)
        except InvalidSignature:
            return KeyRefused("bad_signature")
        return owner

    def is_revoked(self, key_id: str) -> bool:
        return key_id in self.revoked


@dataclass
class Venue:
    """An exchange with nothing but order entry."""

    sequencer: Sequencer
    journal: MemoryJournal
    desk: Desk
    keys: ListedKeys
    tcp: str
    unix: str
    clients: list[OrderEntryClient] = field(default_factory=list)
    raws: list["RawClient"] = field(default_factory=list)

    def client(self, account_id: int, address: str = "", **options: Any) -> OrderEntryClient:
        """A client of this account with a new key, not connected yet."""
        key_id, private = self.keys.issue(account_id)
        made = OrderEntryClient(address or self.tcp, key_id, private, **options)
        self.clients.append(made)
        return made

    async def raw(self, address: str = "") -> "RawClient":
        """A client that sends what a test wants, after Hello."""
        host, _, port = (address or self.tcp).removeprefix("tcp:").rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        client = RawClient(reader, writer)
        self.raws.append(client)
        hello = await client.take()
        assert isinstance(hello, s.Hello)
        client.nonce = hello.nonce
        return client

    async def logged_in(self, account_id: int, **options: Any) -> "RawClient":
        """A raw client with a session of its own."""
        client = await self.raw()
        client.send(client.login(*self.keys.issue(account_id), **options))
        answer = await client.take()
        assert isinstance(answer, s.LoggedIn), answer
        client.session = answer
        return client


class RawClient:
    """A socket and the codec, nothing more."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.nonce = b""
        self.session: s.LoggedIn | None = None
        self._data = bytearray()

    def login(self, known_as: str, private: Ed25519PrivateKey, /, **changes: Any) -> bytes:
        """The frame of a log-in; `changes` to its fields are signed, too."""
        fields: dict[str, Any] = {
            "key_id": known_as,
            "timestamp_ms": SystemClock().now_ms(),
            "session_id": 0,
            "next_sequence": 0,
            "heartbeat_ms": 60_000,
            "cancel_on_disconnect": False,
            "cancel_grace_ms": 0,
            **changes,
        }
        frame = encode_frame(s.Login(**fields, signature=bytes(64)))
        return encode_frame(
            s.Login(**fields, signature=private.sign(s.login_message(self.nonce, frame)))
        )

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def say(self, message: s.SessionMessage, sequence: int = 0) -> None:
        self.send(encode_frame(message, sequence))

    def submit(self, number: int, *commands: Command) -> None:
        frames = b"".join(map(encode_frame, commands))
        self.send(encode_frame(s.Submit(len(commands), len(frames)), number) + frames)

    async def take(self) -> s.SessionMessage:
        """The next message; EOFError when the connection is over."""
        return (await self.take_whole())[0]

    async def take_whole(self) -> tuple[s.SessionMessage, int, bytes]:
        """The next message with its number and what follows it."""
        async with asyncio.timeout(30):
            while (incoming := take_message(self._data)) is None:
                data = await self.reader.read(65_536)
                if not data:
                    raise EOFError
                self._data += data
        return incoming.message, incoming.sequence, incoming.payload

    async def refusal(self) -> s.Refused:
        """The next message, which must be a refusal."""
        message = await self.take()
        assert isinstance(message, s.Refused), message
        return message

    async def ended(self) -> None:
        """Returns when the server has closed the connection, whatever it says before."""
        try:
            while True:
                await self.take()
        except (EOFError, ConnectionResetError):
            return

    async def close(self) -> None:
        """Ends the connection and waits for that."""
        self.drop()
        with suppress(OSError):
            await self.writer.wait_closed()

    def drop(self) -> None:
        """Ends the connection without a word."""
        self.writer.transport.abort()


def order(
    account_id: int,
    side: Side = Side.BUY,
    price: int = 12_500,
    quantity: int = 1_000,
    name: str = "",
) -> c.PlaceOrder:
    """A limit order on NOVA-USDC."""
    return c.PlaceOrder(
        account_id,
        NOVA,
        side,
        OrderType.LIMIT,
        TimeInForce.GTC,
        SelfTradePrevention.EXPIRE_TAKER,
        post_only=False,
        price=price,
        trigger_price=0,
        quantity=quantity,
        quote_quantity=0,
        expires_at=0,
        client_order_id=name,
    )


def sell(
    account_id: int, price: int = 12_500, quantity: int = 1_000, name: str = ""
) -> c.PlaceOrder:
    """A limit sell on NOVA-USDC."""
    return order(account_id, Side.SELL, price, quantity, name)


_PATIENCE: Final[dict[str, Any]] = {
    "sweep_ms": 10,
    "login_timeout_ms": 60_000,
    "frame_timeout_ms": 60_000,
}


@asynccontextmanager
async def venue(
    folder: Path, rates: OrderToTradeRates | None = None, **options: Any
) -> AsyncIterator[Venue]:
    """A venue whose Ann and Bob are rich; `options` are those of order entry."""
    order_to_trade = OrderToTrade(rates, now_ns=StandingTime()) if rates else OrderToTrade()
    journal = MemoryJournal()
    sequencer = Sequencer(new_engine(), journal, SystemClock())
    await sequencer.submit_batch([*bootstrap_commands(), *people()])
    keys = ListedKeys()
    tools = native_module(chosen()) or PythonTools()
    limits = EntryOptions(**{**_PATIENCE, **options})
    desk = Desk(sequencer, keys, SystemClock(), limits, tools, order_to_trade)
    desk.start_from(sequencer.attach(counting_trades(order_to_trade, desk.submits.listen)))
    server = StreamServer(desk)
    tcp, unix = _bound(folder)
    await server.listen(tcp)
    await server.listen(unix)
    made = Venue(
        sequencer,
        journal,
        desk,
        keys,
        f"tcp:127.0.0.1:{tcp.getsockname()[1]}",
        f"unix:{folder / 'entry.sock'}",
    )
    try:
        yield made
    finally:
        journal.gate.set()
        for client in made.clients:
            client.abort()
        for raw in made.raws:
            await raw.close()
        await server.close()
        await desk.close()
        await sequencer.close()


def people() -> list[Command]:
    """Opens the accounts of Ann and Bob and makes them rich."""
    commands: list[Command] = []
    for account_id in (ANN, BOB):
        commands.append(c.OpenAccount(account_id, 0))
        for asset_id in (1, 2):
            key = b"%015d%d" % (account_id, asset_id)
            commands.append(c.CreditDeposit(account_id, asset_id, RICH, key))
    return commands


def _bound(folder: Path) -> tuple[socket.socket, socket.socket]:
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.bind(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unix.bind(str(folder / "entry.sock"))
    for bound in (tcp, unix):
        bound.listen(100)
    return tcp, unix
