"""Seeded random commands that reach every kind of movement: two markets, a few accounts, little money."""

import random
from collections.abc import Iterator
from typing import Any

from cse.engine.backend import Engine, new_engine
from cse.messages import commands as c
from cse.messages.events import Applied, OrderAccepted, OrderClosed
from cse.messages.wire import (
    AccountStatus,
    Command,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

ACCOUNTS = (1000, 1001, 1002, 1003)
MARKETS = (1, 2)
START_MS = 1_700_000_000_000


def listing() -> list[Command]:
    """Three assets, two markets with a common quote asset, fees in two tiers, funded accounts."""
    commands: list[Command] = [
        c.CreateAsset(1, "USDC", 6),
        c.CreateAsset(2, "NOVA", 6),
        c.CreateAsset(3, "LUNA", 2),
        c.SetFeeTier(0, 1_000, 2_000),
        c.SetFeeTier(1, 0, 500),
        market(1, "NOVA-USDC", 2, lot_size=10_000),
        market(2, "LUNA-USDC", 3, lot_size=10),
    ]
    for account_id in ACCOUNTS:
        commands.append(c.OpenAccount(account_id, account_id % 2))
        for asset_id in (1, 2, 3):
            key = account_id.to_bytes(8) + asset_id.to_bytes(8)
            commands.append(c.CreditDeposit(account_id, asset_id, 5_000_000, key))
    return commands


def market(market_id: int, symbol: str, base: int, *, lot_size: int) -> c.CreateMarket:
    return c.CreateMarket(
        market_id=market_id,
        symbol=symbol,
        base_asset_id=base,
        quote_asset_id=1,
        price_scale=2,
        tick_size=1,
        lot_size=lot_size,
        min_quantity=1,
        max_quantity=1_000_000,
        min_notional=0,
        band_ppm=500_000,
        reference_price=100,
        max_open_orders=40,
        status=MarketStatus.OPEN,
    )


class Flow:
    """Makes commands and applies them to an engine of its own; the same seed makes the same commands."""

    def __init__(self, seed: int) -> None:
        self.engine: Engine = new_engine()
        self._random = random.Random(seed)
        self._time_ms = START_MS
        self._open: dict[int, int] = {}
        self._keys: list[bytes] = []
        self._mend: list[Command] = []

    def run(self, commands: int) -> Iterator[Applied]:
        """Applies the listing and then this many random commands, one at a time."""
        for command in listing():
            yield self.apply(command)
        for _ in range(commands):
            yield self.apply(self._command())

    def apply(self, command: Command) -> Applied:
        sequence = self.engine.sequence + 1
        self._time_ms += self._random.choice((0, 0, 1, 40))
        events = self.engine.apply(sequence, self._time_ms, command)
        for event in events:
            if isinstance(event, OrderAccepted):
                self._open[event.order_id] = event.account_id
            elif isinstance(event, OrderClosed):
                del self._open[event.order_id]
        return Applied(sequence, self._time_ms, command, events)

    def _command(self) -> Command:
        if self._mend and self._random.random() < 0.1:
            return self._mend.pop()
        make: Any = self._random.choices(
            (self._place, self._cancel, self._amend, self._money, self._rule, c.Tick),
            weights=(60, 12, 10, 12, 1, 5),
        )[0]
        command: Command = make()
        return command

    def _account(self) -> int:
        return self._random.choice(ACCOUNTS)

    def _place(self) -> Command:
        pick = self._random.choice
        kind = pick([OrderType.LIMIT] * 6 + list(OrderType))
        side = pick(list(Side))
        by_quote = side is Side.BUY and kind is OrderType.MARKET and pick((True, False))
        limit = kind in {OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT}
        tif = pick([TimeInForce.GTC] * 3 + list(TimeInForce)) if limit else TimeInForce.IOC
        return c.PlaceOrder(
            account_id=self._account(),
            market_id=pick(MARKETS),
            side=side,
            type=kind,
            time_in_force=tif,
            stp=pick(list(SelfTradePrevention)),
            post_only=limit and tif is TimeInForce.GTC and pick((True, False, False, False)),
            price=self._random.randint(95, 105) if limit else 0,
            trigger_price=0
            if kind in {OrderType.LIMIT, OrderType.MARKET}
            else self._random.randint(92, 108),
            quantity=0 if by_quote else self._random.randint(1, 60),
            quote_quantity=self._random.randint(1, 900_000) if by_quote else 0,
            expires_at=self._time_ms + 200 if tif is TimeInForce.GTD else 0,
            client_order_id=pick(("", "", f"c-{self._random.randint(1, 99_999)}")),
        )

    def _some_order(self) -> tuple[int, int]:
        """An open order with its owner; now and then one that does not exist."""
        known = [(owner, order_id) for order_id, owner in self._open.items()]
        return self._random.choice([*known, (self._account(), 10**6)])

    def _cancel(self) -> Command:
        if self._random.random() < 0.9:
            return c.CancelOrder(*self._some_order(), "")
        return self._random.choice(
            (
                c.CancelAll(self._account(), self._random.choice((0, 1, 2))),
                c.SetCancelAfter(self._account(), self._random.choice((0, 100))),
            )
        )

    def _amend(self) -> Command:
        price = self._random.choice((0, self._random.randint(95, 105)))
        quantity = self._random.choice((0, self._random.randint(1, 60)))
        return c.AmendOrder(*self._some_order(), "", price, 0, quantity)

    def _money(self) -> Command:
        account, asset = self._account(), self._random.choice((1, 2, 3))
        amount, key = self._random.randint(1, 400_000), self._random.randbytes(16)
        self._keys.append(key)
        held = self._random.choice(self._keys)
        return self._random.choice(
            (
                c.CreditDeposit(account, asset, amount, key),
                c.HoldWithdrawal(account, asset, amount, key),
                c.HoldWithdrawal(account, asset, amount, key),
                c.SettleWithdrawal(held),
                c.ReleaseWithdrawal(held),
                c.Transfer(account, self._account(), asset, amount, key),
            )
        )

    def _rule(self) -> Command:
        """A change of the rules; what stops trade is undone a few commands later."""
        account, market_id = self._account(), self._random.choice(MARKETS)
        stop = self._random.choice((MarketStatus.HALTED, MarketStatus.CANCEL_ONLY))
        rule, mend = self._random.choice(
            (
                (
                    c.SetAccountStatus(account, AccountStatus.FROZEN),
                    c.SetAccountStatus(account, AccountStatus.OPEN),
                ),
                (
                    c.SetMarketStatus(market_id, stop),
                    c.SetMarketStatus(market_id, MarketStatus.OPEN),
                ),
                (c.SetAccountFeeTier(account, self._random.choice((0, 1))), None),
                (c.UpdateMarket(1, 1, 1_000_000, 0, 500_000, 40), None),
                (c.OpenAccount(2_000 + self._random.randint(0, 99), 0), None),
            )
        )
        if mend is not None:
            self._mend.append(mend)
        return rule
