"""Order-to-trade and cancel-rate protection: how many orders an account may send that come to nothing.

The rule, for every account and whichever way its orders come in:

- An order that is placed takes one place in two windows, of 10 seconds and of 24 hours; every trade of the account
  gives one place back in both. So it may have so many more orders than trades. A placed order that the engine refuses
  counts too: it came to nothing.
- Cancelling or amending an order takes from a third bucket. Cancelling is never refused, however empty the bucket is:
  it reduces risk. While the bucket is overdrawn, placing and amending are refused instead. It is overdrawn by one
  more bucket at most, so the wait is bounded. A mass cancel counts once.

Sources: unfilled order counts per account in windows of 10 seconds and a day, from which orders that trade are taken
off (Binance, "Spot Unfilled Order Count Rules"); the ratio of unexecuted orders to transactions per member
(Commission Delegated Regulation (EU) 2017/566). A window is a bucket that refills evenly (generic cell rate
algorithm, ATM Forum TM 4.0, section 4.4.2), as in `limits`: three integers for each account.

Each process counts what comes in through it; trades are counted wherever they were made.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple

from cse.gateway.limits import MAX_BUCKETS, Rate
from cse.gateway.problems import ApiProblem

ORDERS_EXCEEDED: Final = "order_to_trade_exceeded"
TOO_MANY_CANCELS: Final = "too_many_cancels"
CODES: Final = {
    ORDERS_EXCEEDED: (
        429,
        "Too many orders for what they traded; wait as long as Retry-After says. Cancelling goes on.",
    ),
    TOO_MANY_CANCELS: (
        429,
        "Too many orders cancelled or amended; wait as long as Retry-After says. Cancelling goes on.",
    ),
}
"""Statuses and texts of these refusals."""
_TEN_S: Final = 10
_DAY_S: Final = 86_400
_LOOKED_AT: Final = 8


class OrderToTradeRates(NamedTuple):
    """What every account may do, except those that are exempt."""

    orders_10s: int = 50_000
    """Orders more than trades in 10 seconds."""
    orders_day: int = 50_000_000
    """Orders more than trades in 24 hours."""
    cancels_per_second: int = 5_000
    """Orders cancelled or amended, in the long run."""
    cancel_burst: int = 50_000
    """As many at once."""
    exempt: frozenset[int] = frozenset()
    """Accounts without these limits: market makers."""


class Window(StrEnum):
    """What is counted."""

    TEN_SECONDS = "10s"
    DAY = "24h"
    CANCELS = "cancels"


class Excess(NamedTuple):
    """Why an order was not taken."""

    window: Window
    limit: int
    retry_ms: int
    """Until as much would be taken."""

    @property
    def code(self) -> str:
        """The code of the problem."""
        return TOO_MANY_CANCELS if self.window is Window.CANCELS else ORDERS_EXCEEDED

    def problem(self) -> ApiProblem:
        """Return the 429."""
        status, detail = CODES[self.code]
        headers = {"Retry-After": str(max(1, -(-self.retry_ms // 1_000)))}
        return ApiProblem(status, self.code, detail, retryable=True, headers=headers)


class Used(NamedTuple):
    """What an account has used of its limits now."""

    orders_10s: int
    orders_day: int
    cancels: int


class _Bucket(NamedTuple):
    """One window of all accounts: each of theirs is the time at which it is full again."""

    window: Window
    limit: int
    interval_ns: int
    full_ns: int

    @classmethod
    def of(cls, window: Window, rate: Rate) -> "_Bucket":
        return cls(window, rate.burst, rate.interval_ns, rate.interval_ns * rate.burst)

    def excess(self, full_at: int, cost_ns: int, now_ns: int) -> Excess | None:
        """Return why a cost cannot be paid now; one larger than the bucket is as large as the bucket."""
        over_ns = max(full_at - now_ns, 0) + min(cost_ns, self.full_ns) - self.full_ns
        return Excess(self.window, self.limit, -(-over_ns // 1_000_000)) if over_ns > 0 else None

    def used(self, full_at: int, now_ns: int) -> int:
        return max(0, -((now_ns - full_at) // self.interval_ns))


class OrderToTrade:
    """Counts orders, cancels and trades of accounts; a few integer operations for each."""

    def __init__(
        self,
        rates: OrderToTradeRates | None = None,
        *,
        max_accounts: int = MAX_BUCKETS,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Begin with nothing counted; past `max_accounts` an account that used little is forgotten."""
        self.rates: Final = rates or OrderToTradeRates()
        ten, day = self.rates.orders_10s, self.rates.orders_day
        cancels = Rate(self.rates.cancels_per_second, 1, self.rates.cancel_burst)
        self._ten: Final = _Bucket.of(Window.TEN_SECONDS, Rate(ten, _TEN_S, ten))
        self._day: Final = _Bucket.of(Window.DAY, Rate(day, _DAY_S, day))
        self._cancels: Final = _Bucket.of(Window.CANCELS, cancels)
        self._hot: Final = (*self._ten[2:], *self._day[2:], self._cancels.full_ns)
        self._exempt: Final = self.rates.exempt
        self._max_accounts: Final = max_accounts
        self._now_ns: Final = now_ns
        self._full_at: Final[OrderedDict[int, list[int]]] = OrderedDict()

    @property
    def accounts(self) -> int:
        """How many accounts are remembered."""
        return len(self._full_at)

    def place(self, account_id: int, count: int = 1, amended: int = 0) -> Excess | None:
        """Count orders that are placed, and amended ones, or say why none of them is taken."""
        if account_id in self._exempt:
            return None
        now_ns = self._now_ns()
        ten, day, cancels = full_at = self._full_at.get(account_id) or self._new(account_id)
        ten_ns, ten_full_ns, day_ns, day_full_ns, cancels_full_ns = self._hot
        if ten < now_ns:  # noqa: PLR1730  # every order comes by: max() takes twice as long
            ten = now_ns
        if day < now_ns:  # noqa: PLR1730  # as above
            day = now_ns
        ten += count * ten_ns
        day += count * day_ns
        if (
            ten - now_ns > ten_full_ns
            or day - now_ns > day_full_ns
            or cancels - now_ns > cancels_full_ns
        ):
            excess = self._excess(full_at, count, now_ns)
            if excess is not None:
                return excess
        full_at[0], full_at[1] = ten, day
        if amended:
            self._take_back(full_at, amended, now_ns)
        return None

    def cancelled(self, account_id: int, count: int = 1) -> None:
        """Count orders that are cancelled."""
        if account_id not in self._exempt:
            full_at = self._full_at.get(account_id) or self._new(account_id)
            self._take_back(full_at, count, self._now_ns())

    def traded(self, maker_account_id: int, taker_account_id: int) -> None:
        """Give a place back to both sides of a trade, if they have any taken."""
        for account_id in (maker_account_id, taker_account_id):
            full_at = self._full_at.get(account_id)
            if full_at is not None:  # what lies in the past counts as now: never more than full
                full_at[0] -= self._ten.interval_ns
                full_at[1] -= self._day.interval_ns

    def used(self, account_id: int) -> Used:
        """Return what an account has used."""
        now_ns = self._now_ns()
        ten, day, cancels = self._full_at.get(account_id, (0, 0, 0))
        return Used(
            self._ten.used(ten, now_ns),
            self._day.used(day, now_ns),
            self._cancels.used(cancels, now_ns),
        )

    def _take_back(self, full_at: list[int], count: int, now_ns: int) -> None:
        bucket = self._cancels
        owed = max(full_at[2], now_ns) + count * bucket.interval_ns
        full_at[2] = min(owed, now_ns + 2 * bucket.full_ns)

    def _excess(self, full_at: list[int], count: int, now_ns: int) -> Excess | None:
        ten, day, cancels = full_at
        return (
            self._cancels.excess(cancels, 0, now_ns)
            or self._ten.excess(ten, count * self._ten.interval_ns, now_ns)
            or self._day.excess(day, count * self._day.interval_ns, now_ns)
        )

    def _new(self, account_id: int) -> list[int]:
        """Remember an account; where there is no room, forget one."""
        accounts = self._full_at
        if len(accounts) >= self._max_accounts:
            self._forget_one()
        full_at = accounts[account_id] = [0, 0, 0]
        return full_at

    def _forget_one(self) -> None:
        """Forget the account that has used least, of a few that have been here for longest."""
        oldest = list(islice(self._full_at, _LOOKED_AT))
        idlest = min(oldest, key=lambda account_id: max(self._full_at[account_id]))
        for account_id in oldest:
            self._full_at.move_to_end(account_id)
        del self._full_at[idlest]
