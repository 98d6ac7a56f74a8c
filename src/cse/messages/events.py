"""Events: what the engine did, one class each; together they tell every movement of money and of the book.

A consumer that applies them in order, starting from the records of a snapshot, always knows what the
engine knows. Units as in commands.
"""

import msgspec

from cse.messages.reject_codes import RejectCodeField
from cse.messages.wire import (
    I64,
    U8,
    U16,
    U32,
    U64,
    AccountStatusField,
    ClientOrderId,
    CloseReasonField,
    Command,
    Event,
    Flag,
    Key,
    MarketStatusField,
    MarketSymbol,
    OrderTypeField,
    SideField,
    StpField,
    Symbol,
    TimeInForceField,
)


class Rejected(Event, frozen=True, gc=False):
    """A command was refused and changed nothing. It is always its command's only event."""

    code: RejectCodeField
    account_id: U64
    market_id: U32
    order_id: U64
    """The order that the command named or collided with; 0 when none."""
    client_order_id: ClientOrderId


class AssetCreated(Event, frozen=True, gc=False):
    """An asset is listed."""

    asset_id: U32
    symbol: Symbol
    scale: U8


class FeeTierSet(Event, frozen=True, gc=False):
    """A fee tier pays this from now on."""

    tier: U8
    maker_ppm: U32
    taker_ppm: U32


class MarketCreated(Event, frozen=True, gc=False):
    """A market is listed; fields as in CreateMarket."""

    market_id: U32
    symbol: MarketSymbol
    base_asset_id: U32
    quote_asset_id: U32
    price_scale: U8
    tick_size: U64
    lot_size: U64
    min_quantity: U64
    max_quantity: U64
    min_notional: U64
    band_ppm: U32
    reference_price: U64
    max_open_orders: U16
    status: MarketStatusField
    unit_notional: U64
    """Quote units that one lot costs at a price of one tick."""


class MarketUpdated(Event, frozen=True, gc=False):
    """A market's limits changed."""

    market_id: U32
    min_quantity: U64
    max_quantity: U64
    min_notional: U64
    band_ppm: U32
    max_open_orders: U16


class MarketStatusChanged(Event, frozen=True, gc=False):
    """A market opened, halted, was restricted or closed."""

    market_id: U32
    status: MarketStatusField


class AccountOpened(Event, frozen=True, gc=False):
    """An account exists and may trade."""

    account_id: U64
    fee_tier: U8


class AccountStatusChanged(Event, frozen=True, gc=False):
    """An account was frozen, unfrozen or closed."""

    account_id: U64
    status: AccountStatusField


class AccountFeeTierChanged(Event, frozen=True, gc=False):
    """An account pays another fee tier from now on."""

    account_id: U64
    fee_tier: U8


class OrderAccepted(Event, frozen=True, gc=False):
    """An order is in: its money is held; what it trades and whether it rests follows in this command's events."""

    order_id: U64
    account_id: U64
    market_id: U32
    side: SideField
    type: OrderTypeField
    time_in_force: TimeInForceField
    stp: StpField
    post_only: Flag
    price: U64
    trigger_price: U64
    quantity: U64
    quote_quantity: U64
    expires_at: U64
    held: U64
    """Moved from available to held: quote units for a buy, base units for a sell."""
    client_order_id: ClientOrderId


class OrderTriggered(Event, frozen=True, gc=False):
    """A waiting order's trigger price was reached and it enters the market now."""

    order_id: U64
    account_id: U64
    market_id: U32
    held_change: I64
    """What its hold grew by (or shrank, negative), in the asset it pays with."""


class Trade(Event, frozen=True, gc=False):
    """Two orders traded. The buyer pays `quote_amount` from what was held and receives base; the seller
    pays base from what was held and receives `quote_amount`; each pays its fee from what it receives.
    """

    market_id: U32
    trade_id: U64
    """Counts from 1 in each market, without gaps."""
    price: U64
    quantity: U64
    base_amount: U64
    """Base units: quantity x lot size."""
    quote_amount: U64
    """Quote units."""
    taker_side: SideField
    maker_order_id: U64
    taker_order_id: U64
    maker_account_id: U64
    taker_account_id: U64
    maker_fee: U64
    """In units of the asset that the maker receives."""
    taker_fee: U64
    """In units of the asset that the taker receives."""
    buyer_released: U64
    """Price improvement: quote units moved back from the buyer's held to available with this trade."""


class OrderReduced(Event, frozen=True, gc=False):
    """Self-trade prevention (decrement) took quantity off an order that goes on."""

    order_id: U64
    account_id: U64
    market_id: U32
    quantity: U64
    """Lots taken off; the order's total and remaining quantity both shrink by this."""
    quote_quantity: U64
    """Taken off a market buy's quote budget (quote units); else 0."""
    released: U64
    """Moved from held back to available, in units of the asset it pays with."""


class OrderAmended(Event, frozen=True, gc=False):
    """An order's terms changed; these are the new ones."""

    order_id: U64
    account_id: U64
    market_id: U32
    price: U64
    trigger_price: U64
    quantity: U64
    """The new total, filled part included."""
    held_change: I64
    """What its hold grew by (or shrank, negative), in the asset it pays with."""
    kept_priority: Flag


class OrderClosed(Event, frozen=True, gc=False):
    """An order is over."""

    order_id: U64
    account_id: U64
    market_id: U32
    reason: CloseReasonField
    remaining: U64
    """Lots that never traded (0 for a market buy by quote quantity)."""
    released: U64
    """Moved from held back to available, in units of the asset it pays with."""


class LevelChanged(Event, frozen=True, gc=False):
    """A price level of the book now holds this much (absolute, 0: gone)."""

    market_id: U32
    side: SideField
    price: U64
    quantity: U64
    orders: U32


class DepositCredited(Event, frozen=True, gc=False):
    """Money came in and is available."""

    account_id: U64
    asset_id: U32
    amount: U64
    key: Key


class WithdrawalHeld(Event, frozen=True, gc=False):
    """Money moved from available to held, about to leave."""

    account_id: U64
    asset_id: U32
    amount: U64
    key: Key


class WithdrawalSettled(Event, frozen=True, gc=False):
    """Held money left the exchange for good."""

    account_id: U64
    asset_id: U32
    amount: U64
    key: Key


class WithdrawalReleased(Event, frozen=True, gc=False):
    """Held money went back to available."""

    account_id: U64
    asset_id: U32
    amount: U64
    key: Key


class Transferred(Event, frozen=True, gc=False):
    """Available money moved between two accounts."""

    from_account_id: U64
    to_account_id: U64
    asset_id: U32
    amount: U64
    key: Key


class CancelAfterSet(Event, frozen=True, gc=False):
    """The dead-man switch fires at this time (0: disarmed)."""

    account_id: U64
    deadline: U64


class Applied(msgspec.Struct, frozen=True):
    """One sequenced command and everything that came of it."""

    sequence: int
    time_ms: int
    command: Command
    events: list[Event]
