"""Views become JSON without losing a unit: fixed decimals, the words of the schema, exact averages."""

from enum import IntEnum
from fractions import Fraction
from math import floor
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.gateway import market_schemas, present, present_market
from cse.gateway import schemas as s
from cse.messages.catalog import Asset, Market
from cse.messages.wire import (
    AccountStatus,
    CloseReason,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cse.projections.views import BalanceView, FillView, LedgerEntry, OrderView
from tests.unit.gateway.world import MARKET, World

NOVA, USDC = Asset(2, "NOVA", 6), Asset(1, "USDC", 6)


def market(price_scale: int = 4, lot_size: int = 10_000, base_scale: int = 6) -> Market:
    return Market(
        market_id=1,
        symbol=MARKET,
        base=Asset(2, "NOVA", base_scale),
        quote=USDC,
        price_scale=price_scale,
        tick_size=1,
        lot_size=lot_size,
        min_quantity=10,
        max_quantity=10**8,
        min_notional=10**6,
        band_ppm=200_000,
        reference_price=12_500,
        max_open_orders=200,
        status=MarketStatus.OPEN,
        unit_notional=1,
    )


def view(**changes: Any) -> OrderView:
    made = OrderView(
        order_id=7,
        account_id=1001,
        market_id=1,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        stp=SelfTradePrevention.EXPIRE_MAKER,
        post_only=False,
        price=12_500,
        trigger_price=0,
        quantity=1_000,
        quote_quantity=0,
        expires_at=0,
        held=0,
        client_order_id="",
        created_at=1,
        updated_at=2,
        sequence=3,
    )
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize(
    ("words", "literal"),
    [
        (present.SIDES, s.SideName),
        (present.ORDER_TYPES, s.OrderTypeName),
        (present.TIMES_IN_FORCE, s.TimeInForceName),
        (present.STP_MODES, s.StpName),
        (present.ACCOUNT_STATUSES, s.AccountStatusName),
        (present.CLOSE_REASONS, s.CloseReasonName),
    ],
)
def test_the_words_are_those_of_the_schema(words: dict[Any, Any], literal: Any) -> None:
    """Every member of an enumeration has its word in the documented Literal, and no word is without one."""
    assert {word for word in words.values() if word} == set(get_args(literal))


def test_every_enumeration_is_told_whole() -> None:
    """No member is missing from the tables."""
    tables: list[tuple[type[IntEnum], dict[Any, Any]]] = [
        (Side, present.SIDES),
        (CloseReason, present.CLOSE_REASONS),
        (AccountStatus, present.ACCOUNT_STATUSES),
        (MarketStatus, present_market.MARKET_STATUSES),
    ]
    for kind, table in tables:
        assert set(kind) <= set(table)


def test_an_order_says_null_where_it_has_nothing() -> None:
    """No client id, trigger, expiry, average or reason: null, not zero and not the empty text."""
    shown = present.order_json(view(), market())
    assert (shown.price, shown.quantity, shown.remaining_quantity) == ("1.2500", "10.00", "10.00")
    empty = (shown.client_order_id, shown.trigger_price, shown.expires_at, shown.average_price)
    assert (*empty, shown.reason, shown.quote_quantity) == (None,) * 6


def test_a_market_buy_by_budget_has_no_quantity() -> None:
    """It shows its budget and what it bought; quantity and remaining are null."""
    by_quote = view(
        type=OrderType.MARKET,
        price=0,
        quantity=0,
        quote_quantity=5_000_000,
        filled_quantity=400,
        quote_filled=4_960_000,
        close_reason=CloseReason.FILLED,
    )
    shown = present.order_json(by_quote, market())
    assert (shown.quantity, shown.remaining_quantity, shown.price) == (None, None, None)
    assert (shown.quote_quantity, shown.quote_filled) == ("5.000000", "4.960000")
    assert (shown.status, shown.reason, shown.average_price) == ("filled", "filled", "1.2400")


@given(st.integers(1, 10**15), st.integers(1, 10**9), st.integers(0, 12), st.integers(0, 9))
def test_the_average_is_exact_to_its_last_digit(
    quote: int, lots: int, price_scale: int, base_scale: int
) -> None:
    """It is the exact quotient, rounded half up to the market's price decimals."""
    of = market(price_scale, lot_size=1, base_scale=base_scale)
    exact = Fraction(quote, 10**6) / Fraction(lots, 10**base_scale) * 10**price_scale
    shown = present.average_price(of, quote, lots)
    assert shown is not None
    assert int(shown.replace(".", "")) == floor(exact + Fraction(1, 2))


def test_money_keeps_all_its_decimals_and_its_sign() -> None:
    """Balances, fills and ledger lines print every decimal of their asset."""
    world = World()
    balance = present.balance_json(BalanceView(1001, 1, 1, 2_500_000), world.catalog)
    assert (balance.available, balance.held) == ("0.000001", "2.500000")
    entry = LedgerEntry(5, 0, 1001, 1, "held", -1, 0, "trade", 0, 9)
    line = present.ledger_json(entry, world.catalog)
    assert (line.amount, line.bucket, line.reference) == ("-0.000001", "held", None)
    fill = FillView(1, 4, 7, 1001, Side.SELL, 12_500, 100, 1_250_000, 2_500, 1, True, 9, 5)
    shown = present.account_fill_json(fill, market())
    assert (shown.fee, shown.fee_asset, shown.liquidity) == ("0.002500", "USDC", "taker")
    assert (shown.quote_amount, shown.side) == ("1.250000", "sell")


def test_a_market_without_trades_shows_its_listed_reference() -> None:
    """The reference price is the listing's until there is a last trade."""
    world = World()
    listed = world.catalog.markets_by_symbol[MARKET]
    assert present_market.market_json(listed, world.catalog).reference_price == "1.2500"
    traded = present_market.market_json(listed, world.catalog, 12_345)
    assert traded.reference_price == "1.2345"
    assert isinstance(traded, market_schemas.MarketInfo)
