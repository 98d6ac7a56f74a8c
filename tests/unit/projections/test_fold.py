"""Proves the fold: what the events add up to is what the engine has, after every command, in double entry."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cse.core.money import MAX_AMOUNT
from cse.engine.backend import new_engine
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.events import Applied
from cse.messages.wire import CloseReason, Event, Side
from cse.projections.audit import differences
from cse.projections.errors import ImpossibleEvent
from cse.projections.fold import Fold
from cse.projections.ledger import OUTSIDE_ACCOUNT, Balance
from tests.unit.projections.flow import START_MS, Flow


def genesis() -> Fold:
    return Fold.genesis(new_engine().records())


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32))
def test_the_fold_agrees_with_the_engine_after_every_command(seed: int) -> None:
    """Balances, custody, open orders and accounts, folded from events, equal the engine's records."""
    flow, fold = Flow(seed), genesis()
    for applied in flow.run(300):
        fold.apply(applied)
        assert differences(fold, flow.engine.records()) == [], applied


def test_a_difference_is_found() -> None:
    """The audit does see it when engine and events disagree, whoever has more."""
    flow, fold = Flow(1), genesis()
    for applied in flow.run(50):
        fold.apply(applied)
    records = list(flow.engine.records())
    fold.ledger.balances[1000, 1].available += 1
    assert len(differences(fold, records)) == 1
    fold.ledger.balances[1000, 1].available -= 1
    fold.ledger.put(Balance(999, 1, 5))
    assert differences(fold, records)[0].startswith("BalanceRecord")
    del fold.ledger.balances[999, 1]
    order_id, _ = fold.orders.by_id.popitem()
    assert any(f"order {order_id}" in line for line in differences(fold, records))


def test_every_movement_sums_to_zero_and_tells_the_balance_it_leaves() -> None:
    """Per movement and asset the legs cancel out; each leg's balance follows from the one before it."""
    flow, fold = Flow(2), genesis()
    for applied in flow.run(3_000):
        fold.apply(applied)
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    balances: dict[tuple[int, int, str], int] = defaultdict(int)
    for entry in fold.pending.ledger:
        sums[entry.sequence, entry.movement, entry.asset_id] += entry.amount
        place = (entry.account_id, entry.asset_id, entry.bucket)
        balances[place] += entry.amount
        assert balances[place] == entry.balance
        assert entry.amount != 0
    assert set(sums.values()) == {0}
    assert {entry.bucket for entry in fold.pending.ledger} == {"outside", "available", "held"}
    assert len({entry.reason for entry in fold.pending.ledger}) == 10


def test_keys_are_unique_and_rising() -> None:
    """History is paged by (sequence, position): no two legs and no two fills share one."""
    fold = genesis()
    for applied in Flow(3).run(2_000):
        fold.apply(applied)
    for rows in (fold.pending.ledger, fold.pending.fills):
        keys = [row.key for row in rows]
        assert keys == sorted(set(keys))


def test_all_money_and_the_outside_world_sum_to_zero() -> None:
    """Conservation: per asset, what everybody has is what came in minus what went out."""
    fold = genesis()
    for applied in Flow(4).run(2_000):
        fold.apply(applied)
    totals: dict[int, int] = defaultdict(int)
    for balance in fold.ledger.balances.values():
        totals[balance.asset_id] += balance.available + balance.held
    assert set(totals.values()) == {0}
    assert fold.ledger.balances[OUTSIDE_ACCOUNT, 1].available < 0


def test_take_hands_over_each_change_once() -> None:
    """Changes are contiguous: the next ones begin where those taken ended, with nothing left over."""
    fold = genesis()
    for applied in Flow(5).run(100):
        fold.apply(applied)
    first = fold.take()
    assert (first.after, first.sequence) == (0, fold.sequence)
    assert first.commands == fold.sequence
    assert first.rows > 100
    assert fold.pending.rows == 0
    assert fold.take().after == first.sequence


def funded() -> Fold:
    fold, engine = genesis(), new_engine()
    commands = (
        c.CreateAsset(1, "USDC", 6),
        c.OpenAccount(1000, 0),
        c.CreditDeposit(1000, 1, 500, bytes(16)),
    )
    for number, command in enumerate(commands, start=1):
        fold.apply(Applied(number, START_MS, command, engine.apply(number, START_MS, command)))
    return fold


@pytest.mark.parametrize(
    "event",
    [
        e.WithdrawalHeld(1000, 1, 501, bytes(16)),
        e.WithdrawalSettled(1000, 1, 1, bytes(16)),
        e.DepositCredited(1000, 1, MAX_AMOUNT, bytes(16)),
        e.OrderClosed(7, 1000, 1, CloseReason.CANCELLED, 0, 0),
        e.OrderTriggered(7, 1000, 1, 0),
        e.Trade(1, 1, 1, 1, 1, 1, Side.BUY, 7, 8, 1000, 1000, 0, 0, 0),
        e.AccountOpened(1000, 0),
        e.CancelAfterSet(77, 0),
        e.MarketUpdated(9, 1, 1, 1, 1, 1),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_impossible_event_is_refused_by_name(event: Event) -> None:
    """Overdrafts, overflows and things that never were stop the fold; the message names the command."""
    with pytest.raises(ImpossibleEvent, match=r"command 4 \(Tick\)"):
        funded().apply(Applied(4, START_MS, c.Tick(), [event]))


@pytest.mark.parametrize(("sequence", "time_ms"), [(5, START_MS), (3, START_MS), (4, START_MS - 1)])
def test_a_gap_a_repetition_or_time_going_back_is_refused(sequence: int, time_ms: int) -> None:
    """Commands come one after the other, in time."""
    with pytest.raises(ImpossibleEvent, match="after command 3"):
        funded().apply(Applied(sequence, time_ms, c.Tick(), []))
