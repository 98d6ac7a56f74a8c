"""What Hypothesis draws: commands in relative terms (an offset from the market's price, the n-th open order),
so that they stay interesting wherever the venue stands and shrink well; `command_of` makes them absolute.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from cse.messages import commands as c
from cse.messages.wire import (
    AccountStatus,
    Command,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.unit.engine.model_state import DAY_MS, HOUSE, LARGEST, Order, World

QUOTE, BASE, OTHER_BASE = 1, 2, 3
ANN, BOB, CLEO, DAN = 1_001, 1_002, 1_003, 1_004
USERS = (ANN, BOB, CLEO, DAN)
NOBODY = 4_444
SPARE = 1_005
NOWHERE = 9
FILLED = -1_000
"""An amendment to the quantity that has been filled already."""
KEYS = [number.to_bytes(16, "big") for number in range(1, 9)]


class Place(NamedTuple):
    """An order; `price` is how many ticks it gives way from the market's price."""

    account: int
    market: int
    side: Side
    shape: tuple[OrderType, TimeInForce, bool]
    stp: SelfTradePrevention
    price: int
    trigger: int
    """How far the price has to go to set it off."""
    quantity: int
    budget: int
    """For market buys: 0 for by quantity, else quote units."""
    lives: int
    client_id: str
    twist: str
    """A field to get wrong."""


class Amend(NamedTuple):
    """Change the n-th open order; None: leave that field out."""

    nth: int
    by: str
    price: int | None
    trigger: int | None
    quantity: int | None


class Cancel(NamedTuple):
    """Cancel the n-th open order."""

    nth: int
    by: str


class Step(NamedTuple):
    """Some time passes, then somebody sends a command."""

    wait_ms: int
    what: Place | Amend | Cancel | Command


L, M, SL, SLL, TP, TPL = OrderType
GTC, IOC, FOK, GTD = TimeInForce
SHAPES = (
    [(L, GTC, False)] * 10
    + [(L, GTC, True), (L, GTD, True), (L, GTD, False), (L, GTD, False)]
    + [(L, IOC, False), (L, FOK, False), (L, FOK, False)]
    + [(M, IOC, False), (M, IOC, False), (M, FOK, False)]
    + [
        (SL, IOC, False),
        (SL, IOC, False),
        (SL, IOC, False),
        (SL, FOK, False),
        (TP, IOC, False),
        (TP, FOK, False),
    ]
    + [(SLL, GTC, False), (SLL, GTD, False), (SLL, IOC, False), (SLL, GTC, True)]
    + [(TPL, GTC, False), (TPL, GTD, False), (TPL, FOK, False), (TPL, GTC, True)]
)
OFFSETS = (0, 0, 1, 1, 2, 3, -1, -1, -2, -3) * 4 + (6, 9, -6, -9, 10, -10, 11, -11)
DISTANCES = (1, 1, 1, 2, 2, 3, 3, 5, 0, -1, 11)
TWISTS = ("",) * 240 + (
    "price",
    "trigger",
    "quantity",
    "both quantities",
    "expiry",
    "past",
    "post-only",
    "budget",
    "huge price",
    "huge quantity",
)

_account = st.sampled_from((*USERS,) * 20 + (SPARE, HOUSE, NOBODY))
_market = st.sampled_from((1,) * 50 + (2,) * 12 + (NOWHERE,))
_asset = st.sampled_from((QUOTE, BASE, OTHER_BASE) * 4 + (NOWHERE,))
_amount = st.sampled_from((1, 7, 60, 100, 500, 2_000) * 4 + (0, LARGEST - 9_000, LARGEST + 1))
_key = st.sampled_from(KEYS)
_withdrawal_key = st.sampled_from(KEYS[:3])
_tier = st.sampled_from((0, 1, 2))
_nth = st.integers(0, 40)
_by = st.sampled_from(("owner",) * 20 + ("client id",) * 5 + ("stranger", "no such id"))


def _market_listing(market_id: int, base: int, price_scale: int) -> Command:
    """A market that may be there already, of an asset that may not be, in ticks that may be too fine."""
    return c.CreateMarket(
        market_id=market_id,
        symbol=f"LIST-{market_id}",
        base_asset_id=base,
        quote_asset_id=QUOTE,
        price_scale=price_scale,
        tick_size=10,
        lot_size=10,
        min_quantity=1,
        max_quantity=40,
        min_notional=0,
        band_ppm=500_000,
        reference_price=20,
        max_open_orders=20,
        status=MarketStatus.OPEN,
    )


places = st.tuples(
    _account,
    _market,
    st.sampled_from((Side.BUY, Side.SELL)),
    st.sampled_from(SHAPES),
    st.sampled_from(tuple(SelfTradePrevention)),
    st.sampled_from(OFFSETS),
    st.sampled_from(DISTANCES),
    st.sampled_from((1, 2, 3, 4, 5, 6, 8, 10) * 6 + (12, 20, 41)),
    st.sampled_from((0, 0, 0, 5, 100, 240, 241, 500, 1_000, 4_000)),
    st.sampled_from((1, 5, 20, 50)),
    st.sampled_from(("",) * 20 + ("a", "b", "c", "d", "e", "f", "g")),
    st.sampled_from(TWISTS),
).map(Place._make)

amends = st.tuples(
    _nth,
    _by,
    st.sampled_from((None, None, *OFFSETS)),
    st.sampled_from((None,) * 80 + OFFSETS),
    st.sampled_from((None, None, -3, -2, -1, -1, 0, 1, 2, 5, 30, FILLED)),
).map(Amend._make)

cancels = st.tuples(_nth, _by).map(Cancel._make)

_market_status = st.sampled_from(
    (MarketStatus.OPEN,) * 9 + (MarketStatus.HALTED, MarketStatus.CANCEL_ONLY)
)
_market_end = st.sampled_from((MarketStatus.OPEN,) * 9 + (MarketStatus.CLOSED,))
_account_status = st.sampled_from(
    (AccountStatus.OPEN,) * 6 + (AccountStatus.FROZEN, AccountStatus.CLOSED)
)
_rare = st.one_of(
    st.builds(_market_listing, st.sampled_from((1, 3)), _asset, st.sampled_from((1, 9))),
    st.builds(c.SetAccountStatus, st.just(SPARE), st.just(AccountStatus.CLOSED)),
    st.builds(c.SetMarketStatus, _market, _market_status),
    st.builds(c.SetMarketStatus, st.just(2), _market_end),
    st.builds(c.SetAccountStatus, _account, _account_status),
    st.builds(c.SetAccountStatus, _account, _account_status),
    st.builds(c.SetAccountFeeTier, _account, _tier),
    st.builds(c.SetFeeTier, _tier, st.sampled_from((0, 10_000, 100_000)), st.just(20_001)),
    st.builds(c.SetFeeTier, _tier, st.sampled_from((0, 100_001)), st.just(100_001)),
    st.builds(
        c.UpdateMarket,
        _market,
        min_quantity=st.sampled_from((1, 2)),
        max_quantity=st.sampled_from((20, 40)),
        min_notional=st.sampled_from((0, 200)),
        band_ppm=st.sampled_from((1, 200_000, 500_000, 500_000)),
        max_open_orders=st.sampled_from((6, 20)),
    ),
    st.builds(c.OpenAccount, st.sampled_from((SPARE, ANN)), _tier),
    st.builds(
        c.CreateAsset,
        st.sampled_from((QUOTE, 7)),
        st.sampled_from(("USDC", "NEW")),
        st.sampled_from((1, 9, 10)),
    ),
)

_money = st.one_of(
    st.builds(c.CreditDeposit, _account, _asset, _amount, _key),
    st.builds(c.CreditDeposit, _account, _asset, _amount, _key),
    st.builds(c.HoldWithdrawal, _account, _asset, _amount, _withdrawal_key),
    st.builds(c.HoldWithdrawal, _account, _asset, _amount, _key),
    st.builds(c.SettleWithdrawal, _withdrawal_key),
    st.builds(c.ReleaseWithdrawal, _withdrawal_key),
    st.builds(c.Transfer, _account, _account, _asset, _amount, _key),
)

_timeouts = st.sampled_from((0, 1, 10, 30, 30, DAY_MS, DAY_MS + 1))


def _copies(strategy: st.SearchStrategy[Any], count: int) -> list[st.SearchStrategy[Any]]:
    """Make a choice more likely: `one_of` takes equal branches for one, so these differ."""
    return [strategy.map(lambda what: what) for _ in range(count)]


whats = st.one_of(
    *_copies(places, 24),
    *_copies(amends, 5),
    *_copies(cancels, 4),
    *_copies(_money, 2),
    _rare,
    st.builds(c.CancelAll, _account, st.sampled_from((0, 0, 1, 2, NOWHERE))),
    st.builds(c.SetCancelAfter, _account, _timeouts),
    st.just(c.Tick()),
    st.just(c.Tick()),
)

steps = st.tuples(st.sampled_from((0, 1, 1, 1, 2, 5, 20)), whats).map(Step._make)


def command_of(world: World, what: Place | Amend | Cancel | Command) -> Command:
    """Make a drawn wish a command, as things stand in the model."""
    if isinstance(what, Place):
        return _place(world, what)
    if isinstance(what, Amend):
        return _amend(world, what)
    if isinstance(what, Cancel):
        account, order_id, client_id, _ = _name(world, what.nth, what.by)
        return c.CancelOrder(account, order_id, client_id)
    return what


def _place(world: World, what: Place) -> Command:
    mends = what.lives == 5
    market = world.markets.get(what.market)
    if market and market.status in {MarketStatus.HALTED, MarketStatus.CANCEL_ONLY} and mends:
        return c.SetMarketStatus(market.id, MarketStatus.OPEN)
    account = world.accounts.get(what.account)
    if account and account.status is AccountStatus.FROZEN and mends:
        return c.SetAccountStatus(account.id, AccountStatus.OPEN)
    middle = market.middle if market else 20
    order_type, tif, post_only = what.shape
    by_budget = what.budget and order_type in {M, SL, TP} and what.side is Side.BUY
    rises = (order_type in {SL, SLL}) == (what.side is Side.BUY)
    distance = what.trigger if rises else -what.trigger
    trigger = max(1, middle + distance) if order_type not in {L, M} else 0
    gives = what.price if what.side is Side.BUY else -what.price
    price = max(1, (trigger or middle) + gives) if order_type in {L, SLL, TPL} else 0
    fields = {
        "account_id": what.account,
        "market_id": what.market,
        "side": what.side,
        "type": order_type,
        "time_in_force": tif,
        "stp": what.stp,
        "post_only": post_only,
        "price": price,
        "trigger_price": trigger,
        "quantity": 0 if by_budget else what.quantity,
        "quote_quantity": what.budget if by_budget else 0,
        "expires_at": world.now + what.lives if tif is GTD else 0,
        "client_order_id": what.client_id,
    }
    return c.PlaceOrder(**{**fields, **_wrong(world, what, fields)})


def _wrong(world: World, what: Place, fields: dict[str, Any]) -> dict[str, Any]:
    """The field that is to be wrong."""
    wrong: dict[str, dict[str, Any]] = {
        "": {},
        "price": {"price": 0 if fields["price"] else 20},
        "trigger": {"trigger_price": 0 if fields["trigger_price"] else 20},
        "quantity": {"quantity": 0},
        "both quantities": {"quantity": 2, "quote_quantity": 200},
        "expiry": {"expires_at": 0 if fields["expires_at"] else world.now + 9},
        "past": {"expires_at": world.now},
        "post-only": {"post_only": True},
        "budget": {"quantity": 0, "quote_quantity": 300},
        "huge price": {"price": 2**62},
        "huge quantity": {"quantity": 2**63 - 1},
    }
    return wrong[what.twist]


def _amend(world: World, what: Amend) -> Command:
    account, order_id, client_id, order = _name(world, what.nth, what.by)
    if order is None:
        return c.AmendOrder(account, order_id, client_id, 20, 0, 0)
    middle = order.market.middle
    price = 0 if what.price is None else max(1, (order.price or middle) + what.price)
    trigger = 0 if what.trigger is None else max(1, (order.trigger or middle) + what.trigger)
    quantity = 0 if what.quantity is None else max(1, order.quantity + what.quantity, order.filled)
    return c.AmendOrder(account, order_id, client_id, price, trigger, quantity)


def _name(world: World, nth: int, by: str) -> tuple[int, int, str, Order | None]:
    """Name the n-th open order: (account, order id, client order id, the order)."""
    if not world.orders or by == "no such id":
        return ANN, world.orders_made + 1, "", None
    order = world.orders[nth % len(world.orders)]
    if by == "client id":
        return order.account, 0, order.client_id, order
    if by == "stranger":
        return USERS[nth % 4], order.id, "", order
    return order.account, order.id, "", order
