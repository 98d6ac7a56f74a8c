"""What the API answers about markets; the streams send the same objects."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cse.gateway.schemas import Decimal, Id, SideName, TimeMs

Level = tuple[Decimal, Decimal]
"""Price and quantity."""


class Asset(msgspec.Struct, frozen=True, gc=False):
    """An asset of the exchange; amounts of it have this many decimals."""

    asset: str
    decimals: int


class MarketInfo(msgspec.Struct, frozen=True, gc=False):
    """A market's listing, limits and standard fees."""

    market: str
    market_id: int
    """What binary order entry calls it; prices there are multiples of `tick_size`, quantities of `lot_size`."""
    base: str
    quote: str
    tick_size: Decimal
    lot_size: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    price_band: Decimal
    """How far from the reference an order may be priced, as a fraction ("0.100000": 10 %)."""
    reference_price: Decimal
    """The last trade's price, else the one set at listing."""
    status: Literal["open", "halted", "cancel_only", "closed"]
    maker_fee_ppm: int
    taker_fee_ppm: int
    max_open_orders: int
    """Per account."""
    price_decimals: int
    quantity_decimals: int


class MarketState(msgspec.Struct, frozen=True, gc=False):
    """Whether a market trades, and its limits."""

    market: str
    status: Literal["open", "halted", "cancel_only", "closed"]
    tick_size: Decimal
    lot_size: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    price_band: Decimal
    max_open_orders: int
    """Per account."""


class OrderBook(msgspec.Struct, frozen=True, gc=False):
    """The best levels of each side, best first."""

    market: str
    sequence: Id
    """The command that changed the book last; the `orderbook` stream goes on from here."""
    time: TimeMs
    bids: list[Level]
    asks: list[Level]
    checksum: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    """CRC-32 over the best ten of each side: `price:quantity` joined by `|`, bids then asks."""


class Trade(msgspec.Struct, frozen=True, gc=False):
    """A trade as everybody sees it."""

    trade_id: Id
    price: Decimal
    quantity: Decimal
    quote_amount: Decimal
    taker_side: SideName
    time: TimeMs


class Ticker(msgspec.Struct, frozen=True, gc=False):
    """A market's last 24 hours, exact to the minute; null where nothing traded or nobody quotes."""

    market: str
    last: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    change: Decimal | None
    """`last` - `open`, signed."""
    volume: Decimal
    """Base."""
    quote_volume: Decimal
    trades: int
    best_bid: Decimal | None
    best_bid_quantity: Decimal | None
    best_ask: Decimal | None
    best_ask_quantity: Decimal | None
    sequence: Id
    time: TimeMs


class Candle(msgspec.Struct, frozen=True, gc=False):
    """What a market traded in one interval."""

    time: TimeMs
    """When the interval began."""
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
