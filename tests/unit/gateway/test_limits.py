"""Token buckets: exact in burst and in the long run, fair between keys, and bounded in memory."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.core.errors import Unavailable
from cse.gateway.limits import (
    ClassLimits,
    Rate,
    RateLimiter,
    RouteClass,
    Verdict,
    class_limits,
)

SECOND_NS = 1_000_000_000


class Clock:
    """Nanoseconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 10**18

    def __call__(self) -> int:
        return self.now


def limiter_of(rate: Rate, clock: Clock, **options: int) -> RateLimiter:
    limits = {RouteClass.ORDERS: ClassLimits(rate, rate)}
    return RateLimiter(limits, now_ns=clock, **options)


def take(limiter: RateLimiter, address: str = "a", account_id: int = 0, weight: int = 1) -> Verdict:
    verdict = limiter.take_now(RouteClass.ORDERS, address, account_id, weight)
    assert verdict is not None, "the buckets are local"
    return verdict


def test_a_burst_then_the_sustained_rate() -> None:
    """Five at once; then one for each interval, to the nanosecond."""
    clock = Clock()
    limiter = limiter_of(Rate(10, 1, 5), clock)
    assert [take(limiter).allowed for _ in range(6)] == [True] * 5 + [False]
    clock.now += SECOND_NS // 10 - 1
    assert not take(limiter).allowed
    clock.now += 1
    assert take(limiter).allowed
    assert not take(limiter).allowed


@given(st.lists(st.tuples(st.integers(0, 3 * SECOND_NS), st.integers(1, 7)), max_size=60))
def test_no_schedule_gets_more_than_burst_and_rate(steps: list[tuple[int, int]]) -> None:
    """Whatever the pattern: allowed weight never exceeds burst + rate x time, and refusing is not arbitrary:
    a naive bucket that counts fractions of tokens agrees on every request.
    """
    rate = Rate(4, 1, 7)
    clock, tokens_ns = Clock(), 7 * rate.interval_ns
    limiter = limiter_of(rate, clock)
    for pause, weight in steps:
        clock.now += pause
        tokens_ns = min(7 * rate.interval_ns, tokens_ns + pause)
        wanted = tokens_ns >= weight * rate.interval_ns
        verdict = take(limiter, weight=weight)
        assert verdict.allowed == wanted
        tokens_ns -= weight * rate.interval_ns if wanted else 0
        assert verdict.remaining == tokens_ns // rate.interval_ns


def test_retry_after_is_the_truth() -> None:
    """Just before it the same request is refused, at it allowed."""
    clock = Clock()
    limiter = limiter_of(Rate(1, 7, 3), clock)
    take(limiter, weight=3)
    refused = take(limiter, weight=2)
    assert (refused.allowed, refused.retry_after_ms, refused.reset_ms) == (False, 14_000, 21_000)
    clock.now += 14 * SECOND_NS - 1
    assert not take(limiter, weight=2).allowed
    clock.now += 1
    assert take(limiter, weight=2).allowed


def test_headers_are_whole_seconds_rounded_up() -> None:
    """Never a Retry-After of 0, which clients would take for `at once`."""
    allowed = Verdict(True, 10, 9, 1)
    assert allowed.headers() == {
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "9",
        "RateLimit-Reset": "1",
    }
    assert Verdict(False, 10, 0, 1_000, 0).headers()["Retry-After"] == "1"
    problem = Verdict(False, 10, 0, 1_001, 1_001).problem()
    assert (problem.status, problem.code, problem.retryable) == (429, "rate_limited", True)
    assert problem.headers["Retry-After"] == "2"


def test_idle_buckets_are_forgotten() -> None:
    """A million addresses that each came once leave almost nothing behind: what is full is not kept."""
    clock = Clock()
    limiter = limiter_of(Rate(1_000, 1, 10), clock)
    buckets, _ = limiter._buckets[RouteClass.ORDERS]
    most = 0
    for number in range(200_000):
        take(limiter, f"{number}")
        clock.now += SECOND_NS // 10_000
        most = max(most, len(buckets))
    assert most < 50


def test_busy_buckets_are_bounded() -> None:
    """A flood of addresses within one interval cannot take more memory than the limit."""
    clock = Clock()
    limiter = limiter_of(Rate(1, 3_600, 1), clock, max_buckets=1_000)
    for number in range(20_000):
        take(limiter, f"{number}", account_id=number + 1)
    assert [len(buckets) for buckets in limiter._buckets[RouteClass.ORDERS]] == [1_000, 1_000]


def test_under_a_flood_those_who_keep_calling_stay_limited() -> None:
    """What is forgotten first is what was used longest ago, not who is at their limit right now."""
    clock = Clock()
    limiter = limiter_of(Rate(1, 3_600, 5), clock, max_buckets=100)
    allowed = 0
    for number in range(5_000):
        take(limiter, f"stranger {number}")
        if number % 10 == 0:
            allowed += take(limiter, "busy").allowed
    assert allowed == 5


def test_every_class_has_its_limits_and_logging_in_is_per_minute() -> None:
    """The table that settings fill."""
    table = class_limits(address=(2_000, 4_000), account=(1_000, 2_000), logins_per_minute=30)
    assert table.keys() == set(RouteClass)
    assert table[RouteClass.ORDERS] == ClassLimits(Rate(2_000, 1, 4_000), Rate(1_000, 1, 2_000))
    assert table[RouteClass.AUTH].address == Rate(30, 60, 30)
    clock = Clock()
    limiter = RateLimiter(table, now_ns=clock)
    verdicts = [limiter.take_now(RouteClass.AUTH, "a") for _ in range(31)]
    assert [verdict.allowed for verdict in verdicts if verdict] == [True] * 30 + [False]


class DeadBuckets:
    """Shared buckets that are out of reach; counts how often they were asked."""

    asked = 0

    async def take(self, charges: Sequence[tuple[str, int, int]]) -> tuple[int, int]:
        self.asked += 1
        raise Unavailable("Redis is out of reach")


async def test_without_the_shared_buckets_local_ones_count() -> None:
    """An outage neither lets everybody in nor keeps anybody out; the shared ones are asked again each time."""
    shared = DeadBuckets()
    limits = {RouteClass.ORDERS: ClassLimits(Rate(1, 3_600, 3), Rate(1, 3_600, 3))}
    limiter = RateLimiter(limits, shared=shared)
    assert limiter.take_now(RouteClass.ORDERS, "a") is None
    verdicts = [await limiter.take(RouteClass.ORDERS, "a") for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert shared.asked == 5


@pytest.mark.parametrize("rate", [Rate(1, 86_400, 1), Rate(10**9, 1, 10**6), Rate(3, 7, 2)])
def test_odd_rates_work(rate: Rate) -> None:
    """Once a day, a billion a second, and one that does not divide evenly."""
    clock = Clock()
    limiter = limiter_of(rate, clock)
    assert take(limiter, weight=rate.burst).allowed
    assert not take(limiter).allowed
    clock.now += rate.period_s * SECOND_NS
    assert take(limiter).allowed
