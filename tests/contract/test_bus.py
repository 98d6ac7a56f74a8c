"""Holds every Bus to its port: in process, and over a real Redis."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.bus.redis import RedisBus
from cse.messages.bus import Bus, BusMessage, Joined, Missed
from tests.servers.redis import patient_client

MakeBus = Callable[..., Bus]
Item = BusMessage | Joined | Missed


@pytest.fixture(params=["memory", "redis"])
async def make_bus(request: pytest.FixtureRequest) -> AsyncIterator[MakeBus]:
    if request.param == "memory":
        yield MemoryBus
        return
    client = patient_client(request.getfixturevalue("redis_url"))
    yield lambda **options: RedisBus(client, **options)
    await client.close()


@pytest.fixture
def bus(make_bus: MakeBus) -> Bus:
    return make_bus()


@pytest.fixture
def channel() -> str:
    """A channel of this test's own (with a Redis that was given to us, workers share pub/sub)."""
    return f"test:{uuid.uuid4().hex}"


async def within(answer: Awaitable[Item]) -> Item:
    return await asyncio.wait_for(answer, 30)


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
        # Redis may write a message to one connection a moment before the other: once the second marker is here,
        # the first one is there.
        for marker in (b"1", b"2"):
            await bus.publish(done, marker)
            assert await within(anext(end)) == BusMessage(done, marker)
        read = [await within(anext(messages))]
        while read[-1] != BusMessage(done, b"2"):
            read.append(await within(anext(messages)))
    gap = max(index for index, message in enumerate(read) if isinstance(message, Missed))
    assert len(read) - gap <= 10
    assert [m.payload for m in read[gap + 1 : -2] if isinstance(m, BusMessage)] == [
        b"%d" % number for number in range(1_000 - (len(read) - gap - 3), 1_000)
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


async def test_channels_come_and_go_while_they_are_read(bus: Bus, channel: str) -> None:
    """`Joined` stands before the first message that is seen; a channel that was left is silent."""
    other = channel + ":other"
    async with bus.follow() as subscription:
        messages = subscription.read()
        subscription.add(channel)
        assert await within(anext(messages)) == Joined(channel)
        await bus.publish(channel, b"1")
        assert await within(anext(messages)) == BusMessage(channel, b"1")
        subscription.add(other)
        assert await within(anext(messages)) == Joined(other)
        subscription.remove(channel)
        subscription.add(channel)
        assert await within(anext(messages)) == Joined(channel)
        subscription.remove(other)
        subscription.add(channel)  # harmless twice
        await bus.publish(channel, b"2")
        assert await within(anext(messages)) == BusMessage(channel, b"2")


async def test_what_is_published_on_several_channels_keeps_its_order(
    bus: Bus, channel: str
) -> None:
    """One reader sees one publisher's messages in the order of publishing, whatever their channel."""
    names = [f"{channel}:{n}" for n in range(50)]
    async with bus.follow() as subscription:
        messages = subscription.read()
        for name in names:
            subscription.add(name)
        joined = [await within(anext(messages)) for _ in names]
        assert {item.channel for item in joined if isinstance(item, Joined)} == set(names)
        sent = [BusMessage(names[n * 7 % 50], b"%d" % n) for n in range(500)]
        await bus.publish_many(sent)
        assert [await within(anext(messages)) for _ in sent] == sent


async def test_a_slow_follower_is_told_where_it_lost(make_bus: MakeBus, channel: str) -> None:
    """The bound holds for channels that change, too; what follows `Missed` has no hole."""
    bus = make_bus(max_behind=10)
    async with bus.follow() as subscription, bus.subscribe([channel]) as end:
        messages = subscription.read()
        subscription.add(channel)
        assert await within(anext(messages)) == Joined(channel)
        await bus.publish_many([BusMessage(channel, b"%d" % n) for n in range(100)])
        for _ in range(10):  # the last of them is in every inbox when it is in this one
            await within(anext(end))
        read: list[Item] = []
        while not read or read[-1] != BusMessage(channel, b"99"):
            read.append(await within(anext(messages)))
    assert Missed() in read
    gap = max(index for index, item in enumerate(read) if isinstance(item, Missed))
    numbers = [int(item.payload) for item in read[gap + 1 :] if isinstance(item, BusMessage)]
    assert numbers == list(range(100 - len(numbers), 100))
