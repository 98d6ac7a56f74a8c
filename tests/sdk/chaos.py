"""A line between client and exchange that loses, doubles, reorders and corrupts messages, and breaks."""

import copy
import random
from collections import deque
from typing import Any

from cse_sdk.outbox import Action
from tests.sdk.driver import Driver
from tests.sdk.simulated import Connection, SimulatedExchange
from tests.unit.projections.live.streams import ACCOUNTS

BOOKS = ("orderbook.GOLD-USD1", "orderbook.GOLD-USD2")
DERIVED = ("orderbook.GOLD-USD1.5@100ms", "orderbook.GOLD-USD1.step=0.001")
OTHERS = (
    "trades.GOLD-USD1",
    "ticker.GOLD-USD1",
    "candles.GOLD-USD1.1m",
    "bbo.GOLD-USD1",
    "tickers",
    "status",
)
PUBLIC = (*BOOKS, *DERIVED, *OTHERS)
PRIVATE = ("user.orders", "user.balances")
RATES = {"drop": 0.03, "double": 0.03, "late": 0.03, "corrupt": 0.02, "old": 0.01}
"""Chances of each message; `late`: the next one overtakes it, `old`: an earlier one comes again."""


class Line:
    """What the exchange sends passes here on its way to the client."""

    def __init__(
        self, dice: random.Random, rates: dict[str, float], exchange: SimulatedExchange
    ) -> None:
        self._dice = dice
        self._exchange = exchange
        self._rates = rates
        self._late: list[Any] = []
        self._past: deque[Any] = deque(maxlen=20)

    def carry(self, message: Any) -> list[Any]:
        """What arrives in the place of a message."""
        kind = self._dice.choices([*self._rates, ""], [*self._rates.values(), 1.0])[0]
        self._past.append(message)
        late, self._late = self._late, []
        if kind == "drop":
            return late
        if kind == "double":
            return [message, message, *late]
        if kind == "late":
            self._late = [message]
            return late
        if kind == "old":
            return [message, *late, self._dice.choice(self._past)]
        if kind == "corrupt":
            return [_corrupted(message, self._exchange), *late]
        return [message, *late]


def _corrupted(message: Any, exchange: SimulatedExchange) -> Any:
    """Another quantity at a level among the best ten, where the checksum looks; other messages stay."""
    states = exchange.truth.get(str(message.get("channel")), {})
    truth = states.get(message.get("sequence"))
    if truth is None:
        return message
    wrong = copy.deepcopy(message)
    best = {tuple(level) for level in truth.bids[:10] + truth.asks[:10]}
    for level in wrong["bids"] + wrong["asks"]:
        if tuple(level) in best:
            level[1] = level[1][:-1] + str((int(level[1][-1]) + 1) % 10)
            break
    return wrong


class Chaos:
    """A client, an exchange, and the line between them."""

    def __init__(
        self, seed: int, channels: tuple[str, ...] = PUBLIC + PRIVATE, **options: int
    ) -> None:
        self.dice = random.Random(seed)
        self.exchange = SimulatedExchange(seed)
        self.driver = Driver(**options)
        self.driver.on_action = self._obey
        self.driver.answers_pings = False  # the exchange does
        self.connection: Connection | None = None
        self.rates: dict[str, float] = {}
        self.trades: list[int] = []
        self.fills: list[tuple[int, int]] = []
        self.missed = {"trades": False, "user": False}
        self._line = Line(self.dice, self.rates, self.exchange)
        self._inbox: deque[tuple[str, Any]] = deque()
        self.driver.start()
        self.driver.subscribe(*channels)
        self._deliver()

    def run(self, steps: int, rates: dict[str, float], cut: float = 0.0) -> None:
        """Commands, messages and time, with these faults; `cut` is the chance per step of a lost connection."""
        self.rates.clear()
        self.rates.update(rates)
        for _ in range(steps):
            self.exchange.act(self.dice)
            if self.connection is not None and self.dice.random() < cut:
                self._cut()
            self._deliver()
            self.driver.wait(self.dice.choice((0, 5, 20, 100, 400)))
            self._deliver()
            self.check_books()

    def settle(self) -> None:
        """A good line for long enough to heal everything, and a change of everything at its end."""
        self.run(10, {})
        for _ in range(40):
            self.driver.wait(1_000)
            self._deliver()
        for _ in range(100):
            self.run(1, {})
            if self.driver.protocol.state == "live":
                break
        self.run(40, {})
        self.exchange.settle()
        self._deliver()

    def check_books(self) -> None:
        """What the client hands out is what the book was, to the last level, at the sequence that it says."""
        for name in BOOKS + DERIVED:
            book = self.driver.value(name)
            if book is not None:
                truth = self.exchange.truth[name][book.sequence]
                assert (book.bids, book.asks) == (truth.bids, truth.asks), name

    def _cut(self) -> None:
        """The connection breaks; at times because the exchange restarts."""
        restarts = self.dice.random() < 0.3
        self._hang_up()
        if restarts:
            self.exchange.restart()
        self.driver.closed(1012 if restarts else 1006, "cut")

    def _hang_up(self) -> None:
        """What is still under way on the connection is lost with it."""
        assert self.connection is not None
        self.connection.leave()
        self.connection = None
        self._inbox = deque(entry for entry in self._inbox if entry[0] != "message")

    def _deliver(self) -> None:
        """Everything that is under way arrives, and what comes of it."""
        while True:
            if self.connection is not None:
                for message in self.connection.out:
                    self._inbox += [("message", one) for one in self._line.carry(message)]
                self.connection.out = []
            if not self._inbox:
                return
            kind, content = self._inbox.popleft()
            if kind == "message":
                self.driver.receive(content)
            elif kind == "token":
                self.driver.token(content)
            else:
                self._open()

    def _open(self) -> None:
        if self.rates and self.dice.random() < 0.2:
            self.driver.closed(None, "refused")
        else:
            self.connection = self.exchange.connect()
            self.driver.opened()

    def _obey(self, action: Action) -> None:
        """Do what the client asks of its transport."""
        if action["do"] == "connect":
            self._inbox.append(("connect", None))
        elif action["do"] == "token":
            self._inbox.append(("token", str(ACCOUNTS[0])))
        elif action["do"] == "send" and self.connection is not None:
            self.connection.take(action["message"])
        elif action["do"] == "close" and self.connection is not None:
            self._hang_up()
        elif action["do"] == "tell":
            self._hear(action["event"])

    def _hear(self, event: dict[str, Any]) -> None:
        if event["type"] != "data":
            return
        news = event["news"]
        if event["channel"].startswith("trades"):
            self.missed["trades"] |= news["missed"]
            self.trades += [trade["trade_id"] for trade in news["trades"]]
        elif event["channel"] == "user.orders":
            self.missed["user"] |= news["missed"]
            self.fills += [(fill["trade_id"], fill["order_id"]) for fill in news["fills"]]
