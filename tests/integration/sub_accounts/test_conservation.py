"""Whatever is transferred and traded between a person's accounts, no money is made or lost.

Random transfers, orders and cancels of three accounts go through the real engine; after each of them the sum
of what everybody has of an asset is what was deposited, nothing is below zero, and repeated keys move nothing.
"""

from typing import Any, Final

from hypothesis import event as event_count
from hypothesis import given, settings
from hypothesis import strategies as st

from cse.engine.backend import new_engine
from cse.messages.commands import CancelAll, CreditDeposit, OpenAccount, PlaceOrder, Transfer
from cse.messages.events import Rejected, Trade, Transferred
from cse.messages.records import BalanceRecord
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import OrderType, SelfTradePrevention, Side, TimeInForce
from cse.sandbox.venue import bootstrap_commands

ACCOUNTS: Final = (1_000, 1_001, 1_002)
START: Final = 1_000_000_000_000
"""Units of each asset that each account begins with."""

_ACCOUNT = st.sampled_from(ACCOUNTS)
_TRANSFERS = st.builds(
    lambda a, b, asset, amount, key: ("transfer", a, b, asset, amount, key),
    _ACCOUNT,
    _ACCOUNT,
    st.integers(0, 2),
    st.integers(0, 2 * START),
    st.integers(0, 5),
)
_ORDERS = st.builds(
    lambda account, side, price, lots: ("order", account, side, price, lots),
    _ACCOUNT,
    st.sampled_from(list(Side)),
    st.integers(12_300, 12_500),
    st.integers(500, 50_000),
)
_CANCELS = st.builds(lambda account: ("cancel", account), _ACCOUNT)
STEPS = st.lists(_TRANSFERS | _ORDERS | _CANCELS, min_size=1, max_size=40)


class Exchange:
    """A real engine with three accounts of one person."""

    def __init__(self) -> None:
        self.engine = new_engine()
        self.trades = 0
        for command in bootstrap_commands():
            self.do(command)
        self.assets = sorted({r.asset_id for r in self.records("AssetRecord")})[:2]
        for account_id in ACCOUNTS:
            self.do(OpenAccount(account_id, 0))
            for asset_id in self.assets:
                key = f"seed {account_id:5} {asset_id:4}".encode().ljust(16)[:16]
                self.do(CreditDeposit(account_id, asset_id, START, key))
        self.custody = self.sums()

    def do(self, command: Any) -> Any:
        sequence = self.engine.sequence + 1
        events = self.engine.apply(sequence, 1_700_000_000_000 + sequence, command)
        self.trades += sum(isinstance(event, Trade) for event in events)
        return events[0] if events else None

    def records(self, name: str) -> list[Any]:
        return [each for each in self.engine.records() if type(each).__name__ == name]

    def balances(self) -> dict[tuple[int, int], tuple[int, int]]:
        return {
            (each.account_id, each.asset_id): (each.available, each.held)
            for each in self.engine.records()
            if isinstance(each, BalanceRecord)
        }

    def sums(self) -> dict[int, int]:
        sums: dict[int, int] = {}
        for (_, asset_id), (available, held) in self.balances().items():
            sums[asset_id] = sums.get(asset_id, 0) + available + held
        return sums


def _command(exchange: Exchange, step: Any) -> Any:
    if step[0] == "transfer":
        _, payer, receiver, asset, amount, key = step
        asset_id = (*exchange.assets, 999)[asset]
        return Transfer(payer, receiver, asset_id, amount, bytes([key]) * 16)
    if step[0] == "order":
        _, account_id, side, price, lots = step
        market = exchange.records("MarketRecord")[0]
        return PlaceOrder(
            account_id=account_id,
            market_id=market.market_id,
            side=side,
            type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            stp=next(iter(SelfTradePrevention)),
            post_only=False,
            price=price,
            trigger_price=0,
            quantity=lots,
            quote_quantity=0,
            expires_at=0,
            client_order_id="",
        )
    return CancelAll(step[1], 0)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_no_money_is_made_or_lost(steps: list[Any]) -> None:
    """Sums stay what was deposited, balances stay at zero or above, a key moves money once."""
    exchange, moved = Exchange(), set[bytes]()
    for step in steps:
        before, command = exchange.balances(), _command(exchange, step)
        event = exchange.do(command)
        after = exchange.balances()
        assert exchange.sums() == exchange.custody
        assert all(min(amounts) >= 0 for amounts in after.values())
        if not isinstance(command, Transfer):
            continue
        if isinstance(event, Rejected):
            assert after == before
            if command.key in moved:
                assert event.code in {RejectCode.ALREADY_APPLIED, RejectCode.KEY_CONFLICT}
        else:
            assert isinstance(event, Transferred)
            assert command.key not in moved
            moved.add(command.key)
            _assert_moved(command, before, after)
    event_count(f"trades: {bool(exchange.trades)}")


def _assert_moved(command: Transfer, before: Any, after: Any) -> None:
    """Exactly the amount left one account and arrived at the other, and nothing else changed."""
    sides = {command.from_account_id: -command.amount, command.to_account_id: command.amount}
    for place in before.keys() | after.keys():
        was, now = before.get(place, (0, 0)), after.get(place, (0, 0))
        change = sides.get(place[0], 0) if place[1] == command.asset_id else 0
        assert now == (was[0] + change, was[1]), place
