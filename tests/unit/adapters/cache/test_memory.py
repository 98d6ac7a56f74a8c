"""The cache in memory stays small whatever is put into it."""

from cse.adapters.cache.memory import MemoryCache
from tests.unit.users.people import FakeClock


async def test_what_ran_out_is_cleared_without_being_asked_for() -> None:
    """A hundred thousand short-lived counters that nobody reads again leave almost nothing behind."""
    clock = FakeClock()
    cache, most = MemoryCache(now_ms=clock.now_ms), 0
    for number in range(100_000):
        await cache.increment(f"{number}", ttl_ms=10)
        clock.time_ms += 1
        most = max(most, len(cache))
    assert most <= 20


async def test_past_the_bound_the_longest_unwritten_goes() -> None:
    """Long-lived values cannot take more than their number; the ones written last are there."""
    cache = MemoryCache(max_entries=100)
    await cache.set("kept", b"0", 60_000)
    for number in range(1_000):
        await cache.set(f"{number}", b"x", 60_000)
        if number % 10 == 0:
            await cache.increment("kept", 60_000)
    assert len(cache) == 100
    assert await cache.get("kept") == b"100"
    assert await cache.get("999") == b"x"
    assert await cache.get("0") is None


async def test_times_are_exact() -> None:
    """Alive in its last millisecond, gone in the next; a counter's time starts with its first count."""
    clock = FakeClock()
    cache = MemoryCache(now_ms=clock.now_ms)
    await cache.set("value", b"x", 100)
    await cache.increment("count", 100)
    clock.time_ms += 99
    assert await cache.get("value") == b"x"
    assert await cache.increment("count", 100) == 2
    clock.time_ms += 1
    assert await cache.get("value") is None
    assert await cache.increment("count", 100) == 1
