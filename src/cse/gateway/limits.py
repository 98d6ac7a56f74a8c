"""Rate limits: token buckets per address and per account, one pair for each class of routes.

A bucket is one number, the time at which it will be full again (the generic cell rate algorithm, ATM Forum
TM 4.0, section 4.4.2), so that taking is a handful of integer operations and an idle bucket is no bucket.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

import msgspec

from cse.core.errors import Unavailable
from cse.gateway.problems import ApiProblem

MAX_BUCKETS: Final = 100_000
"""Of each kind; past it the bucket that was used longest ago is forgotten, that is: full again."""
_SECOND_NS: Final = 1_000_000_000


class RouteClass(StrEnum):
    """What is limited together."""

    AUTH = "auth"
    ORDERS = "orders"
    READS = "reads"
    PUBLIC = "public"
    KEYS = "keys"
    """What one API key asks for, of whatever class; it is counted under `address`."""

    __hash__ = str.__hash__  # Enum's own is Python, and every request looks its class up


class Rate(NamedTuple):
    """`amount` requests per `period_s` in the long run, `burst` at once."""

    amount: int
    period_s: int
    burst: int

    @property
    def interval_ns(self) -> int:
        """How long one request's worth takes to come back."""
        return max(1, self.period_s * _SECOND_NS // self.amount)


class ClassLimits(NamedTuple):
    """What one address and one account may ask of a class of routes."""

    address: Rate
    account: Rate


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What became of a request."""

    allowed: bool
    limit: int
    """What a full bucket holds."""
    remaining: int
    reset_ms: int
    """Until the bucket is full again."""
    retry_after_ms: int = 0
    """When refused: until the same would be allowed."""

    def headers(self) -> dict[str, str]:
        """Return RateLimit-* headers (times in seconds, rounded up), and Retry-After when refused."""
        lines = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(-(-self.reset_ms // 1000)),
        }
        if not self.allowed:
            lines["Retry-After"] = str(max(1, -(-self.retry_after_ms // 1000)))
        return lines

    def problem(self) -> ApiProblem:
        """Return the 429 of a refused request."""
        return ApiProblem(
            429,
            "rate_limited",
            "Too many requests; wait as long as Retry-After says.",
            retryable=True,
            headers=self.headers(),
        )


class Charge(NamedTuple):
    """One bucket and what a request takes from it, in microseconds of refilling."""

    key: str
    cost_us: int
    full_us: int
    """What a full bucket holds."""


class SharedBuckets(Protocol):
    """Buckets that several gateways share."""

    async def take(self, charges: Sequence[tuple[str, int, int]]) -> tuple[int, int]:
        """Take from all of these (key, cost_us, full_us), or from none.

        Returns the index of the one that has not enough, or -1; and how many microseconds that one (of
        all that had enough: the last one) needs until it is full, with the cost taken.

        Raises:
            Unavailable: they are out of reach.
        """
        ...


class Buckets:
    """The buckets of one rate, by key, in this process. The path of every request: kept short."""

    __slots__ = ("_burst", "_full_at", "_max_buckets", "full_ns", "interval_ns")

    def __init__(self, rate: Rate, max_buckets: int = MAX_BUCKETS) -> None:
        """Begin with all buckets full."""
        self.interval_ns = rate.interval_ns
        self.full_ns = self.interval_ns * rate.burst
        self._burst = rate.burst
        self._max_buckets = max_buckets
        self._full_at: OrderedDict[str | int, int] = OrderedDict()

    def __len__(self) -> int:
        """Return how many buckets are remembered."""
        return len(self._full_at)

    def cost_ns(self, weight: int) -> int:
        """Return what a request takes. More than a full bucket holds counts as a full bucket: it is dear,
        not impossible.
        """
        return self.interval_ns if weight == 1 else min(weight * self.interval_ns, self.full_ns)

    def fill_ns(self, key: str | int, cost_ns: int, now_ns: int) -> int:
        """Return how long the bucket would need to be full, were the cost taken; over full_ns: refuse."""
        full_at = self._full_at.get(key, 0)
        return full_at - now_ns + cost_ns if full_at > now_ns else cost_ns

    def set(self, key: str | int, fill_ns: int, now_ns: int) -> None:
        """Remember it; for one that comes new, forget up to two others that are full again."""
        buckets = self._full_at
        if key in buckets:
            buckets[key] = now_ns + fill_ns
            buckets.move_to_end(key)
            return
        for _ in range(min(2, len(buckets))):
            oldest = next(iter(buckets))
            if buckets[oldest] > now_ns and len(buckets) < self._max_buckets:
                break
            del buckets[oldest]
        buckets[key] = now_ns + fill_ns

    def touch(self, key: str | int) -> None:
        """Note that a bucket is in use although nothing was taken: who is refused is not forgotten for it."""
        if key in self._full_at:
            self._full_at.move_to_end(key)

    def verdict(self, fill_ns: int, cost_ns: int) -> Verdict:
        """Return what the client is told, from what `fill_ns` said."""
        spare_ns = self.full_ns - fill_ns
        if spare_ns >= 0:
            return Verdict(
                True,  # positions are twice as fast, and this is done for every request
                self._burst,
                spare_ns // self.interval_ns,
                fill_ns // 1_000_000,
            )
        return Verdict(
            allowed=False,
            limit=self._burst,
            remaining=(spare_ns + cost_ns) // self.interval_ns,  # nothing was taken
            reset_ms=(fill_ns - cost_ns) // 1_000_000,
            retry_after_ms=-(spare_ns // 1_000_000),
        )


class RateLimiter:
    """Decides about requests: `take_now` where buckets are local, else `await take`."""

    def __init__(
        self,
        limits: Mapping[RouteClass, ClassLimits],
        *,
        shared: SharedBuckets | None = None,
        max_buckets: int = MAX_BUCKETS,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Limit each class; `shared` buckets are asked first, local ones count while those are away."""
        self._now_ns = now_ns
        self._shared = shared
        self._buckets = {
            name: (Buckets(limit.address, max_buckets), Buckets(limit.account, max_buckets))
            for name, limit in limits.items()
        }
        self._accounts = {name: limit.account for name, limit in limits.items()}

    def of_account(self, route_class: RouteClass) -> Rate:
        """Return what one account may ask of a class of routes."""
        return self._accounts[route_class]

    @property
    def is_local(self) -> bool:
        """Whether the buckets are this process's own: then nothing has to be waited for."""
        return self._shared is None

    def take_now(
        self, route_class: RouteClass, address: str, account_id: int = 0, weight: int = 1
    ) -> Verdict | None:
        """Take from the address's and (unless 0) the account's bucket; None: buckets are shared, use `take`."""
        if self._shared is not None:
            return None
        return self.take_local(route_class, address, account_id, weight)

    async def take(
        self, route_class: RouteClass, address: str, account_id: int = 0, weight: int = 1
    ) -> Verdict:
        """Take from both buckets or none. Never fails: without Redis each gateway counts for itself."""
        if self._shared is None:
            return self.take_local(route_class, address, account_id, weight)
        by_address, by_account = self._buckets[route_class]
        charges = [_charge(by_address, f"{route_class}:address:{address}", weight)]
        if account_id:
            charges.append(_charge(by_account, f"{route_class}:account:{account_id}", weight))
        try:
            refused_by, fill_us = await self._shared.take(charges)
        except Unavailable:  # whoever makes the shared buckets logs that
            return self.take_local(route_class, address, account_id, weight)
        answering = (by_address, by_account)[refused_by if refused_by >= 0 else len(charges) - 1]
        return answering.verdict(fill_us * 1000, answering.cost_ns(weight))

    async def take_for_account(
        self, route_class: RouteClass, account_id: int, weight: int = 1
    ) -> Verdict:
        """Take from an account's bucket alone: the address has paid before it was known who it is."""
        if self._shared is not None:
            by_account = self._buckets[route_class][1]
            cost_ns = by_account.cost_ns(weight)
            charge = _charge(by_account, f"{route_class}:account:{account_id}", weight)
            with suppress(Unavailable):  # then each gateway counts for itself, as in `take`
                _, fill_us = await self._shared.take([charge])
                return by_account.verdict(fill_us * 1000, cost_ns)
        return self.take_local_for_account(route_class, account_id, weight)

    def take_local_for_account(
        self, route_class: RouteClass, account_id: int, weight: int = 1
    ) -> Verdict:
        """Take from this process's own bucket of an account."""
        by_account = self._buckets[route_class][1]
        cost_ns = by_account.cost_ns(weight)
        now_ns = self._now_ns()
        fill_ns = by_account.fill_ns(account_id, cost_ns, now_ns)
        if fill_ns > by_account.full_ns:
            by_account.touch(account_id)
        else:
            by_account.set(account_id, fill_ns, now_ns)
        return by_account.verdict(fill_ns, cost_ns)

    def take_local(
        self, route_class: RouteClass, address: str, account_id: int = 0, weight: int = 1
    ) -> Verdict:
        """Take from this process's own buckets, both or none."""
        now_ns = self._now_ns()
        by_address, by_account = self._buckets[route_class]
        address_cost = by_address.cost_ns(weight)
        address_fill = by_address.fill_ns(address, address_cost, now_ns)
        if address_fill > by_address.full_ns:
            by_address.touch(address)
            return by_address.verdict(address_fill, address_cost)
        if not account_id:
            by_address.set(address, address_fill, now_ns)
            return by_address.verdict(address_fill, address_cost)
        account_cost = by_account.cost_ns(weight)
        account_fill = by_account.fill_ns(account_id, account_cost, now_ns)
        if account_fill > by_account.full_ns:
            by_account.touch(account_id)
        else:
            by_address.set(address, address_fill, now_ns)
            by_account.set(account_id, account_fill, now_ns)
        return by_account.verdict(account_fill, account_cost)


def _charge(buckets: Buckets, key: str, weight: int) -> Charge:
    full_us = buckets.full_ns // 1000
    return Charge(key, max(1, buckets.cost_ns(weight) // 1000), full_us)


def class_limits(
    *,
    address: tuple[int, int],
    account: tuple[int, int],
    logins_per_minute: int,
    key: tuple[int, int] | None = None,
) -> dict[RouteClass, ClassLimits]:
    """Return the usual table from (per second, burst) of an address, an account and an API key (as an account).

    Orders, reads and public calls have buckets of their own, so that charts never starve orders; logging
    in is counted per minute.
    """
    usual = ClassLimits(Rate(address[0], 1, address[1]), Rate(account[0], 1, account[1]))
    logins = Rate(logins_per_minute, 60, logins_per_minute)
    table = dict.fromkeys(RouteClass, usual)
    table[RouteClass.AUTH] = ClassLimits(logins, logins)
    of_key = Rate(key[0], 1, key[1]) if key else usual.account
    table[RouteClass.KEYS] = ClassLimits(of_key, of_key)
    return table
