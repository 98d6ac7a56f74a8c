"""The live view knows what the engine knows: checked against the engine's own records after every command.

The engine is the real one, the commands are random (and many are refused); what the view says of orders,
balances, accounts and fills must be what the records say, from the first command on and after a restart.
"""

from itertools import islice

import msgspec
import pytest

from cse.core.ids import FEE_ACCOUNT
from cse.engine.backend import Engine
from cse.messages import commands as c
from cse.messages import records as r
from cse.messages.events import OrderAccepted, Trade
from cse.messages.wire import AccountStatus, CloseReason, Side
from cse.projections.live import LiveAccounts
from cse.projections.views import OrderStatus, OrderView
from tests.unit.projections.live.streams import (
    ACCOUNTS,
    GOLD,
    MARKETS,
    USD,
    Venue,
    place,
    random_commands,
)

ALICE, BOB = ACCOUNTS[:2]


def following(venue: Venue) -> LiveAccounts:
    live = LiveAccounts()
    live.load(venue.engine.records())
    return live


def open_venue() -> tuple[Venue, LiveAccounts]:
    venue = Venue()
    live = following(venue)
    live.apply(venue.list_everything())
    return venue, live


def do(venue: Venue, live: LiveAccounts, command: c.PlaceOrder | c.CancelOrder) -> OrderView:
    """Apply a command and return the view of the order that it placed or cancelled."""
    applied = venue.apply(command)
    live.apply([applied])
    order_id = next(event.order_id for event in applied.events if hasattr(event, "order_id"))
    view = live.order(order_id)
    assert view is not None
    return view


def assert_same(live: LiveAccounts, engine: Engine) -> None:
    records = list(engine.records())
    balances = {
        (b.account_id, b.asset_id): (b.available, b.held)
        for b in records
        if isinstance(b, r.BalanceRecord)
    }
    accounts = [record for record in records if isinstance(record, r.AccountRecord)]
    assert balances == {
        (b.account_id, b.asset_id): (b.available, b.held)
        for account in accounts
        for b in live.balances(account.account_id).values()
    }
    for record in accounts:
        view = live.account(record.account_id)
        assert view is not None
        assert msgspec.structs.astuple(view) == msgspec.structs.astuple(record)
    orders = [record for record in records if isinstance(record, r.OrderRecord)]
    for account in accounts:
        own = [o.order_id for o in orders if o.account_id == account.account_id]
        assert [view.order_id for view in live.open_orders(account.account_id)] == own[::-1]
    for order in orders:
        assert_same_order(live.order(order.order_id), order)


def assert_same_order(view: OrderView | None, record: r.OrderRecord) -> None:
    assert view is not None
    assert view.close_reason is None
    shared = set(view.__struct_fields__) & set(record.__struct_fields__)
    assert {"price", "held", "filled_quantity", "updated_at"} <= shared
    for name in shared:
        assert getattr(view, name) == getattr(record, name), name
    triggered = record.resting and record.type not in {1, 2}
    assert view.triggered == triggered


@pytest.mark.parametrize("seed", range(6))
def test_it_equals_the_engine_after_every_command(seed: int) -> None:
    """Every record of orders, balances and accounts, after each of 400 random commands."""
    venue, live = open_venue()
    for command in islice(random_commands(seed, venue), 400):
        live.apply([venue.apply(command, after_ms=seed)])
        assert_same(live, venue.engine)


def test_a_restart_from_records_gives_the_same_view() -> None:
    """A view that starts from a snapshot in the middle ends where one that saw everything ends."""
    venue, live = open_venue()
    commands = random_commands(99, venue)
    for command in islice(commands, 300):
        live.apply([venue.apply(command)])
    restarted = following(venue)
    assert_same(restarted, venue.engine)
    for command in islice(commands, 300):
        applied = venue.apply(command)
        live.apply([applied])
        restarted.apply([applied])
    assert_same(restarted, venue.engine)
    for account in (FEE_ACCOUNT, *ACCOUNTS):
        assert restarted.balances(account) == live.balances(account)
        same = [msgspec.structs.replace(view, sequence=0) for view in live.open_orders(account)]
        assert same == [
            msgspec.structs.replace(view, sequence=0) for view in restarted.open_orders(account)
        ]


def test_value_is_conserved() -> None:
    """Whatever trades, what all accounts have together is what came in minus what left."""
    venue, live = open_venue()
    for command in islice(random_commands(5, venue), 500):
        live.apply([venue.apply(command)])
        custody = {
            a.asset_id: a.custody for a in venue.engine.records() if isinstance(a, r.AssetRecord)
        }
        assert {asset: live.total(asset) for asset in custody} == custody


def test_what_was_applied_already_is_passed_over() -> None:
    """The feed may hand a command twice over a reconnect; money must not move twice."""
    venue, live = open_venue()
    applied = venue.apply(place(ALICE, Side.BUY, 1_000, 10))
    live.apply([applied])
    before = live.balances(ALICE)
    live.apply([applied])
    assert live.balances(ALICE) == before
    assert len(live.open_orders(ALICE)) == 1


def test_a_trade_fills_both_sides_with_their_fees() -> None:
    """Fills carry price, fee and fee asset of their own side, and the order says it is filled."""
    venue, live = open_venue()
    maker = do(venue, live, place(ALICE, Side.SELL, 1_000, 10))
    taker = do(venue, live, place(BOB, Side.BUY, 1_010, 4, client_order_id="b-1"))
    assert (maker.status, taker.status) == (OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED)
    (sold,), (bought,) = live.fills(maker.order_id), live.fills(taker.order_id)
    assert (sold.fee_asset_id, sold.is_taker, sold.side) == (USD, False, Side.SELL)
    assert (bought.fee_asset_id, bought.is_taker, bought.side) == (GOLD, True, Side.BUY)
    assert sold.price == bought.price == 1_000
    assert bought.fee == 1, "0.2 % of 400 units, rounded up"
    assert live.order_by_client_id(BOB, "b-1") is taker
    assert live.has_all_fills(maker.order_id)


def test_orders_are_told_apart_by_market_and_owner() -> None:
    """Open orders are listed newest first, of the market that was asked for, and nobody else's."""
    venue, live = open_venue()
    one, two, three = (
        do(venue, live, place(ALICE, Side.BUY, 990, 1, market_id=market)) for market in (1, 2, 1)
    )
    assert live.open_orders(ALICE) == [three, two, one]
    assert live.open_orders(ALICE, MARKETS[1]) == [two]
    assert live.open_orders(BOB) == []


def test_closed_orders_are_forgotten_oldest_first() -> None:
    """Memory is bounded: the order that was closed first goes, its fills and its name with it."""
    venue = Venue()
    live = LiveAccounts(max_closed=2)
    live.load(venue.engine.records())
    live.apply(venue.list_everything())
    orders = [
        do(venue, live, place(ALICE, Side.BUY, 990, 1, client_order_id=f"n{i}")) for i in range(4)
    ]
    for order in orders[:3]:
        view = do(venue, live, c.CancelOrder(ALICE, order.order_id, ""))
        assert view.close_reason is CloseReason.CANCELLED
    assert [live.order(order.order_id) for order in orders] == [None, *orders[1:]]
    assert live.order_by_client_id(ALICE, "n0") is None
    assert live.order_by_client_id(ALICE, "n3") is orders[3]


def test_fills_before_a_start_are_known_to_be_missing() -> None:
    """After a restart the fills of a half-filled order are in history only, and the view says so."""
    venue, live = open_venue()
    maker = do(venue, live, place(ALICE, Side.SELL, 1_000, 10))
    do(venue, live, place(BOB, Side.BUY, 1_000, 4))
    restarted = following(venue)
    assert live.has_all_fills(maker.order_id)
    assert not restarted.has_all_fills(maker.order_id)


def test_last_sequence_names_the_last_command_that_touched_the_account() -> None:
    """Whoever reads history waits for this sequence: it moves with own trades, not with those of others."""
    venue, live = open_venue()
    placed = do(venue, live, place(ALICE, Side.SELL, 1_000, 10))
    assert live.last_sequence(ALICE) == placed.sequence
    do(venue, live, place(ACCOUNTS[2], Side.BUY, 900, 1))
    assert live.last_sequence(ALICE) == placed.sequence
    applied = venue.apply(place(BOB, Side.BUY, 1_000, 4))
    live.apply([applied])
    assert isinstance(applied.events[0], OrderAccepted)
    assert any(isinstance(event, Trade) for event in applied.events)
    assert live.last_sequence(ALICE) == live.last_sequence(BOB) == applied.sequence
    assert following(venue).last_sequence(ACCOUNTS[3]) == applied.sequence, "unknown: all of it"


def test_an_account_that_does_not_exist_has_nothing() -> None:
    """Strangers are answered with nothing, not with an error."""
    _, live = open_venue()
    assert live.account(77) is None
    assert live.balances(77) == {}
    assert live.open_orders(77) == []
    assert live.order(1) is None
    assert live.fills(1) == ()
    opened = live.account(ALICE)
    assert opened is not None
    assert opened.status is AccountStatus.OPEN
