"""What clients may ask of orders, and how it becomes commands.

Checks here are stateless (shape, numbers, which fields go together); everything that depends on money,
other orders or the state of market and account is the engine's.
"""

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.problems import from_reject_code
from cse.gateway.requests import Amounts
from cse.gateway.schemas import OrderTypeName, SideName, StpName, TimeInForceName, TimeMs
from cse.messages.catalog import Catalog, Market
from cse.messages.commands import AmendOrder, PlaceOrder
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import OrderType, SelfTradePrevention, Side, TimeInForce

MAX_BATCH: Final = 50
MAX_CANCEL_AFTER_MS: Final = 86_400_000
"""As the engine's: the dead-man switch waits a day at most."""

ClientOrderId = Annotated[
    str,
    Meta(
        description="Your own name for the order, unique per account: letters, digits and . _ : / -",
        extra_json_schema={"pattern": "^[A-Za-z0-9._:/-]{1,36}$"},
    ),
]
Price = Annotated[
    str,
    Meta(
        description="A positive decimal string with at most the market's decimals, in whole steps.",
        examples=["1.2500"],
        extra_json_schema={"pattern": r"^(0|[1-9][0-9]{0,18})(\.[0-9]{1,19})?$"},
    ),
]

_CLIENT_ORDER_ID = re.compile(r"[A-Za-z0-9._:/-]{1,36}", re.ASCII)
_SIDES: Final = {member.name.lower(): member for member in Side}
_TYPES: Final = {member.name.lower(): member for member in OrderType}
_TIMES: Final = {member.name.lower(): member for member in TimeInForce}
_STP: Final = {member.name.lower(): member for member in SelfTradePrevention}
_PRICED: Final = {"limit", "stop_loss_limit", "take_profit_limit"}


class PlaceRequest(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An order to place. `price` goes with the limit types, `trigger_price` with the triggered ones.

    `market` takes `quantity`, or for buys `quote_quantity`; all others take `quantity`.
    """

    market: str
    side: SideName
    type: OrderTypeName
    price: Price | None = None
    trigger_price: Price | None = None
    quantity: Price | None = None
    quote_quantity: Price | None = None
    time_in_force: TimeInForceName | None = None
    """Default: `gtc` for orders with a price, `ioc` for those without."""
    expires_at: TimeMs | None = None
    """With `gtd` only."""
    post_only: bool = False
    client_order_id: ClientOrderId | None = None
    self_trade_prevention: StpName = "expire_maker"


class AmendRequest(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """New terms of an order; what is not given stays. `quantity` is the new total, filled part included."""

    price: Price | None = None
    trigger_price: Price | None = None
    quantity: Price | None = None


class CancelAfterRequest(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Arm or renew the dead-man switch, or (0) disarm it."""

    timeout_ms: Annotated[int, Meta(ge=0, le=MAX_CANCEL_AFTER_MS)]


class BatchPlace(PlaceRequest, frozen=True, gc=False, tag_field="op", tag="place"):
    """Place an order."""


class BatchAmend(AmendRequest, frozen=True, gc=False, tag_field="op", tag="amend"):
    """Amend an order, named by one of its ids."""

    order_id: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    client_order_id: ClientOrderId | None = None


class BatchCancel(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="op", tag="cancel"
):
    """Cancel an order, named by one of its ids."""

    order_id: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    client_order_id: ClientOrderId | None = None


BatchItem = BatchPlace | BatchAmend | BatchCancel


class BatchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 50 items, each applied for itself, in this order; a bad one stops none of the others."""

    items: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MAX_BATCH)]


class BatchRequestSchema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 50 items, each applied for itself, in this order; a bad one stops none of the others."""

    items: Annotated[list[BatchItem], Meta(min_length=1, max_length=MAX_BATCH)]


def market_of(catalog: Catalog, symbol: str) -> Market:
    """Return a market by its symbol.

    Raises:
        ApiProblem: 404 `market_not_found`.
    """
    market = catalog.markets_by_symbol.get(symbol)
    if market is None:
        raise from_reject_code(
            RejectCode.MARKET_NOT_FOUND,
            f"There is no market {symbol[:40]!r}; GET /api/markets lists them.",
            fields={"market": "does not exist"},
        )
    return market


def place_command(account_id: int, request: PlaceRequest, catalog: Catalog) -> PlaceOrder:
    """Return the command of a place request.

    Raises:
        ApiProblem: 400 naming each bad field, 404 for an unknown market.
    """
    market = market_of(catalog, request.market)
    amounts = Amounts()
    priced = request.type in _PRICED
    _check_fields(amounts, request, priced=priced)
    price = amounts.price("price", request.price, market)
    trigger_price = amounts.price("trigger_price", request.trigger_price, market)
    quantity = amounts.quantity("quantity", request.quantity, market)
    quote_quantity = amounts.units("quote_quantity", request.quote_quantity, market.quote)
    amounts.check()
    time_in_force = request.time_in_force or ("gtc" if priced else "ioc")
    return PlaceOrder(
        account_id,
        market.market_id,
        _SIDES[request.side],
        _TYPES[request.type],
        _TIMES[time_in_force],
        _STP[request.self_trade_prevention],
        request.post_only,
        price,
        trigger_price,
        quantity,
        quote_quantity,
        request.expires_at or 0,
        request.client_order_id or "",
    )


def _check_fields(amounts: Amounts, request: PlaceRequest, *, priced: bool) -> None:
    """Note which fields are missing and which have no business with this type of order."""
    kind = request.type
    _presence(amounts, "price", request.price, wanted=priced, kind=kind)
    triggered = kind not in {"limit", "market"}
    _presence(amounts, "trigger_price", request.trigger_price, wanted=triggered, kind=kind)
    if request.quote_quantity is None:
        if request.quantity is None:
            amounts.refuse("quantity", "is required")
    elif kind != "market" or request.side != "buy":
        amounts.refuse("quote_quantity", "goes with market buys only")
    elif request.quantity is not None:
        amounts.refuse("quote_quantity", "excludes quantity: give one of the two")
    _check_time_in_force(amounts, request, priced=priced)
    check_client_order_id(amounts, request.client_order_id)


def _check_time_in_force(amounts: Amounts, request: PlaceRequest, *, priced: bool) -> None:
    time_in_force = request.time_in_force
    if (time_in_force == "gtd") != (request.expires_at is not None):
        amounts.refuse("expires_at", "goes with time_in_force gtd, and gtd needs it")
    if not priced and time_in_force in {"gtc", "gtd"}:
        amounts.refuse("time_in_force", f"must be ioc or fok for {request.type} orders")
    if request.post_only and (not priced or time_in_force in {"ioc", "fok"}):
        amounts.refuse("post_only", "goes with limit orders that may rest (gtc or gtd) only")


def _presence(amounts: Amounts, field: str, value: str | None, *, wanted: bool, kind: str) -> None:
    if wanted and value is None:
        amounts.refuse(field, f"is required for {kind} orders")
    elif not wanted and value is not None:
        amounts.refuse(field, f"does not go with {kind} orders")


def is_client_order_id(text: str) -> bool:
    """Tell whether a text can be the name of an order."""
    return _CLIENT_ORDER_ID.fullmatch(text) is not None


def check_client_order_id(amounts: Amounts, value: str | None) -> None:
    """Note a client order id that is none."""
    if value is not None and not is_client_order_id(value):
        amounts.refuse("client_order_id", "must be 1 to 36 letters, digits or . _ : / -")


def amend_command(
    account_id: int, order_id: int, client_order_id: str, request: AmendRequest, market: Market
) -> AmendOrder:
    """Return the command of an amend request.

    Raises:
        ApiProblem: 400 naming each bad field, or that nothing is to be changed.
    """
    amounts = Amounts()
    price = amounts.price("price", request.price, market)
    trigger_price = amounts.price("trigger_price", request.trigger_price, market)
    quantity = amounts.quantity("quantity", request.quantity, market)
    if request.price is request.trigger_price is request.quantity is None:
        amounts.refuse("body", "give at least one of price, trigger_price, quantity")
    amounts.check()
    return AmendOrder(account_id, order_id, client_order_id, price, trigger_price, quantity)
