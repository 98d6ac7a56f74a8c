"""What an order would do now: an estimate against the book as it stands; nothing is placed.

It walks the public depth with exact integers. It knows nothing of orders that arrive meanwhile, of
self-trade prevention, nor of how many orders share a level (fees are rounded up per trade, so the real
fee may be a few of the smallest units higher).
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from cse.core.clock import Clock
from cse.core.money import ceil_ppm
from cse.gateway.order_requests import PlaceRequest, place_command
from cse.gateway.present import average_price
from cse.gateway.requests import decode
from cse.gateway.schemas import Decimal, SideName
from cse.market_data import MarketDataHub
from cse.market_data.depth import Level
from cse.messages.catalog import Catalog, Market
from cse.messages.commands import PlaceOrder
from cse.messages.wire import Side, TimeInForce
from cse.projections.live import LiveAccounts

_PPM = 1_000_000


class Preview(msgspec.Struct, frozen=True):
    """What an order would cost and fill against the present book: an estimate, not a promise."""

    market: str
    side: SideName
    book_sequence: int
    """The book that this was reckoned with."""
    filled_quantity: Decimal
    """What would trade at once."""
    resting_quantity: Decimal
    """What would then wait in the book (or, for triggered orders, for its trigger)."""
    average_price: Decimal | None
    worst_price: Decimal | None
    quote_amount: Decimal
    """Quote paid (buy) or received before fees (sell) by what would trade at once."""
    fee: Decimal
    fee_asset: str
    receives: Decimal
    """What would arrive at once, fees taken off, in `fee_asset`."""
    hold: Decimal
    """What placing it sets aside, in `hold_asset`."""
    hold_asset: str
    available: Decimal
    """What the account has available of `hold_asset` now."""
    enough_funds: bool
    would_take: bool
    """It would trade at once; if it is post-only it would be refused for that."""


class Walk(NamedTuple):
    """What walking the other side's levels gives."""

    lots: int
    quote_amount: int
    worst: int
    """Ticks; 0: nothing would trade."""
    fee: int


class Previewer:
    """Reckons previews from depth, catalog and balances."""

    def __init__(
        self, catalog: Catalog, live: LiveAccounts, market_data: MarketDataHub, clock: Clock
    ) -> None:
        """Read these views; change nothing."""
        self._catalog = catalog
        self._live = live
        self._market_data = market_data
        self._clock = clock

    def preview(self, account_id: int, body: bytes) -> Preview:
        """Return the estimate for a place request; raises ApiProblem as placing it would for its shape."""
        command = place_command(account_id, decode(PlaceRequest, body), self._catalog)
        market = self._catalog.markets[command.market_id]
        depth = self._market_data.depth(market.market_id)
        reference = self._reference(market)
        crosses = self._walk(command, market, reference)
        walk = Walk(0, 0, 0, 0) if command.post_only else crosses
        if command.time_in_force is TimeInForce.FOK and _wants_more(command, market, walk):
            walk = Walk(0, 0, 0, 0)
        hold = _hold(command, market, reference)
        pays, receives = (
            (market.quote, market.base) if command.side is Side.BUY else (market.base, market.quote)
        )
        available = self._live.balance(account_id, pays.asset_id).available
        gained = walk.lots * market.lot_size if command.side is Side.BUY else walk.quote_amount
        rests = command.price > 0 and command.time_in_force in {TimeInForce.GTC, TimeInForce.GTD}
        waiting = command.quantity - walk.lots if rests or command.trigger_price else 0
        return Preview(
            market=market.symbol,
            side="buy" if command.side is Side.BUY else "sell",
            book_sequence=depth.sequence,
            filled_quantity=market.format_quantity(walk.lots),
            resting_quantity=market.format_quantity(max(0, waiting)),
            average_price=average_price(market, walk.quote_amount, walk.lots),
            worst_price=market.format_price(walk.worst) if walk.worst else None,
            quote_amount=market.quote.format(walk.quote_amount),
            fee=receives.format(walk.fee),
            fee_asset=receives.symbol,
            receives=receives.format(gained - walk.fee),
            hold=pays.format(hold),
            hold_asset=pays.symbol,
            available=pays.format(available),
            enough_funds=hold <= available,
            would_take=crosses.lots > 0,
        )

    def _reference(self, market: Market) -> int:
        ticker = self._market_data.ticker(market.market_id).view(self._clock.now_ms())
        return ticker.last or market.reference_price

    def _walk(self, command: PlaceOrder, market: Market, reference: int) -> Walk:
        """Trade against the levels of the other side, best first, up to the order's limit."""
        if command.trigger_price:
            return Walk(0, 0, 0, 0)
        depth = self._market_data.depth(market.market_id)
        buys = command.side is Side.BUY
        low, high = _band(market, reference)
        limit = command.price or (high if buys else low)
        levels = (depth.asks if buys else depth.bids).levels()
        account = self._live.account(command.account_id)
        tier = self._catalog.fee_tiers.get(account.fee_tier if account else 0)
        return _take(levels, command, market, limit, tier.taker_ppm if tier else 0)


def _take(
    levels: Iterable[Level], command: PlaceOrder, market: Market, limit: int, taker_ppm: int
) -> Walk:
    lots = quote_amount = worst = fee = 0
    budget, buys = command.quote_quantity, command.side is Side.BUY
    for price, quantity in levels:
        if (price > limit) if buys else (price < limit):
            break
        unit = price * market.unit_notional
        wanted = (budget - quote_amount) // unit if budget else command.quantity - lots
        taken = min(quantity, wanted)
        if not taken:
            break
        lots, quote_amount, worst = lots + taken, quote_amount + taken * unit, price
        fee += ceil_ppm(taken * market.lot_size if buys else taken * unit, taker_ppm)
    return Walk(lots, quote_amount, worst, fee)


def _wants_more(command: PlaceOrder, market: Market, walk: Walk) -> bool:
    if not command.quote_quantity:
        return walk.lots < command.quantity
    return not walk.worst or (
        command.quote_quantity - walk.quote_amount >= walk.worst * market.unit_notional
    )


def _band(market: Market, around: int) -> tuple[int, int]:
    """Return the price band around a price, in ticks (docs/reference/matching.md)."""
    width = around * market.band_ppm // _PPM
    return max(1, around - width), around + width


def _hold(command: PlaceOrder, market: Market, reference: int) -> int:
    """Return what placing the order sets aside, in units of the asset it pays with."""
    if command.side is not Side.BUY:
        return command.quantity * market.lot_size
    if command.quote_quantity:
        return command.quote_quantity
    price = command.price or _band(market, command.trigger_price or reference)[1]
    return price * command.quantity * market.unit_notional
