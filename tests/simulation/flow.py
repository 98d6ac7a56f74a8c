"""A venue for tests, and an endless seeded flow of commands for it that uses every kind of command."""

import random
import time
from collections.abc import Iterator
from itertools import islice

from cse.messages import commands as c
from cse.messages.wire import (
    AccountStatus,
    Command,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

ACCOUNTS = range(1_000, 1_008)
MARKETS = (1, 2)
USDC, NOVA, ORBIT = 1, 2, 3
START_MS = 1_700_000_000_000


class SetClock:
    """A clock that tests move by hand."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def listing() -> list[Command]:
    """Assets, tiers, markets and accounts with money."""
    commands: list[Command] = [
        c.CreateAsset(USDC, "USDC", 6),
        c.CreateAsset(NOVA, "NOVA", 6),
        c.CreateAsset(ORBIT, "ORBIT", 6),
        c.SetFeeTier(0, 1_000, 2_000),
    ]
    for market_id, base, name in ((1, NOVA, "NOVA-USDC"), (2, ORBIT, "ORBIT-USDC")):
        commands.append(
            c.CreateMarket(
                market_id=market_id,
                symbol=name,
                base_asset_id=base,
                quote_asset_id=USDC,
                price_scale=4,
                tick_size=1,
                lot_size=10_000,
                min_quantity=1,
                max_quantity=1_000_000,
                min_notional=1,
                band_ppm=500_000,
                reference_price=10_000,
                max_open_orders=500,
                status=MarketStatus.OPEN,
            )
        )
    for account_id in ACCOUNTS:
        commands.append(c.OpenAccount(account_id, 0))
        commands += [
            c.CreditDeposit(account_id, asset, 10**13, key(account_id * 10 + asset))
            for asset in (USDC, NOVA, ORBIT)
        ]
    return commands


def order(
    account_id: int, side: Side, price: int, quantity: int = 10, client_order_id: str = ""
) -> c.PlaceOrder:
    """A plain limit order on the first market."""
    return c.PlaceOrder(
        account_id=account_id,
        market_id=1,
        side=side,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        stp=SelfTradePrevention.EXPIRE_MAKER,
        post_only=False,
        price=price,
        trigger_price=0,
        quantity=quantity,
        quote_quantity=0,
        expires_at=0,
        client_order_id=client_order_id,
    )


def flow(seed: int) -> Iterator[Command]:
    """The listing, then commands of all kinds without end; equal for equal seeds."""
    chance = random.Random(seed)
    yield from listing()
    number = 1_000_000
    while True:
        number += 1
        yield _command(chance, number)


def commands(seed: int, count: int) -> list[Command]:
    """The first `count` commands of a flow."""
    return list(islice(flow(seed), count))


def _command(chance: random.Random, number: int) -> Command:
    account_id = chance.choice(ACCOUNTS)
    dice = chance.random()
    if dice < 0.70:
        return _order(chance, account_id, number)
    if dice < 0.85:
        return c.CancelOrder(account_id, _recent(chance, number), "")
    if dice < 0.90:
        quantity = chance.randrange(1, 50)
        return c.AmendOrder(account_id, _recent(chance, number), "", 0, 0, quantity)
    if dice < 0.96:
        return _movement(chance, account_id, number)
    if dice < 0.98:
        return _house(chance, account_id)
    if dice < 0.99:
        return c.SetCancelAfter(account_id, chance.choice((0, 60_000)))
    return c.CancelAll(account_id, chance.choice((0, *MARKETS)))


def _movement(chance: random.Random, account_id: int, number: int) -> Command:
    earlier = key(chance.randrange(1_000_000, number))
    return chance.choice(
        (
            c.CreditDeposit(account_id, USDC, chance.randrange(1, 10**6), key(number)),
            c.Transfer(account_id, chance.choice(ACCOUNTS), NOVA, 10, key(number)),
            c.HoldWithdrawal(account_id, USDC, 1_000, key(number)),
            c.SettleWithdrawal(earlier),
            c.ReleaseWithdrawal(earlier),
        )
    )


def _house(chance: random.Random, account_id: int) -> Command:
    """What the venue itself does; what it restricts it mostly opens again soon."""
    often = (0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    market_id = chance.choice(MARKETS)
    return chance.choice(
        (
            c.Tick(),
            c.UpdateMarket(market_id, 1, 1_000_000, 1, 500_000, 500),
            c.SetMarketStatus(
                market_id, (MarketStatus.OPEN, MarketStatus.HALTED)[chance.choice(often)]
            ),
            c.SetAccountStatus(
                account_id, (AccountStatus.OPEN, AccountStatus.FROZEN)[chance.choice(often)]
            ),
            c.SetAccountFeeTier(account_id, 0),
        )
    )


def _recent(chance: random.Random, number: int) -> int:
    """An order id that may well be open."""
    newest = (number - 1_000_000) * 6 // 10
    return chance.randrange(max(1, newest - 40), newest + 10)


def _order(chance: random.Random, account_id: int, number: int) -> c.PlaceOrder:
    type_ = chance.choices(tuple(OrderType), (80, 8, 3, 3, 3, 3))[0]
    limited = type_ in {OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT}
    triggered = type_ not in {OrderType.LIMIT, OrderType.MARKET}
    life = chance.choices(tuple(TimeInForce), (80, 8, 4, 8))[0]
    if type_ is not OrderType.LIMIT:
        life = TimeInForce.GTC if limited else TimeInForce.IOC
    return c.PlaceOrder(
        account_id=account_id,
        market_id=chance.choice(MARKETS),
        side=chance.choice(tuple(Side)),
        type=type_,
        time_in_force=life,
        stp=chance.choice(tuple(SelfTradePrevention)),
        post_only=life is TimeInForce.GTC and limited and chance.random() < 0.1,
        price=chance.randrange(9_900, 10_100) if limited else 0,
        trigger_price=chance.randrange(9_900, 10_100) if triggered else 0,
        quantity=chance.randrange(1, 100),
        quote_quantity=0,
        expires_at=START_MS + number if life is TimeInForce.GTD else 0,
        client_order_id=f"f-{number}" if chance.random() < 0.5 else "",
    )
