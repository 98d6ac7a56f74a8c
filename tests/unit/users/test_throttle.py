"""Guessing one person's password is slowed down, from one network and from many, without telling who."""

import pytest

from cse.adapters.cache.memory import MemoryCache
from cse.users.errors import TooManyAttempts
from cse.users.throttle import PER_ADDRESS, PER_NETWORK, WINDOW_MS, LoginThrottle
from tests.unit.users.people import EMAIL, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cache(clock: FakeClock) -> MemoryCache:
    return MemoryCache(now_ms=clock.now_ms)


async def attempts(throttle: LoginThrottle, count: int, network: str = "203.0.113.7") -> None:
    for _ in range(count):
        await throttle.count(EMAIL, network)


async def test_one_network_gets_so_many_attempts_and_then_waits(
    cache: MemoryCache, clock: FakeClock
) -> None:
    """The next one is refused until the window since the first one is over; others are not touched."""
    throttle = LoginThrottle(cache)
    await attempts(throttle, PER_NETWORK)
    with pytest.raises(TooManyAttempts) as refused:
        await attempts(throttle, 1)
    assert refused.value.retry_after_ms == WINDOW_MS
    await throttle.count("bob@example.com", "203.0.113.7")
    await throttle.count(EMAIL, "198.51.100.1")
    clock.time_ms += WINDOW_MS
    await attempts(throttle, 1)


async def test_many_networks_together_get_a_hundred(cache: MemoryCache) -> None:
    """A botnet is counted per address too."""
    throttle = LoginThrottle(cache)
    for number in range(PER_ADDRESS):
        await throttle.count(EMAIL, f"203.0.113.{number}")
    with pytest.raises(TooManyAttempts):
        await throttle.count(EMAIL, "198.51.100.1")


async def test_a_success_starts_afresh(cache: MemoryCache) -> None:
    """Who mistypes now and then is never locked out."""
    throttle = LoginThrottle(cache)
    for _ in range(10):
        await attempts(throttle, PER_NETWORK)
        await throttle.forget(EMAIL, "203.0.113.7")


async def test_the_cache_does_not_learn_who_logs_in(clock: FakeClock) -> None:
    """Keys hold no address of a person or a machine."""
    seen: list[str] = []

    class Spy(MemoryCache):
        async def increment(self, key: str, ttl_ms: int) -> int:
            seen.append(key)
            return await super().increment(key, ttl_ms)

    await LoginThrottle(Spy(now_ms=clock.now_ms)).count(EMAIL, "203.0.113.7")
    assert len(set(seen)) == 2
    assert not any("ada" in key or "203" in key for key in seen)
