"""A signature is good once, here and at every gateway that shares the cache; no flood makes us forget one."""

import pytest

from cse.adapters.cache.memory import MemoryCache
from cse.core.errors import Unavailable
from cse.gateway.problems import ApiProblem
from cse.gateway.seen_signatures import AHEAD_MS, KEEP_MS, MAX_WINDOW_MS, SeenSignatures
from tests.unit.users.people import FakeClock

KEY, OTHER = "a" * 32, "b" * 32


class DeadCache(MemoryCache):
    """A Redis that is away."""

    async def increment(self, key: str, ttl_ms: int) -> int:
        raise Unavailable("redis is out of reach")


async def test_the_second_time_is_not_the_first() -> None:
    """Per key: another key's signature of the same bytes is another one."""
    seen = SeenSignatures(FakeClock())
    assert await seen.is_first(KEY, b"s")
    assert not await seen.is_first(KEY, b"s")
    assert await seen.is_first(OTHER, b"s")
    assert await seen.is_first(KEY, b"t")


async def test_gateways_that_share_a_cache_see_each_other_s() -> None:
    """Used here, it is used there; without a cache each knows its own only."""
    clock = FakeClock()
    cache = MemoryCache(now_ms=clock.now_ms)
    here, there = (SeenSignatures(clock, cache) for _ in range(2))
    assert await here.is_first(KEY, b"s")
    assert not await there.is_first(KEY, b"s")
    assert await SeenSignatures(clock).is_first(KEY, b"s")


async def test_while_the_cache_is_away_each_gateway_goes_by_its_own_memory() -> None:
    """Requests go on; the same one is refused where it came first."""
    seen = SeenSignatures(FakeClock(), DeadCache())
    assert await seen.is_first(KEY, b"s")
    assert not await seen.is_first(KEY, b"s")


async def test_a_full_memory_refuses_and_forgets_nothing_before_its_time() -> None:
    """Of one key only so many at once; another key has room; when windows end there is room again."""
    clock = FakeClock()
    seen = SeenSignatures(clock, max_of_key=3)
    for n in range(3):
        assert await seen.is_first(KEY, bytes([n]))
    with pytest.raises(ApiProblem) as refused:
        await seen.is_first(KEY, b"more")
    assert refused.value.status == 429
    assert not await seen.is_first(KEY, bytes([0])), "the first is still known"
    assert await seen.is_first(OTHER, b"more")
    clock.time_ms += KEEP_MS + 1
    assert await seen.is_first(KEY, b"more")
    assert len(seen) == 1


async def test_a_signature_is_known_to_the_last_moment_of_its_window() -> None:
    """One from a clock that is ahead, sent again with the widest window there is, a minute later."""
    clock = FakeClock()
    seen = SeenSignatures(clock)
    assert await seen.is_first(KEY, b"s")
    clock.time_ms += MAX_WINDOW_MS + AHEAD_MS
    assert not await seen.is_first(KEY, b"s")
