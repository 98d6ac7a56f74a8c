"""What a client does with messages, written without looking at the server's code; wrong chains fail the test."""

from typing import Any
from zlib import crc32

import msgspec

from cse.gateway.ws.channel import Channel
from cse.gateway.ws.frames import Encoding, Outgoing
from tests.unit.gateway.ws.stage import Stage

Message = dict[str, Any]


class Follows:
    """A subscriber that, as a connection does, passes updates over until its opening came."""

    def __init__(
        self, stage: Stage, name: str, since: int | None = None, account: int | None = None
    ) -> None:
        self.messages: list[Message] = []
        self.sequence = since if since is not None else -1
        self._opening = True
        self._since = since
        self.channel = stage.streams.subscribe(stage.streams.find(name, account), self)
        self._stage = stage
        self.resync(since)

    def resync(self, since: int | None = None) -> None:
        """Ask for the opening."""
        before = self.sequence
        self._opening, self._since = True, since
        self._opening = not self.channel.open(self, since)
        if not self._opening:
            assert self.sequence >= before, "an older snapshot comes with all updates since"

    def leave(self) -> None:
        self._stage.streams.unsubscribe(self.channel, self)

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        assert channel is self.channel
        if not self._opening:
            self.push(outgoing)

    def push(self, outgoing: Outgoing) -> None:
        message = msgspec.json.decode(outgoing.payload(Encoding.JSON))
        assert message["channel"] == self.channel.name
        if message["type"] == "snapshot":
            assert message["previous"] is None
        else:
            assert message["previous"] == self.sequence, "a gap in the chain"
            assert message["sequence"] >= self.sequence, "never backwards"
        self.sequence = message["sequence"]
        self.messages.append(message)
        self.take(message)

    def reopen(self, channel: Channel) -> None:
        assert channel is self.channel
        self.resync(self._since)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        raise AssertionError(f"{channel.name} ended: {code} {detail}")

    def take(self, message: Message) -> None:
        """Fold a message in."""


def checksum(bids: list[list[str]], asks: list[list[str]]) -> int:
    """As api.md says it."""
    best = [*bids[:10], *asks[:10]]
    return crc32("|".join(f"{price}:{quantity}" for price, quantity in best).encode())


class Book(Follows):
    """A book of levels: `orderbook.M`, `orderbook.M.step=S`."""

    def take(self, message: Message) -> None:
        if message["type"] == "snapshot":
            self.sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
        for name, levels in self.sides.items():
            for price, quantity in message[name]:
                if quantity.strip("0.") == "":
                    levels.pop(price, None)
                else:
                    levels[price] = quantity
        assert message["checksum"] == checksum(*self.state()), "another book"

    def state(self) -> tuple[list[list[str]], list[list[str]]]:
        """Bids and asks, best first."""
        bids, asks = (
            sorted(map(list, self.sides[side].items()), key=lambda level: float(level[0]))
            for side in ("bids", "asks")
        )
        return bids[::-1], asks


class Top(Follows):
    """The best levels: `orderbook.M.N@PACE`."""

    def take(self, message: Message) -> None:
        self.bids, self.asks = message["bids"], message["asks"]
        assert message["checksum"] == checksum(self.bids, self.asks)

    def state(self) -> tuple[list[list[str]], list[list[str]]]:
        return self.bids, self.asks


class Best(Follows):
    """`bbo.M`."""

    def take(self, message: Message) -> None:
        self.bid, self.ask = message["bid"], message["ask"]

    def state(self) -> tuple[list[list[str]], list[list[str]]]:
        return [self.bid] if self.bid else [], [self.ask] if self.ask else []


class ByKey(Follows):
    """Objects that replace those of the same key: `tickers`, `status`, `candles.M.I`."""

    field, key = "", ""

    def take(self, message: Message) -> None:
        if message["type"] == "snapshot":
            self.known: dict[Any, Message] = {}
        keys = [each[self.key] for each in message[self.field]]
        assert len(keys) == len(set(keys)), "told twice in one message"
        for each in message[self.field]:
            self.known[each[self.key]] = each


class Tickers(ByKey):
    field, key = "tickers", "market"


class Status(ByKey):
    field, key = "markets", "market"


class Candles(ByKey):
    field, key = "candles", "time"


class Trades(Follows):
    """`trades.M`."""

    def take(self, message: Message) -> None:
        if message["type"] == "snapshot":
            self.trades: list[Message] = []
        self.trades += message["trades"]


class Ticker(Follows):
    """`ticker.M`."""

    def take(self, message: Message) -> None:
        self.ticker = message["ticker"]
