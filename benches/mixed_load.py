"""The mixed load: 60 % adds near the touch, 30 % cancels, 10 % orders that cross.

It is made by playing it into an engine once, so that every cancel names an order that is open.
"""

import random

from cse.engine.backend import Engine, new_engine
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.wire import (
    Command,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

USDC, NOVA = 1, 2
ACCOUNTS = range(1_000, 1_100)
MID = 10_000


def opening(markets: int = 1) -> list[Command]:
    """List the markets and give every account plenty."""
    commands: list[Command] = [c.CreateAsset(USDC, "USDC", 6), c.CreateAsset(NOVA, "NOVA", 6)]
    commands.append(c.SetFeeTier(0, 1_000, 2_000))
    commands += [_market(market_id) for market_id in range(1, markets + 1)]
    for account in ACCOUNTS:
        commands.append(c.OpenAccount(account, 0))
        commands += [
            c.CreditDeposit(account, asset, 10**15, (account * 10 + asset).to_bytes(16, "big"))
            for asset in (USDC, NOVA)
        ]
    return commands


def _market(market_id: int) -> c.CreateMarket:
    symbol = f"M{market_id}-USDC"
    limits = (1, 10**9, 0, 500_000, MID, 65_000)
    return c.CreateMarket(market_id, symbol, NOVA, USDC, 4, 1, 10_000, *limits, MarketStatus.OPEN)


class MixedLoad:
    """A seeded stream of orders and cancels over one or more markets."""

    def __init__(self, seed: int = 1, markets: int = 1) -> None:
        """Open the venue in an engine of its own."""
        self.engine = new_engine()
        self.markets = markets
        self.commands = opening(markets)
        self.opened = len(self.commands)
        self._rng = random.Random(seed)
        self._open: list[tuple[int, int]] = []
        apply_all(self.engine, self.commands)

    def grow(self, count: int) -> list[Command]:
        """Add `count` commands to the stream and return them."""
        rng, engine, fresh = self._rng, self.engine, []
        for _ in range(count):
            dice = rng.random()
            command: Command
            if dice >= 0.9:
                command = self._order(crossing=True)
            elif dice >= 0.6 and self._open:
                i = rng.randrange(len(self._open))
                self._open[i], self._open[-1] = self._open[-1], self._open[i]
                account, order_id = self._open.pop()
                command = c.CancelOrder(account, order_id, "")
            else:
                command = self._order(crossing=False)
            events = engine.apply(engine.sequence + 1, 1, command)
            if dice < 0.9 and isinstance(events[0], e.OrderAccepted):
                self._open.append((events[0].account_id, events[0].order_id))
            fresh.append(command)
        self.commands += fresh
        return fresh

    def _order(self, *, crossing: bool) -> Command:
        rng = self._rng
        side = Side.BUY if rng.random() < 0.5 else Side.SELL
        offset = 30 if crossing else -1 - int(rng.expovariate(0.05))
        price = MID + offset if side == Side.BUY else MID - offset
        return c.PlaceOrder(
            rng.choice(ACCOUNTS),
            rng.randrange(1, self.markets + 1),
            side,
            OrderType.LIMIT,
            TimeInForce.IOC if crossing else TimeInForce.GTC,
            SelfTradePrevention.EXPIRE_MAKER,
            False,
            max(price, MID // 2 + 1),
            0,
            rng.randrange(1, 1_500 if crossing else 1_000),
            0,
            0,
            "",
        )


def apply_all(engine: Engine, commands: list[Command]) -> int:
    """Apply commands one by one; returns how many events came out."""
    events = 0
    for sequence, command in enumerate(commands, engine.sequence + 1):
        events += len(engine.apply(sequence, 1, command))
    return events
