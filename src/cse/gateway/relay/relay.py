"""The channels of a streamer: relayed from the bus for as long as somebody listens, and a little longer."""

import asyncio
import secrets
import time
from typing import Final

import msgspec
import structlog

from cse.gateway.problems import edge_problem
from cse.gateway.relay.asks import Asks, BookReader
from cse.gateway.relay.fold_channel import FOLDS, FoldChannel
from cse.gateway.relay.markets import Markets
from cse.gateway.relay.protocol import (
    ANSWER,
    HELLO,
    HELLO_S,
    RENEW_S,
    Answer,
    Follow,
    bus_channel,
    read_answer,
    read_head,
    read_hello,
)
from cse.gateway.relay.relayed import NOTHING_YET, Relayed
from cse.gateway.relay.tail_channel import TailChannel
from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.channels.names import OF_AN_ACCOUNT, ChannelKind, parse
from cse.messages.bus import Bus, BusMessage, Joined, Missed, Subscription

log = structlog.get_logger(__name__)

MAX_CHANNELS: Final = 20_000
"""Relayed at once; past it new ones are refused as unavailable."""
PATIENCE_S: Final = 5.0
"""How long a new subscription waits for the exchange."""
IDLE_S: Final = 30.0
"""How long a channel is relayed on when nobody listens."""
_LOOK_S: Final = 0.25
_SILENT_S: Final = 3 * HELLO_S


class Relay:
    """A ChannelSource fed by the bus; `run` keeps it going."""

    def __init__(self, bus: Bus, cache: BookReader) -> None:
        """Begin with nothing; books are looked for in `cache` first."""
        self.streamer: Final = secrets.token_hex(8)
        self.relayed = 0
        """Messages taken from the bus."""
        self.sequence = 0
        """The newest command that was heard of."""
        self._bus: Final = bus
        self._asks: Final = Asks(bus, cache, self.streamer)
        self._channels: Final[dict[Follow, Relayed]] = {}
        self._by_bus: Final[dict[str, dict[str, Relayed]]] = {}
        """Relayed channels by the bus's channel, then by name: both of an account come on one."""
        self._markets: Final = Markets()
        self._subscription: Subscription | None = None
        self._epoch = ""
        self._heard_s: float | None = None

    def __len__(self) -> int:
        return len(self._channels)

    @property
    def hears(self) -> bool:
        """Whether the publisher was heard a moment ago."""
        return self._heard_s is not None and time.monotonic() - self._heard_s < _SILENT_S

    @property
    def knows_markets(self) -> bool:
        """Whether the exchange has told which markets there are."""
        return self._markets.known

    # --- a ChannelSource

    def find(self, name: str, account_id: int | None) -> Channel:
        """Return a channel by name; `user.*` ones are those of the account.

        Raises:
            ApiProblem: 401 for `user.*` without an account, 404 for what is no channel, 503 for one too many.
        """
        is_private = name in OF_AN_ACCOUNT
        if is_private and account_id is None:
            raise edge_problem("not_authenticated", f"{name} needs a login: send `auth` first.")
        follow = (name, account_id if is_private else None)
        known = self._channels.get(follow)
        if known is not None:
            return known
        parsed = parse(name)
        self._markets.refuse_unknown(parsed)
        if len(self._channels) >= MAX_CHANNELS:
            raise edge_problem("unavailable", "Too many channels are open here; try again.")
        return self._make(follow, parsed.kind)

    def subscribe(self, found: Channel, subscriber: Subscriber) -> Channel:
        """Send the updates of a channel that was found to a subscriber from now on."""
        assert isinstance(found, Relayed), "it was found here"
        is_new = found.follow not in self._channels
        channel = self._channels.setdefault(found.follow, found)
        if is_new:
            self._begin(channel)
        elif channel.is_unasked and self._subscription is not None:
            channel.begin()  # it was refused while nobody listened
        channel.subscribers[subscriber] = None
        channel.idle_since_s = None
        return channel

    def unsubscribe(self, channel: Channel, subscriber: Subscriber) -> None:
        """End that; a channel that nobody listens to is relayed on for a while."""
        assert isinstance(channel, Relayed), "it was found here"
        channel.left(subscriber)
        if not channel.subscribers and channel.sequence == NOTHING_YET:
            self._forget(channel)

    def _make(self, follow: Follow, kind: ChannelKind) -> Relayed:
        if kind in FOLDS:
            return FoldChannel(follow, self._asks, kind)
        return TailChannel(follow, self._asks, conflates=follow[1] is None)

    def _begin(self, channel: Relayed) -> None:
        place = bus_channel(*channel.follow)
        here = self._by_bus.setdefault(place, {})
        is_read = bool(here)
        here[channel.name] = channel
        if is_read:
            channel.begin()
        elif self._subscription is not None:
            self._subscription.add(place)  # `Joined` begins it

    def _forget(self, channel: Relayed) -> None:
        if self._channels.get(channel.follow) is not channel:
            return
        del self._channels[channel.follow]
        channel.forget()
        place = bus_channel(*channel.follow)
        here = self._by_bus[place]
        del here[channel.name]
        if not here:
            del self._by_bus[place]
            if self._subscription is not None:
                self._subscription.remove(place)

    # --- the bus

    async def run(self) -> None:
        """Relay until cancelled."""
        async with self._bus.follow() as subscription:
            self._subscription = subscription
            subscription.add(ANSWER + self.streamer)  # before anything is asked
            subscription.add(HELLO)
            self._markets.listen(self.subscribe(self.find(ChannelKind.STATUS, None), self._markets))
            for place in self._by_bus:
                subscription.add(place)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._asks.run())
                    tasks.create_task(self._look_around())
                    tasks.create_task(self._keep_renewing())
                    tasks.create_task(self._read(subscription))
            finally:
                self._subscription = None

    async def _read(self, subscription: Subscription) -> None:
        async for item in subscription.read():
            try:
                self._take(item)
            except msgspec.MsgspecError as error:
                log.warning("relay_got_nonsense", item=str(item)[:200], error=str(error))

    def _take(self, item: BusMessage | Joined | Missed) -> None:
        if isinstance(item, Missed):
            log.info("relay_missed_messages", channels=len(self._channels))
            self._begin_anew()
        elif isinstance(item, Joined):
            for channel in self._by_bus.get(item.channel, {}).values():
                channel.begin()
        elif item.channel in self._by_bus:
            self._relay(item)
        elif item.channel == HELLO:
            self._hear(item)
        elif item.channel == ANSWER + self.streamer:
            self._answered(item)

    def _relay(self, message: BusMessage) -> None:
        self.relayed += 1
        head = read_head(message.payload)
        self.sequence = max(self.sequence, head.sequence)
        channel = self._by_bus[message.channel].get(head.channel)
        if channel is not None:
            channel.take(head, message.payload)

    def _hear(self, message: BusMessage) -> None:
        epoch = read_hello(message.payload).epoch
        self._heard_s = time.monotonic()
        if epoch != self._epoch:
            log.info("relay_hears_publisher", epoch=epoch)
            self._epoch = epoch
            self._begin_anew()
        else:
            self._asks.send_again()

    def _answered(self, message: BusMessage) -> None:
        answer = read_answer(message.payload)
        if isinstance(answer, Answer):
            self._asks.take(answer)
            return
        for follow in answer.follows:
            channel = self._channels.get(follow)
            if channel is not None:
                channel.begin()

    def _begin_anew(self) -> None:
        """Ask for everything: something may be missing."""
        self._asks.send_again(all_=True)
        for channel in self._channels.values():
            channel.begin()

    # --- now and then

    async def _look_around(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self.look(time.monotonic())

    def look(self, now_s: float) -> None:
        """End subscriptions that waited too long, and forget channels that nobody listens to."""
        for channel in list(self._channels.values()):
            channel.end_waiting(now_s - PATIENCE_S)
            idle_s = channel.idle_since_s
            if idle_s is not None and idle_s <= now_s - IDLE_S:
                self._forget(channel)

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew()

    async def renew(self) -> None:
        """Say what is still relayed."""
        await self._asks.renew(list(self._channels))
