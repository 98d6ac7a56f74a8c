"""From views to JSON: integers become decimal strings here and nowhere else on the way out.

REST and WebSocket both use these, so the same number is byte-identical in both. What everybody may see
of markets is in present_market.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Final

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


def _names(kind: type[IntEnum]) -> Any:
    return {member: member.name.lower() for member in kind}


encode: Final = msgspec.json.Encoder().encode

_ZEROS: Final = tuple(format_units(0, scale) for scale in range(20))

# A member's name in lower case is one of the Literal's words; a test holds both to each other.
SIDES: Final[dict[Side, s.SideName]] = _names(Side)
ORDER_TYPES: Final[dict[OrderType, s.OrderTypeName]] = _names(OrderType)
TIMES_IN_FORCE: Final[dict[TimeInForce, s.TimeInForceName]] = _names(TimeInForce)
STP_MODES: Final[dict[SelfTradePrevention, s.StpName]] = _names(SelfTradePrevention)
ACCOUNT_STATUSES: Final[dict[AccountStatus, s.AccountStatusName]] = _names(AccountStatus)
CLOSE_REASONS: Final[dict[CloseReason | None, s.CloseReasonName | None]] = {
    None: None,
    **_names(CloseReason),
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
    price, total, filled = market.format_price, view.quantity, view.filled_quantity
    by_quote = view.quote_quantity > 0
    quantity = _lots(market, total)
    return s.Order(  # by position: keywords cost as much again as the rest of it
        view.order_id,
        view.client_order_id or None,
        market.symbol,
        SIDES[view.side],
        ORDER_TYPES[view.type],
        TIMES_IN_FORCE[view.time_in_force],
        view.post_only,
        STP_MODES[view.stp],
        view.status.value,
        CLOSE_REASONS[view.close_reason],
        price(view.price) if view.price else None,
        price(view.trigger_price) if view.trigger_price else None,
        None if by_quote else quantity,
        market.quote.format(view.quote_quantity) if by_quote else None,
        quantity if filled == total else _lots(market, filled),
        None if by_quote else _lots(market, total - filled) if filled else quantity,
        average_price(market, view.quote_filled, filled) if filled else None,
        market.quote.format(view.quote_filled) if filled else _ZEROS[market.quote.scale],
        view.expires_at or None,
        view.created_at,
        view.updated_at,
    )


def _lots(market: Market, lots: int) -> str:
    """Return a quantity; most that are shown are nothing, all or the rest of an order, and nothing is quick."""
    return market.format_quantity(lots) if lots else _ZEROS[market.quantity_scale]


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


def account_json(
    view: AccountView, open_orders: int, limits: s.AccountLimits, catalog: Catalog
) -> s.AccountInfo:
    """Return an account's standing."""
    tier = catalog.fee_tiers.get(view.fee_tier)
    return s.AccountInfo(
        account_id=view.account_id,
        status=ACCOUNT_STATUSES[view.status],
        fee_tier=view.fee_tier,
        maker_fee_ppm=tier.maker_ppm if tier else 0,
        taker_fee_ppm=tier.taker_ppm if tier else 0,
        open_orders=open_orders,
        limits=limits,
        cancel_at=view.cancel_after or None,
    )
