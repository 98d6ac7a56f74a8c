"""The mutable pieces of state. Only the engine's own modules touch them.

They are msgspec structs for speed of creation and attribute access; identity is what compares them.
"""

from collections import OrderedDict
from typing import Final

import msgspec

from cse.engine.book import Level, OrderBook
from cse.engine.triggers import TriggerBook
from cse.messages.wire import (
    AccountStatus,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalStatus,
)

BUY: Final = Side.BUY
SELL: Final = Side.SELL
PPM: Final = 1_000_000


class Balance(msgspec.Struct, gc=False, eq=False):
    """What an account has of one asset, in asset units; neither part is ever negative."""

    available: int = 0
    held: int = 0


class FeeTier(msgspec.Struct, gc=False, eq=False):
    """What accounts of a tier pay, in parts per million of what they receive."""

    tier: int
    maker_ppm: int
    taker_ppm: int


class Asset(msgspec.Struct, gc=False, eq=False):
    """An asset and the sum of all its balances (`custody`)."""

    asset_id: int
    symbol: str
    scale: int
    custody: int = 0


class RememberedOrder(msgspec.Struct, gc=False, eq=False, frozen=True):
    """What a client order id stood for."""

    order_id: int
    fingerprint: int


class Account(msgspec.Struct, eq=False):
    """An account with its balances and open orders."""

    account_id: int
    fee_tier: FeeTier
    status: AccountStatus = AccountStatus.OPEN
    cancel_after: int = 0
    balances: dict[int, Balance] = {}
    orders: "dict[int, Order]" = {}
    """Open orders by id; ids only grow, so this is in id order."""
    open_counts: dict[int, int] = {}
    """Open orders per market id."""
    client_ids: OrderedDict[str, RememberedOrder] | None = None
    """Oldest first; made with the first client order id."""

    def balance(self, asset_id: int) -> Balance:
        """Return the balance of an asset, an empty one if there was none."""
        found = self.balances.get(asset_id)
        if found is None:
            found = self.balances[asset_id] = Balance()
        return found


class Market(msgspec.Struct, eq=False):
    """A market: its listing, its limits, its book and its waiting orders. Units as in CreateMarket."""

    market_id: int
    symbol: str
    base: Asset
    quote: Asset
    price_scale: int
    tick_size: int
    lot_size: int
    min_quantity: int
    max_quantity: int
    min_notional: int
    band_ppm: int
    reference_price: int
    max_open_orders: int
    status: MarketStatus
    unit_notional: int
    fee_base: Balance
    """The venue's balance of the base asset, where buyers' fees go."""
    fee_quote: Balance
    book: OrderBook
    triggers: TriggerBook
    last_price: int = 0
    last_trade_id: int = 0
    band_low: int = 0
    band_high: int = 0

    def set_band(self) -> None:
        """Work out the price band around the last trade, else around the listing's reference price."""
        self.band_low, self.band_high = self.band_around(self.last_price or self.reference_price)

    def band_around(self, price: int) -> tuple[int, int]:
        """Return the lowest and highest allowed price around a price, in ticks."""
        width = max(1, price * self.band_ppm // PPM)
        return max(1, price - width), price + width


class Order(msgspec.Struct, gc=False, eq=False):
    """An open order. It keeps hold of the two balances it moves, so that trading looks nothing up."""

    order_id: int
    account: Account
    market: Market
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    stp: SelfTradePrevention
    post_only: bool
    price: int
    """Limit in ticks; 0 for market orders, whose limit is the band when they enter."""
    trigger_price: int
    quantity: int
    remaining: int
    """Lots still to trade (0 for a market buy by quote quantity, which is bounded by `held`)."""
    quote_quantity: int
    expires_at: int
    client_order_id: str
    created_at: int
    updated_at: int
    pays: Balance
    receives: Balance
    held: int = 0
    quote_filled: int = 0
    priority: int = 0
    level: Level | None = None
    """Where it rests; None while it waits or trades."""

    @property
    def filled(self) -> int:
        """Lots traded so far."""
        return self.quantity - self.remaining


class MoneyKey(msgspec.Struct, gc=False, eq=False):
    """What an idempotency key did; for withdrawals also where they stand."""

    command_type: int
    account_id: int
    to_account_id: int
    asset_id: int
    amount: int
    status: WithdrawalStatus
