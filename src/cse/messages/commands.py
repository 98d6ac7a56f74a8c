"""Commands: everything that can change the state of the exchange, one class each.

Prices are ticks, quantities lots, amounts asset units, times Unix milliseconds. Zero means "not
given" for prices, quantities, quote quantities and times; an empty client order id means none.
"""

from cse.messages.wire import (
    U8,
    U16,
    U32,
    U64,
    AccountStatusField,
    ClientOrderId,
    Command,
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


class CreateAsset(Command, frozen=True, gc=False):
    """List an asset. The same again is refused as `asset_exists`."""

    asset_id: U32
    symbol: Symbol
    scale: U8
    """Decimals of its smallest exchange unit, at most 9."""


class SetFeeTier(Command, frozen=True, gc=False):
    """Set what a fee tier pays, in parts per million of what a party receives."""

    tier: U8
    maker_ppm: U32
    taker_ppm: U32


class CreateMarket(Command, frozen=True, gc=False):
    """List a market. `tick_size` x one lot must be a whole number of quote units."""

    market_id: U32
    symbol: MarketSymbol
    base_asset_id: U32
    quote_asset_id: U32
    price_scale: U8
    """Decimals that prices are printed with."""
    tick_size: U64
    """Price step in 10^-price_scale quote per whole base."""
    lot_size: U64
    """Quantity step in base units."""
    min_quantity: U64
    """Lots."""
    max_quantity: U64
    """Lots."""
    min_notional: U64
    """Quote units."""
    band_ppm: U32
    """How far from the reference price an order may be priced, in parts per million."""
    reference_price: U64
    """Ticks; counts until the first trade."""
    max_open_orders: U16
    """Per account."""
    status: MarketStatusField


class UpdateMarket(Command, frozen=True, gc=False):
    """Change a market's limits; its sizes never change."""

    market_id: U32
    min_quantity: U64
    max_quantity: U64
    min_notional: U64
    band_ppm: U32
    max_open_orders: U16


class SetMarketStatus(Command, frozen=True, gc=False):
    """Open, halt, restrict or close a market. Closing cancels its orders."""

    market_id: U32
    status: MarketStatusField


class OpenAccount(Command, frozen=True, gc=False):
    """Open an account under an id that the sender has reserved."""

    account_id: U64
    fee_tier: U8


class SetAccountStatus(Command, frozen=True, gc=False):
    """Freeze, unfreeze or close an account. Only an empty account can be closed."""

    account_id: U64
    status: AccountStatusField


class SetAccountFeeTier(Command, frozen=True, gc=False):
    """Move an account to another fee tier; counts from the next trade on."""

    account_id: U64
    fee_tier: U8


class PlaceOrder(Command, frozen=True, gc=False):
    """Place an order. A market buy gives `quantity` or `quote_quantity`, everything else `quantity`."""

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
    client_order_id: ClientOrderId


class AmendOrder(Command, frozen=True, gc=False):
    """Change price, trigger price or total quantity (filled part included) of an open order.

    Named by `order_id`, or by `client_order_id` when the id is 0.
    """

    account_id: U64
    order_id: U64
    client_order_id: ClientOrderId
    price: U64
    trigger_price: U64
    quantity: U64


class CancelOrder(Command, frozen=True, gc=False):
    """Cancel one order, named by `order_id`, or by `client_order_id` when the id is 0."""

    account_id: U64
    order_id: U64
    client_order_id: ClientOrderId


class CancelAll(Command, frozen=True, gc=False):
    """Cancel all of an account's orders, of one market or (0) of all."""

    account_id: U64
    market_id: U32


class SetCancelAfter(Command, frozen=True, gc=False):
    """Arm, renew (timeout > 0) or disarm (0) the dead-man switch of an account."""

    account_id: U64
    timeout_ms: U32


class Tick(Command, frozen=True, gc=False):
    """Time passes: due orders expire, due dead-man switches fire, waiting triggers go on."""


class CreditDeposit(Command, frozen=True, gc=False):
    """Bring money in from outside (a chain, or the sandbox's faucet)."""

    account_id: U64
    asset_id: U32
    amount: U64
    key: Key


class HoldWithdrawal(Command, frozen=True, gc=False):
    """Set money aside that is about to leave; `key` names the withdrawal from here on."""

    account_id: U64
    asset_id: U32
    amount: U64
    key: Key


class SettleWithdrawal(Command, frozen=True, gc=False):
    """The money of a held withdrawal has left for good."""

    key: Key


class ReleaseWithdrawal(Command, frozen=True, gc=False):
    """The money of a held withdrawal stays: give it back to its owner."""

    key: Key


class Transfer(Command, frozen=True, gc=False):
    """Move available money between two accounts."""

    from_account_id: U64
    to_account_id: U64
    asset_id: U32
    amount: U64
    key: Key
