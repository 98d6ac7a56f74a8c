"""The catalog: every asset, market and fee tier, kept current from records and events.

Whoever turns integers into decimal strings or back needs one; it is small and lives in every process.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import msgspec

from cse.core.money import format_units
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import Event, MarketStatus, Record


class Asset(msgspec.Struct, frozen=True):
    """An asset; amounts of it are integers with `scale` decimals."""

    asset_id: int
    symbol: str
    scale: int

    def format(self, units: int) -> str:
        """Print an amount with all of the asset's decimals."""
        return format_units(units, self.scale)


class FeeTier(msgspec.Struct, frozen=True):
    """What an account of this tier pays, in parts per million of what it receives."""

    tier: int
    maker_ppm: int
    taker_ppm: int


class Market(msgspec.Struct, frozen=True, dict=True):
    """A market's listing and limits. Prices in ticks, quantities in lots, notionals in quote units."""

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

    @cached_property
    def quantity_scale(self) -> int:
        """Decimals that quantities are printed with: as many as the lot size needs."""
        lot, scale = self.lot_size, self.base.scale
        while scale and lot % 10 == 0:
            lot, scale = lot // 10, scale - 1
        return scale

    @cached_property
    def lot_step(self) -> int:
        """The lot size in units of 10^-quantity_scale."""
        return int(self.lot_size // 10 ** (self.base.scale - self.quantity_scale))

    def format_price(self, ticks: int) -> str:
        """Print a price in ticks."""
        return format_units(ticks * self.tick_size, self.price_scale)

    def format_quantity(self, lots: int) -> str:
        """Print a quantity in lots."""
        return format_units(lots * self.lot_step, self.quantity_scale)


class Catalog:
    """Lookups by id and by symbol; `apply` and `load` keep it current."""

    def __init__(self) -> None:
        """Begin empty."""
        self.assets: dict[int, Asset] = {}
        self.assets_by_symbol: dict[str, Asset] = {}
        self.markets: dict[int, Market] = {}
        self.markets_by_symbol: dict[str, Market] = {}
        self.fee_tiers: dict[int, FeeTier] = {}

    def load(self, records: Iterable[Record]) -> None:
        """Take in the records of a snapshot; kinds that are not of the catalog are passed over."""
        for record in records:
            if isinstance(record, r.AssetRecord):
                self._add_asset(record.asset_id, record.symbol, record.scale)
            elif isinstance(record, r.FeeTierRecord):
                self._set_tier(record.tier, record.maker_ppm, record.taker_ppm)
            elif isinstance(record, r.MarketRecord):
                self._add_market(record)

    def apply(self, event: Event) -> None:
        """Take in one event; kinds that are not of the catalog are passed over."""
        if isinstance(event, e.AssetCreated):
            self._add_asset(event.asset_id, event.symbol, event.scale)
        elif isinstance(event, e.FeeTierSet):
            self._set_tier(event.tier, event.maker_ppm, event.taker_ppm)
        elif isinstance(event, e.MarketCreated):
            self._add_market(event)
        elif isinstance(event, e.MarketUpdated):
            fields = msgspec.structs.asdict(event)
            self._replace_market(fields.pop("market_id"), **fields)
        elif isinstance(event, e.MarketStatusChanged):
            self._replace_market(event.market_id, status=event.status)

    def _add_asset(self, asset_id: int, symbol: str, scale: int) -> None:
        asset = Asset(asset_id, symbol, scale)
        self.assets[asset_id] = self.assets_by_symbol[symbol] = asset

    def _set_tier(self, tier: int, maker_ppm: int, taker_ppm: int) -> None:
        self.fee_tiers[tier] = FeeTier(tier, maker_ppm, taker_ppm)

    def _add_market(self, source: r.MarketRecord | e.MarketCreated) -> None:
        market = Market(
            market_id=source.market_id,
            symbol=source.symbol,
            base=self.assets[source.base_asset_id],
            quote=self.assets[source.quote_asset_id],
            price_scale=source.price_scale,
            tick_size=source.tick_size,
            lot_size=source.lot_size,
            min_quantity=source.min_quantity,
            max_quantity=source.max_quantity,
            min_notional=source.min_notional,
            band_ppm=source.band_ppm,
            reference_price=source.reference_price,
            max_open_orders=source.max_open_orders,
            status=source.status,
            unit_notional=source.unit_notional,
        )
        self.markets[market.market_id] = self.markets_by_symbol[market.symbol] = market

    def _replace_market(self, market_id: int, **changes: Any) -> None:
        market = msgspec.structs.replace(self.markets[market_id], **changes)
        self.markets[market_id] = self.markets_by_symbol[market.symbol] = market
