"""What the read side knows of orders, fills and money: the same shapes from memory and from SQL.

Units as in commands: prices in ticks, quantities in lots, amounts in asset units, times Unix ms.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from cse.messages.events import OrderAccepted
from cse.messages.wire import (
    CloseReason,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)


class PageKey(NamedTuple):
    """Where a row of history stands: the command that made it, and its place among that command's rows.

    Pages of history go on from one. (A trade id would not do: one command may trade in several markets,
    and an account may be both sides of a trade.)
    """

    sequence: int
    position: int


class OrderStatus(StrEnum):
    """An order's status as the API says it. Refused orders never become orders, so none is REJECTED here."""

    PENDING_TRIGGER = "pending_trigger"
    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OrderView(msgspec.Struct, gc=False):
    """An order as its owner sees it. Mutable: the live view keeps one object per order up to date."""

    order_id: int
    account_id: int
    market_id: int
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    stp: SelfTradePrevention
    post_only: bool
    price: int
    trigger_price: int
    quantity: int
    """Total lots, filled part included (0 for a market buy by quote quantity)."""
    quote_quantity: int
    expires_at: int
    held: int
    """What is still held for it, in units of the asset it pays with."""
    client_order_id: str
    created_at: int
    updated_at: int
    sequence: int
    """The command that changed it last."""
    filled_quantity: int = 0
    quote_filled: int = 0
    """Quote units traded so far."""
    triggered: bool = False
    """A waiting order that has entered the market."""
    close_reason: CloseReason | None = None
    """None while it is open."""

    @property
    def status(self) -> OrderStatus:
        """The API's status, from what happened so far."""
        if self.close_reason is CloseReason.FILLED:
            return OrderStatus.FILLED
        if self.close_reason is CloseReason.EXPIRED:
            return OrderStatus.EXPIRED
        if self.close_reason is not None:
            return OrderStatus.CANCELLED
        if self.type not in (OrderType.LIMIT, OrderType.MARKET) and not self.triggered:
            return OrderStatus.PENDING_TRIGGER
        return OrderStatus.PARTIALLY_FILLED if self.filled_quantity else OrderStatus.OPEN


def accepted_order(event: OrderAccepted, sequence: int, time_ms: int) -> OrderView:
    """Return an order as it is the moment it comes in."""
    return OrderView(  # by position: keywords would cost as much again as all the rest
        event.order_id,
        event.account_id,
        event.market_id,
        event.side,
        event.type,
        event.time_in_force,
        event.stp,
        event.post_only,
        event.price,
        event.trigger_price,
        event.quantity,
        event.quote_quantity,
        event.expires_at,
        event.held,
        event.client_order_id,
        time_ms,
        time_ms,
        sequence,
    )


class FillView(msgspec.Struct, frozen=True, gc=False):
    """One side of a trade, as its owner sees it."""

    market_id: int
    trade_id: int
    order_id: int
    account_id: int
    side: Side
    price: int
    quantity: int
    quote_amount: int
    fee: int
    fee_asset_id: int
    is_taker: bool
    time_ms: int
    sequence: int
    position: int = 0
    """Counts the fills of one command from 0; filled in where fills come from history."""

    @property
    def key(self) -> PageKey:
        """Where the next page of history goes on."""
        return PageKey(self.sequence, self.position)


class TradeView(msgspec.Struct, frozen=True, gc=False):
    """A trade as everybody sees it."""

    market_id: int
    trade_id: int
    price: int
    quantity: int
    quote_amount: int
    taker_side: Side
    time_ms: int
    sequence: int


class LedgerEntry(msgspec.Struct, frozen=True, gc=False):
    """One leg of a movement; the legs of one movement (same sequence and movement number) sum to zero
    per asset, the outside world (account 0) included.
    """

    sequence: int
    movement: int
    """Counts the movements of one command from 0."""
    account_id: int
    """0 is the outside world: what the chains brought in or took out."""
    asset_id: int
    bucket: str
    """"available", "held" or "outside"."""
    amount: int
    """Signed asset units."""
    balance: int
    """The bucket's balance after this leg."""
    reason: str
    """"deposit", "order_hold", "order_release", "trade", "fee", "withdrawal_hold", ... ."""
    reference: int
    """Order id or trade id; 0 when none."""
    time_ms: int
    position: int = 0
    """Counts the legs of one command from 0."""
    market_id: int = 0
    """The market of an order or a trade; 0 when none."""

    @property
    def key(self) -> PageKey:
        """Where the next page of history goes on."""
        return PageKey(self.sequence, self.position)


class CandleView(msgspec.Struct, frozen=True, gc=False):
    """What a market traded in one interval that traded at all."""

    market_id: int
    open_time_ms: int
    """A whole multiple of the interval since 1970-01-01 (weeks: since Monday, 1970-01-05)."""
    interval_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    """Lots."""
    quote_volume: int
    """Quote units."""
    trades: int


class BalanceView(msgspec.Struct, frozen=True, gc=False):
    """What an account has of one asset."""

    account_id: int
    asset_id: int
    available: int
    held: int
