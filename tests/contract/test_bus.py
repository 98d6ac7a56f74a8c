"""Holds every Bus to its port: in process, and over a real Redis."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.bus.redis import RedisBus
from cse.adapters.cache.redis_client import RedisClient
from cse.messages.bus import Bus, BusMessage, Missed

MakeBus = Callable[..., Bus]


@pytest.fixture(params=["memory", "redis"])
async def make_bus(request: pytest.FixtureRequest) -> AsyncIterator[MakeBus]:
    if request.param == "memory":
        yield MemoryBus
        return
    client = RedisClient(request.getfixturevalue("redis_url"))
    yield lambda **options: RedisBus(client, **options)
    await client.close()


@pytest.fixture
def bus(make_bus: MakeBus) -> Bus:
    return make_bus()


@pytest.fixture
def channel() -> str:
    """A channel of this test's own (with a Redis that was given to us, workers share pub/sub)."""
    return f"test:{uuid.uuid4().hex}"


async def within(answer: Awaitable[BusMessage | Missed]) -> BusMessage | Missed:
    return await asyncio.wait_for(answer, 10)


async def test_a_subscriber_gets_what_is_published_in_order(bus: Bus, channel: str) -> None:
    """From the moment the context is entered; payloads are any bytes."""
    async with bus.subscribe([channel]) as messages:
        for number in range(200):
            await bus.publish(channel, b"\0\xff%d" % number)
        for number in range(200):
            assert await within(anext(messages)) == BusMessage(channel, b"\0\xff%d" % number)


async def test_every_subscriber_gets_its_own_copy(bus: Bus, channel: str) -> None:
    """And only of the channels it asked for, which may be several."""
    other = channel + ":other"
    async with bus.subscribe([channel]) as one, bus.subscribe([channel, other]) as both:
        await bus.publish(other, b"1")
        await bus.publish(channel, b"2")
        assert await within(anext(one)) == BusMessage(channel, b"2")
        assert await within(anext(both)) == BusMessage(other, b"1")
        assert await within(anext(both)) == BusMessage(channel, b"2")


async def test_nothing_is_kept_for_those_who_come_later(bus: Bus, channel: str) -> None:
    """Publishing to nobody is no error; a new subscriber begins with what comes after."""
    await bus.publish(channel, b"before")
    async with bus.subscribe([channel]) as messages:
        await bus.publish(channel, b"after")
        assert await within(anext(messages)) == BusMessage(channel, b"after")


async def test_leaving_ends_the_subscription(bus: Bus, channel: str) -> None:
    """Others go on."""
    async with bus.subscribe([channel]) as staying:
        async with bus.subscribe([channel]):
            await bus.publish(channel, b"1")
        await bus.publish(channel, b"2")
        assert await within(anext(staying)) == BusMessage(channel, b"1")
        assert await within(anext(staying)) == BusMessage(channel, b"2")


async def test_a_slow_reader_loses_the_oldest_and_is_told(make_bus: MakeBus, channel: str) -> None:
    """Memory is bounded: of a thousand unread messages ten places are kept, and Missed stands first."""
    bus = make_bus(max_behind=10)
    done = channel + ":done"
    async with bus.subscribe([channel, done]) as messages, bus.subscribe([done]) as end:
        for number in range(1_000):
            await bus.publish(channel, b"%d" % number)
        await bus.publish(done, b"")
        await within(anext(end))
        read = [await within(anext(messages))]
        while read[-1] != BusMessage(done, b""):
            read.append(await within(anext(messages)))
    gap = max(index for index, message in enumerate(read) if isinstance(message, Missed))
    assert len(read) - gap <= 10
    assert [m.payload for m in read[gap + 1 : -1] if isinstance(m, BusMessage)] == [
        b"%d" % number for number in range(1_000 - (len(read) - gap - 2), 1_000)
    ]


async def test_a_cancelled_reader_leaves_cleanly(bus: Bus, channel: str) -> None:
    """Cancelling a task that waits for a message ends it, and the bus goes on."""
    entered = asyncio.Event()

    async def read() -> None:
        async with bus.subscribe([channel]) as messages:
            entered.set()
            async for _ in messages:
                raise AssertionError("nothing was published")

    task = asyncio.create_task(read())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with bus.subscribe([channel]) as messages:
        await bus.publish(channel, b"still here")
        assert await within(anext(messages)) == BusMessage(channel, b"still here")
