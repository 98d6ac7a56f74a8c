"""The whole state of a venue in one place, with the few moves that several handlers share."""

from collections import OrderedDict
from collections.abc import Callable

from sortedcontainers import SortedList

from cse.core.ids import FEE_ACCOUNT
from cse.engine.model import Account, Asset, FeeTier, Market, MoneyKey, Order
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Command, Event


class State:
    """Everything that a replay must reproduce. A new venue has the fee account and the fee tier 0, free."""

    __slots__ = (
        "accounts",
        "assets",
        "cancel_afters",
        "events",
        "expiries",
        "fee_tiers",
        "markets",
        "money_keys",
        "next_order_id",
        "next_priority",
        "orders",
        "sequence",
        "time_ms",
        "trigger_queue",
    )

    def __init__(self) -> None:
        """Begin as an empty venue."""
        self.sequence = 0
        self.time_ms = 0
        self.next_order_id = 1
        self.next_priority = 1
        self.events: list[Event] = []
        """What the command under way has done so far."""
        self.assets: dict[int, Asset] = {}
        self.fee_tiers: dict[int, FeeTier] = {0: FeeTier(0, 0, 0)}
        self.markets: dict[int, Market] = {}
        self.accounts: dict[int, Account] = {FEE_ACCOUNT: Account(FEE_ACCOUNT, self.fee_tiers[0])}
        self.orders: dict[int, Order] = {}
        self.money_keys: dict[bytes, MoneyKey] = {}
        self.trigger_queue: OrderedDict[int, Order] = OrderedDict()
        self.expiries: SortedList[tuple[int, int]] = SortedList()
        """(expires_at, order id) of every open good-till-date order."""
        self.cancel_afters: SortedList[tuple[int, int]] = SortedList()
        """(deadline, account id) of every armed dead-man switch."""

    def set_cancel_after(self, account: Account, deadline: int) -> None:
        """Arm an account's dead-man switch for a time, or disarm it (0)."""
        if account.cancel_after:
            self.cancel_afters.remove((account.cancel_after, account.account_id))
        account.cancel_after = deadline
        if deadline:
            self.cancel_afters.add((deadline, account.account_id))


Handler = Callable[[State, Command], Rejected | None]
"""Applies one kind of command: appends to `state.events`, or changes nothing and returns a refusal."""


def refuse(
    code: RejectCode,
    *,
    account_id: int = 0,
    market_id: int = 0,
    order_id: int = 0,
    client_order_id: str = "",
) -> Rejected:
    """Return a refusal."""
    return Rejected(code, account_id, market_id, order_id, client_order_id)
