"""A real engine with real streams, and connections to it as a client sees them, without sockets or clocks."""

import json
import random
from typing import Any

import msgspec

from cse.gateway.problems import ApiProblem
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.streams import Follower, Streams
from cse.market_data import MarketDataHub
from cse.messages.catalog import Catalog
from cse.projections.live import LiveAccounts
from cse_sdk.book import BookView, LocalBook
from tests.unit.gateway.ws.listening import HandSchedule
from tests.unit.projections.live.streams import ACCOUNTS, Venue, random_commands

Message = dict[str, Any]


WITNESSED = (
    "orderbook.GOLD-USD1",
    "orderbook.GOLD-USD2",
    "orderbook.GOLD-USD1.5@100ms",
    "orderbook.GOLD-USD1.step=0.001",
    "trades.GOLD-USD1",
    "user.orders",
)


class Connection:
    """One client's: takes its operations, collects what it is sent in `out`."""

    def __init__(self, exchange: "SimulatedExchange") -> None:
        self.out: list[Message] = []
        self._exchange = exchange
        self._account: int | None = None
        self._channels: dict[str, Channel] = {}
        self._opening: set[str] = set()

    def take(self, message: Message) -> None:
        """An operation of the client; its token is its account's number."""
        answer: Message = {"id": message["id"], "ok": True}
        try:
            getattr(self, f"_{message['op']}")(message, answer)
        except ApiProblem as problem:
            error = msgspec.to_builtins(problem.document("r"))
            self.out.append({"id": message["id"], "ok": False, "error": error})

    def leave(self) -> None:
        for channel in self._channels.values():
            self._exchange.streams.unsubscribe(channel, self)
        self._channels = {}

    def _auth(self, message: Message, answer: Message) -> None:
        self._account = int(message["token"])
        self.out.append(answer)

    def _ping(self, message: Message, answer: Message) -> None:
        self.out.append(answer | {"time": self._exchange.now_ms()})

    def _subscribe(self, message: Message, answer: Message) -> None:
        streams = self._exchange.streams
        found = [streams.find(name, self._account) for name in message["channels"]]
        self.out.append(answer)
        for channel in found:
            self._channels[channel.name] = streams.subscribe(channel, self)
            self._open(self._channels[channel.name], message.get("since"))

    def _unsubscribe(self, message: Message, answer: Message) -> None:
        for name in message["channels"]:
            channel = self._channels.pop(name, None)
            if channel is not None:
                self._exchange.streams.unsubscribe(channel, self)
        self.out.append(answer)

    def _resync(self, message: Message, answer: Message) -> None:
        self.out.append(answer)
        self._open(self._channels[message["channel"]], None)

    def _open(self, channel: Channel, since: int | None) -> None:
        self._opening.add(channel.name)
        assert channel.open(self, since), "views of this process know everything"
        self._opening.discard(channel.name)

    # --- a Subscriber of the streams

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        if channel.name not in self._opening:
            self.push(outgoing)

    def push(self, outgoing: Outgoing) -> None:
        self.out.append(json.loads(msgspec.json.encode(outgoing.message)))

    def reopen(self, channel: Channel) -> None:
        self._open(channel, None)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        self._channels.pop(channel.name, None)
        closed = {"channel": channel.name, "type": "closed", "code": code, "detail": detail}
        self.out.append(closed)


class SimulatedExchange:
    """Two markets and five accounts, of which something happens at random when told to."""

    def __init__(self, seed: int) -> None:
        self.venue = Venue()
        self.venue.list_everything()
        self.truth: dict[str, dict[int, BookView]] = {}
        """Every state of the books that was sent, by channel and sequence."""
        self.trades: list[int] = []
        """Of the first market, all that were sent."""
        self.fills: list[tuple[int, int]] = []
        """Trade and order, of the first account."""
        self._commands = random_commands(seed, self.venue)
        self.restart()

    def now_ms(self) -> int:
        return self.venue.time_ms

    def restart(self) -> None:
        """Views and streams anew, as after the process was killed; the engine is what its journal made it."""
        self.schedule = HandSchedule()
        self.catalog, self.live, self.hub = Catalog(), LiveAccounts(), MarketDataHub()
        self.streams = Streams(self.catalog, self.live, self.hub, self, schedule=self.schedule)
        self.follower = Follower(self.catalog, self.live, self.hub, self.streams)
        self.follower.load(self.venue.engine.records())
        for name in WITNESSED:
            _Witness(self, name)

    def connect(self) -> Connection:
        return Connection(self)

    def act(self, dice: random.Random) -> None:
        """A few commands, and at times the end of an event loop's turn or of a pace's time."""
        for _ in range(dice.randrange(1, 6)):
            applied = self.venue.apply(next(self._commands))
            self.follower.apply([applied])
        if dice.random() < 0.7:
            self.schedule.turn()
        if dice.random() < 0.2:
            self.schedule.beat()

    def settle(self) -> None:
        """Send everything that has gathered."""
        self.schedule.turn()
        self.schedule.beat()


class _Witness(Connection):
    """Listens without faults, and so knows what everything was."""

    def __init__(self, exchange: SimulatedExchange, channel: str) -> None:
        super().__init__(exchange)
        self._account = ACCOUNTS[0]
        self._book = LocalBook(channel, whole="@" in channel)
        self.take({"op": "subscribe", "channels": [channel], "id": 1})

    def push(self, outgoing: Outgoing) -> None:
        message = json.loads(msgspec.json.encode(outgoing.message))
        channel, exchange = message["channel"], self._exchange
        if channel.startswith("orderbook"):
            self._book.apply(message)
            states = exchange.truth.setdefault(channel, {})
            states[self._book.sequence] = self._book.view()
        elif message["type"] == "update" and channel.startswith("trades"):
            exchange.trades += [trade["trade_id"] for trade in message["trades"]]
        elif message["type"] == "update":
            exchange.fills += [(fill["trade_id"], fill["order_id"]) for fill in message["fills"]]
