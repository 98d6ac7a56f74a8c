"""Rate-limit buckets decide alike in memory and in a real Redis, and of many at once let exactly a burst in."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cse.adapters.cache.redis_buckets import RedisBuckets
from cse.gateway.limits import ClassLimits, Rate, RateLimiter, RouteClass, Verdict
from tests.servers.redis import patient_client
from tests.waiting import wait_until_async

HOURLY = {
    RouteClass.ORDERS: ClassLimits(address=Rate(1, 3_600, 20), account=Rate(1, 3_600, 10)),
    RouteClass.READS: ClassLimits(address=Rate(20, 1, 2), account=Rate(20, 1, 2)),
}


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[RateLimiter]:
    if request.param == "memory":
        yield RateLimiter(HOURLY)
        return
    client = patient_client(request.getfixturevalue("redis_url"))
    yield RateLimiter(HOURLY, shared=RedisBuckets(client))
    await client.close()


async def orders(
    limiter: RateLimiter, address: str, account_id: int = 0, weight: int = 1
) -> Verdict:
    return await limiter.take(RouteClass.ORDERS, address, account_id, weight)


async def test_a_burst_is_let_in_and_no_more(limiter: RateLimiter) -> None:
    """A hundred at once: exactly as many as the bucket holds; another address has its own bucket."""
    verdicts = await asyncio.gather(*(orders(limiter, "203.0.113.7") for _ in range(100)))
    assert sum(verdict.allowed for verdict in verdicts) == 20
    assert (await orders(limiter, "203.0.113.8")).allowed


async def test_the_client_is_told_where_it_stands(limiter: RateLimiter) -> None:
    """Limit, what remains, when it is full again; when refused, when to come back."""
    first = await orders(limiter, "203.0.113.7")
    assert (first.allowed, first.limit, first.remaining) == (True, 20, 19)
    assert 3_500_000 < first.reset_ms <= 3_600_000
    last = await orders(limiter, "203.0.113.7", weight=19)
    assert (last.allowed, last.remaining) == (True, 0)
    refused = await orders(limiter, "203.0.113.7", weight=2)
    assert (refused.allowed, refused.remaining) == (False, 0)
    assert 7_100_000 < refused.retry_after_ms <= 7_200_000


async def test_an_account_is_limited_over_all_its_addresses(limiter: RateLimiter) -> None:
    """The account's bucket is the smaller one here; the answer speaks of it."""
    verdicts = [await orders(limiter, f"203.0.113.{number}", 1_000) for number in range(11)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 10 + [False]
    assert {verdict.limit for verdict in verdicts} == {10}
    assert (await orders(limiter, "203.0.113.1", 1_001)).allowed


async def test_a_refusal_takes_from_neither_bucket(limiter: RateLimiter) -> None:
    """The account has nothing left: the address pays nothing for trying."""
    await orders(limiter, "203.0.113.1", 1_000, weight=10)
    for _ in range(5):
        assert not (await orders(limiter, "203.0.113.7", 1_000)).allowed
    assert (await orders(limiter, "203.0.113.7", weight=20)).allowed


async def test_more_than_a_bucket_holds_costs_all_of_it(limiter: RateLimiter) -> None:
    """A batch that is heavier than the burst is dear, not impossible."""
    assert (await orders(limiter, "203.0.113.7", weight=1_000)).remaining == 0
    assert not (await orders(limiter, "203.0.113.7")).allowed


async def test_classes_do_not_starve_each_other(limiter: RateLimiter) -> None:
    """Orders are used up, reads go on."""
    await orders(limiter, "203.0.113.7", weight=20)
    assert (await limiter.take(RouteClass.READS, "203.0.113.7")).allowed


async def test_a_bucket_fills_up_again(limiter: RateLimiter) -> None:
    """Twenty a second: soon after it was emptied there is room."""
    while (await limiter.take(RouteClass.READS, "203.0.113.7")).allowed:
        pass

    async def is_allowed() -> bool:
        return (await limiter.take(RouteClass.READS, "203.0.113.7")).allowed

    await wait_until_async(is_allowed)
