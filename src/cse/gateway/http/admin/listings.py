"""Staff proposes new markets of assets that are there."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, Reason
from cse.gateway.http.admin.markets import MAX_BAND_PPM
from cse.gateway.http.admin.proposing import PROPOSED, ApprovalAnswer, Wanted, propose
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import Price
from cse.gateway.problems import from_reject_code, invalid
from cse.gateway.requests import Amounts, decode
from cse.gateway.staff_acts.listing import as_market, listing_of
from cse.messages.catalog import Asset, Catalog, Market
from cse.messages.commands import CreateMarket
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import MarketStatus
from cse.users.audit import Act
from cse.users.authority import Permission

MAX_PRICE_SCALE: Final = 12
"""Decimals of a tick that the engine takes at most."""
AssetName = Annotated[str, Meta(max_length=16, examples=["USDC"])]


class ListingRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new market; it is called BASE-QUOTE and begins halted."""

    base: AssetName
    quote: AssetName
    tick_size: Price
    """Price step in quote per whole base; its decimals are those that prices are printed with."""
    lot_size: Price
    """Quantity step in base. A tick times a lot is a whole number of the quote's smallest units."""
    min_quantity: Price
    max_quantity: Price
    min_notional: Price
    reference_price: Price
    """Counts for the band until the first trade."""
    band_ppm: Annotated[int, Meta(ge=1, le=MAX_BAND_PPM)]
    """How far from the reference price an order may be priced, in parts per million."""
    max_open_orders: Annotated[int, Meta(ge=1, le=2**16 - 1)]
    """Per account."""
    reason: Reason


class Steps(msgspec.Struct, frozen=True):
    """What a market's other numbers are counted in."""

    base: Asset
    quote: Asset
    price_scale: int
    tick_size: int
    lot_size: int


class ListingCalls:
    """New markets over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Propose; see `cse.gateway.staff_acts.listing` for what is done then."""
        self._deps = deps

    async def create(self, call: Call) -> Answer:
        """Propose a new market. It begins halted; POST /api/admin/markets/{market}/status proposes to open it."""
        asked = decode(ListingRequest, call.body)
        catalog = self._deps.catalog
        command = _command(asked, catalog)
        if command.symbol in catalog.markets_by_symbol:
            raise from_reject_code(RejectCode.MARKET_EXISTS)
        wanted = Wanted(
            act=Act.MARKET_LISTED,
            object=f"market:{command.symbol}",
            wanted=msgspec.to_builtins(command),
            after=listing_of(as_market(command, catalog)),
            reason=asked.reason,
        )
        return await propose(self._deps, call, wanted)


def listing_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the call that proposes a new market."""
    return [
        Operation(
            "POST",
            "/api/admin/markets",
            ListingCalls(deps).create,
            "Propose a new market",
            TAG,
            ApprovalAnswer,
            Need.READ,
            body=ListingRequest,
            status=PROPOSED,
            statuses=(404, 409),
            permission=Permission.MARKET_LIST,
        )
    ]


def _command(asked: ListingRequest, catalog: Catalog) -> CreateMarket:
    base, quote = _asset(catalog, asked.base), _asset(catalog, asked.quote)
    if base is quote:
        raise invalid({"quote": "is the base"})
    scale = len(asked.tick_size.partition(".")[2])
    if scale > MAX_PRICE_SCALE:
        raise invalid({"tick_size": f"has more than {MAX_PRICE_SCALE} decimals"})
    amounts = Amounts()
    tick = amounts.units("tick_size", asked.tick_size, Asset(0, "", scale))
    lot = amounts.units("lot_size", asked.lot_size, base)
    amounts.check()
    unit, rest = divmod(tick * lot * 10**quote.scale, 10 ** (scale + base.scale))
    if rest or not unit:
        raise invalid({"lot_size": "times a tick is no whole number of the quote's smallest units"})
    sized = _sized(asked, Steps(base, quote, scale, tick, lot), catalog)
    if sized.min_quantity > sized.max_quantity:
        raise invalid({"min_quantity": "is more than max_quantity"})
    return sized


def _sized(asked: ListingRequest, sizes: Steps, catalog: Catalog) -> CreateMarket:
    bare = CreateMarket(
        market_id=max(catalog.markets, default=0) + 1,
        symbol=f"{sizes.base.symbol}-{sizes.quote.symbol}",
        base_asset_id=sizes.base.asset_id,
        quote_asset_id=sizes.quote.asset_id,
        price_scale=sizes.price_scale,
        tick_size=sizes.tick_size,
        lot_size=sizes.lot_size,
        min_quantity=1,
        max_quantity=1,
        min_notional=0,
        band_ppm=asked.band_ppm,
        reference_price=1,
        max_open_orders=asked.max_open_orders,
        status=MarketStatus.HALTED,
    )
    market: Market = as_market(bare, catalog)
    amounts = Amounts()
    filled = msgspec.structs.replace(
        bare,
        min_quantity=amounts.quantity("min_quantity", asked.min_quantity, market),
        max_quantity=amounts.quantity("max_quantity", asked.max_quantity, market),
        min_notional=amounts.units("min_notional", asked.min_notional, sizes.quote),
        reference_price=amounts.price("reference_price", asked.reference_price, market),
    )
    amounts.check()
    return filled


def _asset(catalog: Catalog, symbol: str) -> Asset:
    asset = catalog.assets_by_symbol.get(symbol)
    if asset is None:
        raise from_reject_code(RejectCode.ASSET_NOT_FOUND)
    return asset
