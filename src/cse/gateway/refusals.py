"""The engine's refusals in the person's words: which field, which limit, how much is missing."""

from collections.abc import Callable
from typing import Final

from cse.core.money import format_units
from cse.gateway.problems import ApiProblem, from_reject_code
from cse.messages.catalog import Catalog, Market
from cse.messages.commands import AmendOrder, PlaceOrder
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Command, Side
from cse.projections.live import LiveAccounts
from cse.projections.views import OrderView

_LIMITS: Final[dict[RejectCode, tuple[str, Callable[[Market], str]]]] = {
    RejectCode.QUANTITY_TOO_SMALL: (
        "quantity",
        lambda m: f"must be at least {m.format_quantity(m.min_quantity)} {m.base.symbol}",
    ),
    RejectCode.QUANTITY_TOO_LARGE: (
        "quantity",
        lambda m: f"must be at most {m.format_quantity(m.max_quantity)} {m.base.symbol}",
    ),
    RejectCode.NOTIONAL_TOO_SMALL: (
        "quantity",
        lambda m: (
            f"price x quantity must be at least {m.quote.format(m.min_notional)} {m.quote.symbol}"
        ),
    ),
    RejectCode.PRICE_OUT_OF_BAND: (
        "price",
        lambda m: f"must lie within {format_units(m.band_ppm, 4)} % of the market's price",
    ),
    RejectCode.TOO_MANY_ORDERS: (
        "market",
        lambda m: f"takes at most {m.max_open_orders} open orders of one account",
    ),
}


def explain_refusal(
    rejected: Rejected,
    command: Command,
    catalog: Catalog,
    live: LiveAccounts,
    view: OrderView | None = None,
) -> ApiProblem:
    """Return a refusal as the API tells it, with what is needed to do better."""
    code = rejected.code
    market_id = rejected.market_id or (view.market_id if view else 0)
    market = catalog.markets.get(market_id)
    if market is None:
        return from_reject_code(code)
    if code in _LIMITS:
        field, words = _LIMITS[code]
        message = words(market)
        return from_reject_code(code, f"{field}: {message}", fields={field: message})
    if code is RejectCode.INSUFFICIENT_FUNDS:
        return from_reject_code(code, _missing_money(command, market, live, view))
    if code is RejectCode.DUPLICATE_CLIENT_ORDER_ID:
        detail = (
            f"client_order_id {rejected.client_order_id!r} is order {rejected.order_id} already."
        )
        return from_reject_code(
            code, detail, fields={"client_order_id": "was used for another order"}
        )
    return from_reject_code(code)


def _missing_money(
    command: Command, market: Market, live: LiveAccounts, view: OrderView | None
) -> str | None:
    """Return "Not enough USDC: you have 120.00, this needs 125.00.", as far as the need is known."""
    if isinstance(command, PlaceOrder):
        side, price, lots = command.side, command.price, command.quantity
        budget, held = command.quote_quantity, 0
    elif isinstance(command, AmendOrder) and view is not None:
        side, price = view.side, command.price or view.price
        lots = (command.quantity or view.quantity) - view.filled_quantity
        budget, held = view.quote_quantity, view.held
    else:
        return None
    asset = market.quote if side is Side.BUY else market.base
    has = live.balance(command.account_id, asset.asset_id).available
    words = f"Not enough {asset.symbol}: you have {asset.format(has)} available"
    cost = budget or price * lots * market.unit_notional
    needs = cost if side is Side.BUY else lots * market.lot_size
    return f"{words}, this needs {asset.format(needs - held)}." if needs > held else f"{words}."
