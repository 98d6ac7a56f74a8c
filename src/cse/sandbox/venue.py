"""The sandbox's listing: assets, fee tiers and markets, as the commands that make them.

The ids are fixed for good. Sending the commands again changes nothing: the engine refuses with
ASSET_EXISTS and MARKET_EXISTS, which whoever starts the venue takes for "already there", and a fee
tier is set to what it is.
"""

from typing import Final, NamedTuple

from cse.messages.commands import CreateAsset, CreateMarket, SetFeeTier
from cse.messages.wire import Command, MarketStatus


class SandboxAsset(NamedTuple):
    """An asset of the sandbox; `scale` is the number of its decimals."""

    asset_id: int
    symbol: str
    scale: int


class CreatorMarket(NamedTuple):
    """A creator token's market against USDC; the reference price in ticks of 0.0001 USDC."""

    market_id: int
    token: SandboxAsset
    reference_price: int

    @property
    def symbol(self) -> str:
        """`NOVA-USDC` and the like."""
        return f"{self.token.symbol}-{USDC.symbol}"


USDC: Final = SandboxAsset(1, "USDC", 6)

CREATOR_MARKETS: Final = (
    CreatorMarket(1, SandboxAsset(2, "NOVA", 6), 12_500),
    CreatorMarket(2, SandboxAsset(3, "LUMEN", 6), 4_200),
    CreatorMarket(3, SandboxAsset(4, "ECHO", 6), 31_000),
    CreatorMarket(4, SandboxAsset(5, "PIXEL", 6), 8_500),
    CreatorMarket(5, SandboxAsset(6, "ORBIT", 6), 120_000),
)

AAPL: Final = SandboxAsset(7, "AAPL", 6)
ETH: Final = SandboxAsset(8, "ETH", 9)

LOBSTER_MARKET: Final = "AAPL-USDC"
"""Where LOBSTER files are replayed: cents, whole shares."""

BINANCE_MARKET: Final = "ETH-USDC"
"""Where recordings of ETHUSDT are replayed: cents, steps of 0.0001."""

EVERYBODY: Final = SetFeeTier(tier=0, maker_ppm=1_000, taker_ppm=2_000)
MARKET_MAKERS: Final = SetFeeTier(tier=1, maker_ppm=0, taker_ppm=500)

_CREATOR_LOT: Final = 10_000
"""0.01 of a token of scale 6; with ticks of 0.0001 USDC one lot at one tick is one USDC unit."""

_REPLAY_BAND_PPM: Final = 1_000_000_000
"""The widest there is: what was recorded has happened, no band may refuse it."""

_REPLAY_OPEN_ORDERS: Final = 50_000
"""A replay holds a whole market's book on one account."""


def bootstrap_commands() -> list[Command]:
    """Return the commands that list the whole sandbox, in the order they must be applied."""
    assets = [USDC, *(market.token for market in CREATOR_MARKETS), AAPL, ETH]
    return [
        *(CreateAsset(*asset) for asset in assets),
        EVERYBODY,
        MARKET_MAKERS,
        *map(_creator_market, CREATOR_MARKETS),
        _replay_market(101, AAPL, lot_size=1_000_000, reference_price=58_500),
        _replay_market(102, ETH, lot_size=100_000, reference_price=268_000),
    ]


def _creator_market(market: CreatorMarket) -> CreateMarket:
    return CreateMarket(
        market_id=market.market_id,
        symbol=market.symbol,
        base_asset_id=market.token.asset_id,
        quote_asset_id=USDC.asset_id,
        price_scale=4,
        tick_size=1,
        lot_size=_CREATOR_LOT,
        min_quantity=10,
        max_quantity=100_000_000,
        min_notional=1_000_000,
        band_ppm=200_000,
        reference_price=market.reference_price,
        max_open_orders=200,
        status=MarketStatus.OPEN,
    )


def _replay_market(
    market_id: int, asset: SandboxAsset, lot_size: int, reference_price: int
) -> CreateMarket:
    """A market for recorded data: prices in cents, no limit that real input could run into."""
    return CreateMarket(
        market_id=market_id,
        symbol=f"{asset.symbol}-{USDC.symbol}",
        base_asset_id=asset.asset_id,
        quote_asset_id=USDC.asset_id,
        price_scale=2,
        tick_size=1,
        lot_size=lot_size,
        min_quantity=1,
        max_quantity=1_000_000_000,
        min_notional=1,
        band_ppm=_REPLAY_BAND_PPM,
        reference_price=reference_price,
        max_open_orders=_REPLAY_OPEN_ORDERS,
        status=MarketStatus.OPEN,
    )
