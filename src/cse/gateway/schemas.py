"""What the API answers: one msgspec struct per JSON object; OpenAPI's schemas are made from them.

Amounts and prices are decimal strings with the market's or asset's full number of decimals, times
Unix milliseconds, ids integers below 2^53.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Decimal = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
        examples=["12.3400"],
        description="A decimal string with the market's or asset's full number of decimals.",
    ),
]
Id = Annotated[int, Meta(ge=0, le=2**53 - 1)]
TimeMs = Annotated[int, Meta(ge=0, le=2**53 - 1, description="Unix time in milliseconds.")]
SideName = Literal["buy", "sell"]
OrderTypeName = Literal[
    "limit", "market", "stop_loss", "stop_loss_limit", "take_profit", "take_profit_limit"
]
TimeInForceName = Literal["gtc", "ioc", "fok", "gtd"]
StpName = Literal["none", "expire_taker", "expire_maker", "expire_both", "decrement"]
OrderStatusName = Literal[
    "pending_trigger", "open", "partially_filled", "filled", "cancelled", "expired"
]
CloseReasonName = Literal[
    "filled",
    "cancelled",
    "cancelled_all",
    "cancel_after",
    "expired",
    "ioc_remainder",
    "fok_unfillable",
    "no_liquidity",
    "self_trade",
    "trigger_unfunded",
    "trigger_refused",
    "market_closed",
]


AccountStatusName = Literal["open", "frozen", "closed"]


class Order(msgspec.Struct, frozen=True, gc=False):
    """An order as it stands."""

    id: Id
    client_order_id: str | None
    market: str
    side: SideName
    type: OrderTypeName
    time_in_force: TimeInForceName
    post_only: bool
    self_trade_prevention: StpName
    status: OrderStatusName
    reason: CloseReasonName | None
    """Why it is over; null while it is open."""
    price: Decimal | None
    trigger_price: Decimal | None
    quantity: Decimal | None
    """Total, filled part included; null for a market buy by `quote_quantity`."""
    quote_quantity: Decimal | None
    filled_quantity: Decimal
    remaining_quantity: Decimal | None
    average_price: Decimal | None
    """`quote_filled` / `filled_quantity`, rounded half up to the market's price decimals."""
    quote_filled: Decimal
    expires_at: TimeMs | None
    created_at: TimeMs
    updated_at: TimeMs


class Fill(msgspec.Struct, frozen=True, gc=False):
    """What an order got in one trade."""

    trade_id: Id
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    liquidity: Literal["maker", "taker"]
    time: TimeMs


class AccountFill(msgspec.Struct, frozen=True, gc=False):
    """A fill in the list of all of an account's fills."""

    trade_id: Id
    order_id: Id
    market: str
    side: SideName
    price: Decimal
    quantity: Decimal
    quote_amount: Decimal
    fee: Decimal
    fee_asset: str
    liquidity: Literal["maker", "taker"]
    time: TimeMs


class OrderWithFills(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An order and what it got so far."""

    order: Order
    fills: list[Fill]
    fills_complete: bool = True
    """False (else absent): the database is away and older fills are missing here; ask again later."""


class Cancelled(msgspec.Struct, frozen=True):
    """What a cancel-all cancelled."""

    cancelled: int
    order_ids: list[Id]


class CancelAfter(msgspec.Struct, frozen=True):
    """When the dead-man switch fires; null: it is not armed."""

    cancel_at: TimeMs | None


class Balance(msgspec.Struct, frozen=True, gc=False):
    """What an account has of one asset."""

    asset: str
    available: Decimal
    held: Decimal
    """For open orders and withdrawals under way."""


class LedgerLine(msgspec.Struct, frozen=True, gc=False):
    """One movement of one bucket of own money."""

    sequence: Id
    movement: int
    asset: str
    bucket: Literal["available", "held"]
    amount: Decimal
    """Signed: what the bucket grew by."""
    balance: Decimal
    """What the bucket held afterwards."""
    reason: str
    reference: Id | None
    """The order or trade that it belongs to."""
    time: TimeMs


class OrderToTradeLimits(msgspec.Struct, frozen=True, gc=False):
    """How many orders may come to nothing, and how many have: an order counts, a trade takes one off again. Over a
    limit placing and amending are refused (429), cancelling never.
    """

    exempt: bool
    """Market makers: nothing is counted."""
    orders_10s: int
    """Orders more than trades in 10 seconds."""
    orders_10s_used: int
    orders_24h: int
    """The same in 24 hours."""
    orders_24h_used: int
    cancels_per_second: int
    """Orders cancelled or amended, in the long run."""
    cancel_burst: int
    """As many at once."""
    cancels_used: int
    """Of the burst; more than it while too much was cancelled."""


class AccountLimits(msgspec.Struct, frozen=True, gc=False):
    """What the account may ask for; how many open orders it may have is in each market's `max_open_orders`."""

    orders_per_second: int
    """Placing, amending and cancelling in the long run; each item of a batch counts."""
    order_burst: int
    """As many at once."""
    batch_items: int
    cancel_after_ms: int
    """The longest timeout of the dead-man switch."""
    order_to_trade: OrderToTradeLimits


class AccountInfo(msgspec.Struct, frozen=True, gc=False):
    """The account's status, fee tier and limits."""

    account_id: Id
    status: AccountStatusName
    fee_tier: int
    maker_fee_ppm: int
    taker_fee_ppm: int
    open_orders: int
    limits: AccountLimits
    cancel_at: TimeMs | None
    """When the dead-man switch fires; null: it is not armed."""
