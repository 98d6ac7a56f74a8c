"""The naive model's door: apply a command, tell the answer, list the whole state as records."""

from collections.abc import Callable
from typing import Any

from cse.messages import commands as c
from cse.messages.registry import TYPE_NUMBERS
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import (
    AccountStatus,
    CloseReason,
    Command,
    MarketStatus,
    WithdrawalStatus,
)
from tests.unit.engine import model_orders
from tests.unit.engine.model_matching import set_off
from tests.unit.engine.model_orders import check_account, known, market_of
from tests.unit.engine.model_state import (
    HOUSE,
    LARGEST,
    Account,
    Answer,
    Asset,
    Market,
    MoneyKey,
    Refused,
    World,
    refuse_if,
)

EXPIRIES = 1_000
HIGHEST_FEE_PPM = 100_000


def apply(world: World, sequence: int, now: int, command: Command) -> Answer:
    """Apply one command: all of it, or nothing but the sequence number and the time."""
    world.sequence, world.now = sequence, now
    world.answer = Answer()
    try:
        COMMANDS[type(command)](world, command)
    except Refused as refused:
        return Answer(refused.code, refused.order_id)
    set_off(world)
    return world.answer


def create_asset(world: World, command: c.CreateAsset) -> None:
    symbols = {asset.symbol for asset in world.assets.values()}
    taken = command.asset_id in world.assets or command.symbol in symbols
    refuse_if(taken, RejectCode.ASSET_EXISTS)
    refuse_if(command.scale > 9, RejectCode.INVALID_LISTING)
    world.assets[command.asset_id] = Asset(command.symbol, command.scale)


def set_fee_tier(world: World, command: c.SetFeeTier) -> None:
    too_high = max(command.maker_ppm, command.taker_ppm) > HIGHEST_FEE_PPM
    refuse_if(too_high, RejectCode.FEE_TOO_HIGH)
    world.tiers[command.tier] = command.maker_ppm, command.taker_ppm


def create_market(world: World, command: c.CreateMarket) -> None:
    symbols = {market.symbol for market in world.markets.values()}
    taken = command.market_id in world.markets or command.symbol in symbols
    refuse_if(taken, RejectCode.MARKET_EXISTS)
    base = world.assets.get(command.base_asset_id)
    quote = world.assets.get(command.quote_asset_id)
    if base is None or quote is None:
        raise Refused(RejectCode.ASSET_NOT_FOUND)
    refuse_if(base is quote, RejectCode.INVALID_LISTING)
    unit, rest = divmod(
        command.tick_size * 10**quote.scale * command.lot_size,
        10 ** (command.price_scale + base.scale),
    )
    refuse_if(rest or not unit, RejectCode.INVALID_LISTING)
    world.markets[command.market_id] = Market(
        command.market_id,
        command.symbol,
        command.base_asset_id,
        command.quote_asset_id,
        command.price_scale,
        command.tick_size,
        command.lot_size,
        command.min_quantity,
        command.max_quantity,
        command.min_notional,
        command.band_ppm,
        command.reference_price,
        command.max_open_orders,
        command.status,
        unit,
    )


def update_market(world: World, command: c.UpdateMarket) -> None:
    market = market_of(world, command.market_id)
    market.min_quantity, market.max_quantity = command.min_quantity, command.max_quantity
    market.min_notional, market.band_ppm = command.min_notional, command.band_ppm
    market.max_open_orders = command.max_open_orders


def set_market_status(world: World, command: c.SetMarketStatus) -> None:
    """MATCH-073."""
    market = market_of(world, command.market_id)
    refuse_if(market.status is MarketStatus.CLOSED, RejectCode.MARKET_CLOSED)
    market.status = command.status
    if market.status is MarketStatus.CLOSED:
        for order in [o for o in world.orders if o.market is market]:
            world.close(order, CloseReason.MARKET_CLOSED)


def open_account(world: World, command: c.OpenAccount) -> None:
    refuse_if(command.account_id in world.accounts, RejectCode.ACCOUNT_EXISTS)
    refuse_if(command.fee_tier not in world.tiers, RejectCode.FEE_TIER_NOT_FOUND)
    world.accounts[command.account_id] = Account(command.account_id, command.fee_tier)


def set_account_status(world: World, command: c.SetAccountStatus) -> None:
    """MATCH-080."""
    account = known(world, command.account_id)
    refuse_if(account.id == HOUSE, RejectCode.ACCOUNT_NOT_FOUND)
    check_account(account, frozen_may=True)
    if command.status is AccountStatus.CLOSED:
        owns = any(amount for (owner, _), amount in world.money.items() if owner == account.id)
        trades = any(order.account == account.id for order in world.orders)
        refuse_if(owns or trades, RejectCode.ACCOUNT_NOT_EMPTY)
        account.cancel_after = 0
    account.status = command.status


def set_account_fee_tier(world: World, command: c.SetAccountFeeTier) -> None:
    account = known(world, command.account_id)
    refuse_if(command.fee_tier not in world.tiers, RejectCode.FEE_TIER_NOT_FOUND)
    account.tier = command.fee_tier


def tick(world: World, _command: c.Tick) -> None:
    """MATCH-027 and MATCH-056: what is due expires, then dead-man switches fire."""
    due = [o for o in world.orders if o.expires_at and o.expires_at <= world.now]
    for order in sorted(due, key=lambda o: (o.expires_at, o.id))[:EXPIRIES]:
        world.close(order, CloseReason.EXPIRED)
    armed = [a for a in world.accounts.values() if a.cancel_after]
    for account in sorted(armed, key=lambda a: (a.cancel_after, a.id)):
        if account.cancel_after <= world.now:
            account.cancel_after = 0
            for order in [o for o in world.orders if o.account == account.id]:
                world.close(order, CloseReason.CANCEL_AFTER)


def check_money(world: World, asset_id: int, amount: int) -> None:
    refuse_if(amount == 0, RejectCode.INVALID_AMOUNT)
    refuse_if(amount > LARGEST, RejectCode.AMOUNT_TOO_LARGE)
    refuse_if(asset_id not in world.assets, RejectCode.ASSET_NOT_FOUND)


def check_key(world: World, key: bytes, wanted: MoneyKey) -> None:
    """MATCH-081."""
    old = world.keys.get(key)
    if old is not None:
        same = (old.type_number, old.account, old.to_account, old.asset, old.amount) == (
            wanted.type_number,
            wanted.account,
            wanted.to_account,
            wanted.asset,
            wanted.amount,
        )
        raise Refused(RejectCode.ALREADY_APPLIED if same else RejectCode.KEY_CONFLICT)


def credit_deposit(world: World, command: c.CreditDeposit) -> None:
    entry = key_of(command, command.account_id, 0, WithdrawalStatus.SETTLED)
    check_key(world, command.key, entry)
    check_money(world, command.asset_id, command.amount)
    check_account(known(world, command.account_id), frozen_may=True)
    asset = world.assets[command.asset_id]
    refuse_if(asset.custody + command.amount > LARGEST, RejectCode.AMOUNT_TOO_LARGE)
    asset.custody += command.amount
    world.give(command.account_id, command.asset_id, command.amount)
    world.keys[command.key] = entry


def key_of(command: Any, account: int, to_account: int, status: WithdrawalStatus) -> MoneyKey:
    number = TYPE_NUMBERS[type(command)]
    return MoneyKey(number, account, to_account, command.asset_id, command.amount, status)


def hold_withdrawal(world: World, command: c.HoldWithdrawal) -> None:
    entry = key_of(command, command.account_id, 0, WithdrawalStatus.HELD)
    check_key(world, command.key, entry)
    check_money(world, command.asset_id, command.amount)
    check_account(known(world, command.account_id))
    short = command.amount > world.available(command.account_id, command.asset_id)
    refuse_if(short, RejectCode.INSUFFICIENT_FUNDS)
    world.keys[command.key] = entry


def transfer(world: World, command: c.Transfer) -> None:
    sender, receiver, asset = command.from_account_id, command.to_account_id, command.asset_id
    entry = key_of(command, sender, receiver, WithdrawalStatus.SETTLED)
    check_key(world, command.key, entry)
    check_money(world, asset, command.amount)
    check_account(known(world, sender), frozen_may=True)
    check_account(known(world, receiver), frozen_may=True)
    check_account(known(world, sender))
    refuse_if(command.amount > world.available(sender, asset), RejectCode.INSUFFICIENT_FUNDS)
    refuse_if(sender == receiver, RejectCode.INVALID_COMBINATION)
    world.give(sender, asset, -command.amount)
    world.give(receiver, asset, command.amount)
    world.keys[command.key] = entry


def end_withdrawal(world: World, key: bytes, end: WithdrawalStatus) -> MoneyKey:
    """MATCH-082: a held withdrawal ends once."""
    entry = world.keys.get(key)
    if entry is None or entry.type_number != TYPE_NUMBERS[c.HoldWithdrawal]:
        raise Refused(RejectCode.WITHDRAWAL_NOT_FOUND)
    refuse_if(entry.status is end, RejectCode.ALREADY_APPLIED)
    refuse_if(entry.status is not WithdrawalStatus.HELD, RejectCode.WITHDRAWAL_NOT_HELD)
    entry.status = end
    return entry


def settle_withdrawal(world: World, command: c.SettleWithdrawal) -> None:
    entry = end_withdrawal(world, command.key, WithdrawalStatus.SETTLED)
    world.give(entry.account, entry.asset, -entry.amount)
    world.assets[entry.asset].custody -= entry.amount


def release_withdrawal(world: World, command: c.ReleaseWithdrawal) -> None:
    end_withdrawal(world, command.key, WithdrawalStatus.RELEASED)


COMMANDS: dict[type[Command], Callable[[World, Any], None]] = {
    c.CreateAsset: create_asset,
    c.SetFeeTier: set_fee_tier,
    c.CreateMarket: create_market,
    c.UpdateMarket: update_market,
    c.SetMarketStatus: set_market_status,
    c.OpenAccount: open_account,
    c.SetAccountStatus: set_account_status,
    c.SetAccountFeeTier: set_account_fee_tier,
    c.PlaceOrder: model_orders.place,
    c.AmendOrder: model_orders.amend,
    c.CancelOrder: model_orders.cancel,
    c.CancelAll: model_orders.cancel_all,
    c.SetCancelAfter: model_orders.set_cancel_after,
    c.Tick: tick,
    c.CreditDeposit: credit_deposit,
    c.HoldWithdrawal: hold_withdrawal,
    c.SettleWithdrawal: settle_withdrawal,
    c.ReleaseWithdrawal: release_withdrawal,
    c.Transfer: transfer,
}
