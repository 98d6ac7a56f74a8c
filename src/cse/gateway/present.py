"""From views to JSON: integers become decimal strings here and nowhere else on the way out.

REST and WebSocket both use these, so the same number is byte-identical in both. What everybody may see
of markets is in present_market.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from cse.core.money import format_units
from cse.gateway import schemas as s
from cse.messages.catalog import Catalog, Market
from cse.messages.wire import (
    AccountStatus,
    CloseReason,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cse.projections.live import AccountView
from cse.projections.views import BalanceView, FillView, LedgerEntry, OrderView

encode: Final = msgspec.json.Encoder().encode

SIDES: Final = {member: member.name.lower() for member in Side}
ORDER_TYPES: Final = {member: member.name.lower() for member in OrderType}
TIMES_IN_FORCE: Final = {member: member.name.lower() for member in TimeInForce}
STP_MODES: Final = {member: member.name.lower() for member in SelfTradePrevention}
ACCOUNT_STATUSES: Final = {member: member.name.lower() for member in AccountStatus}
CLOSE_REASONS: Final[dict[CloseReason | None, str | None]] = {
    None: None,
    **{member: member.name.lower() for member in CloseReason},
}


def average_price(market: Market, quote_amount: int, lots: int) -> str | None:
    """Return quote units per base as a price string, rounded half up; None when nothing traded."""
    if not lots:
        return None
    base_units = lots * market.lot_size
    scale = market.price_scale + market.base.scale - market.quote.scale
    if scale >= 0:
        top, bottom = quote_amount * 10**scale, base_units
    else:
        top, bottom = quote_amount, base_units * 10**-scale
    return format_units((2 * top + bottom) // (2 * bottom), market.price_scale)


def order_json(view: OrderView, market: Market) -> s.Order:
    """Return an order as the API shows it."""
    price, lots = market.format_price, market.format_quantity
    by_quote = view.quote_quantity > 0
    return s.Order(
        id=view.order_id,
        client_order_id=view.client_order_id or None,
        market=market.symbol,
        side=SIDES[view.side],  # type: ignore[arg-type]  # a lower-cased member name is one of the Literal's
        type=ORDER_TYPES[view.type],  # type: ignore[arg-type]  # as above
        time_in_force=TIMES_IN_FORCE[view.time_in_force],  # type: ignore[arg-type]  # as above
        post_only=view.post_only,
        self_trade_prevention=STP_MODES[view.stp],  # type: ignore[arg-type]  # as above
        status=view.status.value,
        reason=CLOSE_REASONS[view.close_reason],  # type: ignore[arg-type]  # as above
        price=price(view.price) if view.price else None,
        trigger_price=price(view.trigger_price) if view.trigger_price else None,
        quantity=None if by_quote else lots(view.quantity),
        quote_quantity=market.quote.format(view.quote_quantity) if by_quote else None,
        filled_quantity=lots(view.filled_quantity),
        remaining_quantity=None if by_quote else lots(view.quantity - view.filled_quantity),
        average_price=average_price(market, view.quote_filled, view.filled_quantity),
        quote_filled=market.quote.format(view.quote_filled),
        expires_at=view.expires_at or None,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )


def fill_json(view: FillView, market: Market) -> s.Fill:
    """Return a fill as it stands beside its order."""
    fee_asset = market.base if view.fee_asset_id == market.base.asset_id else market.quote
    return s.Fill(
        trade_id=view.trade_id,
        price=market.format_price(view.price),
        quantity=market.format_quantity(view.quantity),
        fee=fee_asset.format(view.fee),
        fee_asset=fee_asset.symbol,
        liquidity="taker" if view.is_taker else "maker",
        time=view.time_ms,
    )


def account_fill_json(view: FillView, market: Market) -> s.AccountFill:
    """Return a fill as it stands in the list of an account's fills."""
    fill = fill_json(view, market)
    return s.AccountFill(
        trade_id=view.trade_id,
        order_id=view.order_id,
        market=market.symbol,
        side="buy" if view.side is Side.BUY else "sell",
        price=fill.price,
        quantity=fill.quantity,
        quote_amount=market.quote.format(view.quote_amount),
        fee=fill.fee,
        fee_asset=fill.fee_asset,
        liquidity=fill.liquidity,
        time=view.time_ms,
    )


def order_with_fills(
    view: OrderView, fills: Iterable[FillView], market: Market
) -> s.OrderWithFills:
    """Return an order with its fills: the answer of most order calls."""
    return s.OrderWithFills(order_json(view, market), [fill_json(fill, market) for fill in fills])


def balance_json(view: BalanceView, catalog: Catalog) -> s.Balance:
    """Return what an account has of one asset."""
    asset = catalog.assets[view.asset_id]
    return s.Balance(asset.symbol, asset.format(view.available), asset.format(view.held))


def ledger_json(entry: LedgerEntry, catalog: Catalog) -> s.LedgerLine:
    """Return one movement of own money."""
    asset = catalog.assets[entry.asset_id]
    return s.LedgerLine(
        sequence=entry.sequence,
        movement=entry.movement,
        asset=asset.symbol,
        bucket="held" if entry.bucket == "held" else "available",
        amount=asset.format(entry.amount),
        balance=asset.format(entry.balance),
        reason=entry.reason,
        reference=entry.reference or None,
        time=entry.time_ms,
    )


def account_json(view: AccountView, open_orders: int, catalog: Catalog) -> s.AccountInfo:
    """Return an account's standing."""
    tier = catalog.fee_tiers.get(view.fee_tier)
    return s.AccountInfo(
        account_id=view.account_id,
        status=ACCOUNT_STATUSES[view.status],  # type: ignore[arg-type]  # a member's name, as in the Literal
        fee_tier=view.fee_tier,
        maker_fee_ppm=tier.maker_ppm if tier else 0,
        taker_fee_ppm=tier.taker_ppm if tier else 0,
        open_orders=open_orders,
        cancel_at=view.cancel_after or None,
    )
