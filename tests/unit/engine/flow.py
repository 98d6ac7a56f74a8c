"""A seeded stream of commands of every kind, sensible enough that most are accepted."""

import random

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

ACCOUNTS = range(1_001, 1_009)
MARKETS = (1, 2)
MID = 1_000


def random_commands(seed: int, count: int) -> list[Command]:
    """Return `count` commands; each is applied at the millisecond of its place in the list."""
    rng = random.Random(seed)
    commands = opening()
    while len(commands) < count:
        commands.append(any_command(rng, len(commands) + 1))
    return commands[:count]


def opening() -> list[Command]:
    opening: list[Command] = [
        c.CreateAsset(1, "USDC", 6),
        c.CreateAsset(2, "NOVA", 6),
        c.CreateAsset(3, "ECHO", 2),
    ]
    opening += [c.SetFeeTier(0, 1_000, 2_000), c.SetFeeTier(1, 0, 333)]
    opening.append(
        c.CreateMarket(
            1, "NOVA-USDC", 2, 1, 4, 1, 100_000, 1, 10**6, 0, 300_000, MID, 60, MarketStatus.OPEN
        )
    )
    opening.append(
        c.CreateMarket(
            2, "ECHO-USDC", 3, 1, 2, 1, 10, 1, 10**6, 5, 300_000, MID, 60, MarketStatus.OPEN
        )
    )
    for account in ACCOUNTS:
        opening.append(c.OpenAccount(account, account % 2))
        opening += [
            c.CreditDeposit(account, asset, 10**7, _key(account * 10 + asset))
            for asset in (1, 2, 3)
        ]
    return opening


def _key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def any_command(rng: random.Random, now: int) -> Command:
    account = rng.choice(ACCOUNTS)
    dice = rng.random()
    if dice < 0.62:
        return _order(rng, account, now)
    if dice < 0.80:
        return c.CancelOrder(account, rng.randrange(1, now), "")
    if dice < 0.90:
        quantity, price = rng.choice((0, rng.randrange(1, 30))), rng.choice((0, _price(rng)))
        return c.AmendOrder(
            account, rng.randrange(1, now), "", price, rng.choice((0, 0, _price(rng))), quantity
        )
    return _rare(rng, account)


def _rare(rng: random.Random, account: int) -> Command:
    kind = rng.randrange(12)
    key, amount, asset = (
        _key(rng.randrange(10**6, 10**6 + 500)),
        rng.randrange(1, 10**6),
        rng.randrange(1, 4),
    )
    if kind < 3:
        return c.CreditDeposit(account, asset, amount, key)
    if kind < 5:
        return c.HoldWithdrawal(account, asset, amount, key)
    simple: list[Command] = [
        c.SettleWithdrawal(key),
        c.ReleaseWithdrawal(key),
        c.Transfer(account, rng.choice(ACCOUNTS), asset, amount, key),
        c.SetCancelAfter(account, rng.choice((0, 50, 500))),
        c.SetAccountStatus(
            account, rng.choice((AccountStatus.OPEN, AccountStatus.OPEN, AccountStatus.FROZEN))
        ),
        c.SetMarketStatus(rng.choice(MARKETS), MarketStatus(rng.choice((1, 1, 1, 2, 3)))),
        c.CancelAll(account, rng.choice((0, *MARKETS))),
    ]
    return rng.choice([c.Tick(), simple[kind - 5]])


def _price(rng: random.Random) -> int:
    return MID + round(rng.gauss(0, 25))


def _order(rng: random.Random, account: int, now: int) -> Command:
    order_type = OrderType(rng.choices(range(1, 7), (70, 10, 5, 5, 5, 5))[0])
    has_price = order_type in (
        OrderType.LIMIT,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT_LIMIT,
    )
    waits = order_type not in (OrderType.LIMIT, OrderType.MARKET)
    side = rng.choice(list(Side))
    tif = (
        TimeInForce(rng.choices((1, 2, 3, 4), (70, 12, 8, 10))[0])
        if has_price
        else TimeInForce(rng.choice((2, 3)))
    )
    by_quote = not has_price and side == Side.BUY and rng.random() < 0.5
    return c.PlaceOrder(
        account,
        rng.choice(MARKETS),
        side,
        order_type,
        tif,
        SelfTradePrevention(rng.randrange(1, 6)),
        has_price and tif in (TimeInForce.GTC, TimeInForce.GTD) and rng.random() < 0.1,
        _price(rng) if has_price else 0,
        _price(rng) if waits else 0,
        0 if by_quote else rng.randrange(1, 30),
        rng.randrange(1, 300_000) if by_quote else 0,
        now + rng.randrange(1, 300) if tif == TimeInForce.GTD else 0,
        f"c{rng.randrange(10**4)}" if rng.random() < 0.3 else "",
    )
