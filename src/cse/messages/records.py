"""Records: the engine's state as messages, in one canonical order.

A snapshot is these records in a row, the state hash is taken over them, and whoever follows the events
(gateway, projections) starts from them. Canonical order: StateRecord, then assets, fee tiers, markets,
accounts, balances, orders, waiting triggers, client order ids, money keys; each kind by its ids ascending.
Units as in commands.
"""

from cse.messages.wire import (
    U8,
    U16,
    U32,
    U64,
    AccountStatusField,
    ClientOrderId,
    Flag,
    Key,
    MarketStatusField,
    MarketSymbol,
    OrderTypeField,
    Record,
    SideField,
    StpField,
    Symbol,
    TimeInForceField,
    WithdrawalStatusField,
)


class StateRecord(Record, frozen=True, gc=False):
    """Where the state stands: after which command, and the next numbers to give out."""

    sequence: U64
    time_ms: U64
    next_order_id: U64
    next_priority: U64


class AssetRecord(Record, frozen=True, gc=False):
    """An asset and how much of it the exchange owes to its accounts altogether."""

    asset_id: U32
    symbol: Symbol
    scale: U8
    custody: U64
    """Deposits minus settled withdrawals; equals the sum of all balances."""


class FeeTierRecord(Record, frozen=True, gc=False):
    """What a fee tier pays."""

    tier: U8
    maker_ppm: U32
    taker_ppm: U32


class MarketRecord(Record, frozen=True, gc=False):
    """A market: its listing, its limits and where it stands."""

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
    """Ticks, as set at listing; the last trade's price counts as soon as there is one."""
    max_open_orders: U16
    status: MarketStatusField
    unit_notional: U64
    last_price: U64
    """Ticks; 0 before the first trade."""
    last_trade_id: U64


class AccountRecord(Record, frozen=True, gc=False):
    """An account."""

    account_id: U64
    status: AccountStatusField
    fee_tier: U8
    cancel_after: U64
    """When its dead-man switch fires; 0: not armed."""


class BalanceRecord(Record, frozen=True, gc=False):
    """What an account has of an asset; only where one of the two is not zero."""

    account_id: U64
    asset_id: U32
    available: U64
    held: U64
    """For open orders and withdrawals under way."""


class OrderRecord(Record, frozen=True, gc=False):
    """An open order: resting in the book, waiting for its trigger, or triggered and waiting its turn."""

    order_id: U64
    account_id: U64
    market_id: U32
    side: SideField
    type: OrderTypeField
    time_in_force: TimeInForceField
    stp: StpField
    post_only: Flag
    resting: Flag
    """In the book (else it waits: for its trigger or, once listed in a TriggerQueueRecord, its turn)."""
    price: U64
    trigger_price: U64
    quantity: U64
    filled_quantity: U64
    quote_quantity: U64
    quote_filled: U64
    held: U64
    expires_at: U64
    priority: U64
    """Place in the queue of its price level: lower first; 0 while waiting."""
    created_at: U64
    updated_at: U64
    client_order_id: ClientOrderId


class TriggerQueueRecord(Record, frozen=True, gc=False):
    """A triggered order that enters with a later command (cascades are bounded), first in first out."""

    position: U32
    order_id: U64


class ClientIdRecord(Record, frozen=True, gc=False):
    """A client order id that the engine remembers; `position` counts up within the account."""

    account_id: U64
    position: U16
    order_id: U64
    fingerprint: U32
    """CRC-32 of the placing command's body: the same order again, or another under the same name?"""
    client_order_id: ClientOrderId


class MoneyKeyRecord(Record, frozen=True, gc=False):
    """An idempotency key that moved money, with what it moved; for withdrawals, where they stand."""

    key: Key
    command_type: U8
    account_id: U64
    to_account_id: U64
    """The receiving account of a transfer; else 0."""
    asset_id: U32
    amount: U64
    status: WithdrawalStatusField
    """SETTLED at once for deposits and transfers."""
