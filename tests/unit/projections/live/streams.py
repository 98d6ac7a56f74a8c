"""Random but reproducible command streams for a small venue where much happens."""

import random
from collections.abc import Iterator

from cse.engine.backend import Engine, new_engine
from cse.messages import commands as c
from cse.messages.events import Applied
from cse.messages.wire import (
    AccountStatus,
    Command,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

ACCOUNTS = tuple(range(1_000, 1_005))
MARKETS = (1, 2)
GOLD, USD = 1, 2
_PRICED = {OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT}
_TRIGGERED = set(OrderType) - {OrderType.LIMIT, OrderType.MARKET}


class Venue:
    """An engine with its sequence and its time; remembers nothing else."""

    def __init__(self, engine: Engine | None = None, start_ms: int = 1_700_000_000_000) -> None:
        self.engine = engine or new_engine()
        self.time_ms = max(start_ms, self.engine.time_ms)

    def apply(self, command: Command, after_ms: int = 1) -> Applied:
        self.time_ms += after_ms
        sequence = self.engine.sequence + 1
        return Applied(
            sequence, self.time_ms, command, self.engine.apply(sequence, self.time_ms, command)
        )

    def list_everything(self) -> list[Applied]:
        """Two markets of gold against dollars, five accounts with a deposit of both."""
        listing: list[Command] = [
            c.CreateAsset(GOLD, "GOLD", 4),
            c.CreateAsset(USD, "USD", 6),
            c.SetFeeTier(0, 1_000, 2_000),
        ]
        listing += [
            c.CreateMarket(
                market, f"GOLD-USD{market}", GOLD, USD, 4, 1, 100, 1, 10_000, 1, 500_000, 1_000, 50,
                MarketStatus.OPEN,
            )
            for market in MARKETS
        ]  # fmt: skip
        listing += [c.OpenAccount(account, 0) for account in ACCOUNTS]
        listing += [
            c.CreditDeposit(account, asset, 50_000_000, account.to_bytes(8) + asset.to_bytes(8))
            for account in ACCOUNTS
            for asset in (GOLD, USD)
        ]
        return [self.apply(command) for command in listing]


def place(account: int, side: Side, price: int, quantity: int, **changes: object) -> c.PlaceOrder:
    """A plain limit order in the first market, with what else a test wants of it."""
    fields: dict[str, object] = {
        "account_id": account, "market_id": 1, "side": side, "type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC, "stp": SelfTradePrevention.EXPIRE_MAKER,
        "post_only": False, "price": price, "trigger_price": 0, "quantity": quantity,
        "quote_quantity": 0, "expires_at": 0, "client_order_id": "",
    }  # fmt: skip
    return c.PlaceOrder(**{**fields, **changes})  # type: ignore[arg-type]  # the fields above, by name


def random_commands(seed: int, venue: Venue) -> Iterator[Command]:
    """Endless commands of every kind; many are refused, as in life."""
    dice = random.Random(seed)
    keys = 0
    while True:
        account, asset = dice.choice(ACCOUNTS), dice.choice((GOLD, USD))
        order_id = max(1, dice.randrange(1, 40 + venue.engine.sequence))
        keys += 1
        key, old = keys.to_bytes(15), dice.randrange(1, keys + 1).to_bytes(15)
        price = dice.choice((0, dice.randrange(900, 1_100)))
        quantity = dice.choice((0, dice.randrange(1, 60)))
        status = dice.choice((AccountStatus.OPEN, AccountStatus.OPEN, AccountStatus.FROZEN))
        kinds: list[tuple[int, Command]] = [
            (62, _random_order(dice, account, venue.time_ms)),
            (10, c.CancelOrder(account, order_id, "")),
            (8, c.AmendOrder(account, order_id, "", price, 0, quantity)),
            (3, c.CancelAll(account, dice.choice((0, *MARKETS)))),
            (3, c.Transfer(account, dice.choice(ACCOUNTS), asset, 5_000, b"t" + key)),
            (4, c.HoldWithdrawal(account, asset, 7_000, b"w" + key)),
            (2, c.SettleWithdrawal(b"w" + old)),
            (2, c.ReleaseWithdrawal(b"w" + old)),
            (2, c.SetCancelAfter(account, dice.choice((0, 1_000, 5_000)))),
            (1, c.SetAccountStatus(account, status)),
            (3, c.Tick()),
        ]
        weights, commands = zip(*kinds, strict=True)
        yield dice.choices(commands, weights)[0]


def _random_order(dice: random.Random, account: int, now_ms: int) -> c.PlaceOrder:
    kind = dice.choice((*[OrderType.LIMIT] * 8, *[OrderType.MARKET] * 3, *_TRIGGERED_LIST))
    side = dice.choice(tuple(Side))
    by_quote = kind is OrderType.MARKET and side is Side.BUY and dice.random() < 0.5
    time_in_force = dice.choice(tuple(TimeInForce)) if kind in _PRICED else TimeInForce.IOC
    return place(
        account,
        side,
        dice.randrange(950, 1_050) if kind in _PRICED else 0,
        0 if by_quote else dice.randrange(1, 60),
        market_id=dice.choice(MARKETS),
        type=kind,
        time_in_force=time_in_force,
        stp=dice.choice(tuple(SelfTradePrevention)),
        post_only=time_in_force is TimeInForce.GTC
        and kind is OrderType.LIMIT
        and dice.random() < 0.1,
        trigger_price=dice.randrange(950, 1_050) if kind in _TRIGGERED else 0,
        quote_quantity=dice.randrange(1_000, 60_000) if by_quote else 0,
        expires_at=now_ms + dice.randrange(1, 500) if time_in_force is TimeInForce.GTD else 0,
        client_order_id=dice.choice(("", f"c{dice.randrange(200)}")),
    )


_TRIGGERED_LIST = tuple(sorted(_TRIGGERED))
