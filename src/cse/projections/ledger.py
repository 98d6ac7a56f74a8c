"""Double entry: every movement of money as transfers between two places, and what they leave there.

This is worked out from the events alone, apart from the engine's own sums, so it audits them: a balance
that would fall below zero here is an event that cannot be.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Final, NamedTuple

import msgspec

from cse.core.ids import FEE_ACCOUNT
from cse.core.money import MAX_AMOUNT
from cse.messages import events as e
from cse.messages.catalog import Market
from cse.messages.wire import Event, Side
from cse.projections.errors import ImpossibleEvent
from cse.projections.views import LedgerEntry, OrderView

OUTSIDE_ACCOUNT: Final = 0
"""The outside world: what it has of an asset is minus what the exchange holds in custody."""


class Bucket(IntEnum):
    """Where money lies within an account; `name.lower()` is what people see."""

    OUTSIDE = 0
    AVAILABLE = 1
    HELD = 2


class Reason(IntEnum):
    """Why money moved; `name.lower()` is what people see. Numbers are never used again."""

    DEPOSIT = 1
    WITHDRAWAL_HOLD = 2
    WITHDRAWAL_SETTLE = 3
    WITHDRAWAL_RELEASE = 4
    TRANSFER = 5
    ORDER_HOLD = 6
    ORDER_RELEASE = 7
    TRADE = 8
    FEE = 9
    PRICE_IMPROVEMENT = 10


class Transfer(NamedTuple):
    """An amount that leaves one place and arrives at another: two legs that sum to zero."""

    asset_id: int
    amount: int
    payer: int
    payer_bucket: Bucket
    receiver: int
    receiver_bucket: Bucket


class Movement(NamedTuple):
    """Transfers that belong together, and why they happened."""

    reason: Reason
    market_id: int
    """0 when it has nothing to do with a market."""
    reference: int
    """Trade id for what a trade did, else order id; 0 when there is none."""
    transfers: tuple[Transfer, ...]


class Balance(msgspec.Struct, gc=False):
    """What an account has of one asset, and the command that changed it last."""

    account_id: int
    asset_id: int
    available: int = 0
    held: int = 0
    sequence: int = 0


def movements(
    event: Event, markets: Mapping[int, Market], orders: Mapping[int, OrderView]
) -> list[Movement]:
    """Return what an event moved, in order; nothing for events that are not about money.

    Args:
        event: what happened.
        markets: which assets a market trades.
        orders: the open orders as they were before the event (for the side that pays).

    Raises:
        KeyError: the event names a market or an order that there is not.
    """
    make = _MOVEMENTS.get(type(event))
    return make(event, markets, orders) if make else []


def _hold(
    reason: Reason, order: e.OrderAccepted | OrderView, market: Market, amount: int
) -> list[Movement]:
    """Move between available and held of an order's owner: a positive amount is held, a negative released."""
    if not amount:
        return []
    asset = market.quote if order.side is Side.BUY else market.base
    owner = order.account_id
    places = (Bucket.AVAILABLE, Bucket.HELD) if amount > 0 else (Bucket.HELD, Bucket.AVAILABLE)
    transfer = Transfer(asset.asset_id, abs(amount), owner, places[0], owner, places[1])
    return [Movement(reason, market.market_id, order.order_id, (transfer,))]


def _accepted(
    event: e.OrderAccepted, markets: Mapping[int, Market], _orders: object
) -> list[Movement]:
    return _hold(Reason.ORDER_HOLD, event, markets[event.market_id], event.held)


def _changed(
    event: e.OrderTriggered | e.OrderAmended,
    markets: Mapping[int, Market],
    orders: Mapping[int, OrderView],
) -> list[Movement]:
    reason = Reason.ORDER_HOLD if event.held_change > 0 else Reason.ORDER_RELEASE
    return _hold(reason, orders[event.order_id], markets[event.market_id], event.held_change)


def _released(
    event: e.OrderReduced | e.OrderClosed,
    markets: Mapping[int, Market],
    orders: Mapping[int, OrderView],
) -> list[Movement]:
    order, market = orders[event.order_id], markets[event.market_id]
    return _hold(Reason.ORDER_RELEASE, order, market, -event.released)


def _traded(event: e.Trade, markets: Mapping[int, Market], _orders: object) -> list[Movement]:
    market = markets[event.market_id]
    base, quote = market.base.asset_id, market.quote.asset_id
    maker, taker = event.maker_account_id, event.taker_account_id
    taker_buys = event.taker_side is Side.BUY
    buyer, seller = (taker, maker) if taker_buys else (maker, taker)
    exchange = (
        Transfer(quote, event.quote_amount, buyer, Bucket.HELD, seller, Bucket.AVAILABLE),
        Transfer(base, event.base_amount, seller, Bucket.HELD, buyer, Bucket.AVAILABLE),
    )
    moved = [Movement(Reason.TRADE, market.market_id, event.trade_id, exchange)]
    for payer, fee, asset_id in (
        (maker, event.maker_fee, quote if taker_buys else base),
        (taker, event.taker_fee, base if taker_buys else quote),
    ):
        if fee:
            paid = Transfer(asset_id, fee, payer, Bucket.AVAILABLE, FEE_ACCOUNT, Bucket.AVAILABLE)
            moved.append(Movement(Reason.FEE, market.market_id, event.trade_id, (paid,)))
    if event.buyer_released:
        back = Transfer(quote, event.buyer_released, buyer, Bucket.HELD, buyer, Bucket.AVAILABLE)
        moved.append(Movement(Reason.PRICE_IMPROVEMENT, market.market_id, event.trade_id, (back,)))
    return moved


def _within_or_out(
    reason: Reason, payer_bucket: Bucket, receiver_bucket: Bucket
) -> "Callable[[Any, object, object], list[Movement]]":
    """Return how a deposit's or withdrawal's event moves money between these two places."""

    def move(event: e.DepositCredited, _markets: object, _orders: object) -> list[Movement]:
        payer = OUTSIDE_ACCOUNT if payer_bucket is Bucket.OUTSIDE else event.account_id
        receiver = OUTSIDE_ACCOUNT if receiver_bucket is Bucket.OUTSIDE else event.account_id
        transfer = Transfer(
            event.asset_id, event.amount, payer, payer_bucket, receiver, receiver_bucket
        )
        return [Movement(reason, 0, 0, (transfer,))]

    return move


def _transferred(event: e.Transferred, _markets: object, _orders: object) -> list[Movement]:
    transfer = Transfer(
        event.asset_id,
        event.amount,
        event.from_account_id,
        Bucket.AVAILABLE,
        event.to_account_id,
        Bucket.AVAILABLE,
    )
    return [Movement(Reason.TRANSFER, 0, 0, (transfer,))]


_MOVEMENTS: Final[dict[type[Event], Callable[[Any, Any, Any], list[Movement]]]] = {
    e.OrderAccepted: _accepted,
    e.OrderTriggered: _changed,
    e.OrderAmended: _changed,
    e.OrderReduced: _released,
    e.OrderClosed: _released,
    e.Trade: _traded,
    e.DepositCredited: _within_or_out(Reason.DEPOSIT, Bucket.OUTSIDE, Bucket.AVAILABLE),
    e.WithdrawalHeld: _within_or_out(Reason.WITHDRAWAL_HOLD, Bucket.AVAILABLE, Bucket.HELD),
    e.WithdrawalSettled: _within_or_out(Reason.WITHDRAWAL_SETTLE, Bucket.HELD, Bucket.OUTSIDE),
    e.WithdrawalReleased: _within_or_out(Reason.WITHDRAWAL_RELEASE, Bucket.HELD, Bucket.AVAILABLE),
    e.Transferred: _transferred,
}


class Ledger:
    """Every balance, the outside world's included, and the entries that the movements leave behind."""

    def __init__(self) -> None:
        """Begin with nobody having anything."""
        self.balances: Final[dict[tuple[int, int], Balance]] = {}
        """By account and asset."""

    def put(self, balance: Balance) -> None:
        """Set a balance, as it was written down."""
        self.balances[balance.account_id, balance.asset_id] = balance

    def post(
        self, movement: Movement, number: int, position: int, sequence: int, time_ms: int
    ) -> list[LedgerEntry]:
        """Carry out a movement and return its legs; `number` and `position` count within the command.

        Raises:
            ImpossibleEvent: it would leave less than nothing, or more than an amount can be.
        """
        entries: list[LedgerEntry] = []
        for asset_id, amount, payer, payer_bucket, receiver, receiver_bucket in movement.transfers:
            for account_id, bucket, change in (
                (payer, payer_bucket, -amount),
                (receiver, receiver_bucket, amount),
            ):
                left = self._change(account_id, asset_id, bucket, change, sequence)
                entry = LedgerEntry(
                    sequence,
                    number,
                    account_id,
                    asset_id,
                    _BUCKET_NAMES[bucket],
                    change,
                    left,
                    _REASON_NAMES[movement.reason],
                    movement.reference,
                    time_ms,
                    position + len(entries),
                    movement.market_id,
                )
                entries.append(entry)
        return entries

    def _change(
        self, account_id: int, asset_id: int, bucket: Bucket, change: int, sequence: int
    ) -> int:
        balance = self.balances.get((account_id, asset_id))
        if balance is None:
            balance = Balance(account_id, asset_id)
            self.balances[account_id, asset_id] = balance
        if bucket is Bucket.HELD:
            left = balance.held = balance.held + change
        else:
            left = balance.available = balance.available + change
        balance.sequence = sequence
        if not _LEAST[bucket] <= left <= _MOST[bucket]:
            raise ImpossibleEvent(
                f"command {sequence} leaves account {account_id} with {left} of asset {asset_id} "
                f"({_BUCKET_NAMES[bucket]})"
            )
        return left


_BUCKET_NAMES: Final = {bucket: bucket.name.lower() for bucket in Bucket}
_REASON_NAMES: Final = {reason: reason.name.lower() for reason in Reason}
_LEAST: Final = {Bucket.OUTSIDE: -MAX_AMOUNT, Bucket.AVAILABLE: 0, Bucket.HELD: 0}
_MOST: Final = {Bucket.OUTSIDE: 0, Bucket.AVAILABLE: MAX_AMOUNT, Bucket.HELD: MAX_AMOUNT}
