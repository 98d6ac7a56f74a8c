"""All channels of the gateway: made when somebody subscribes, fed from events, gone with the last listener."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from cse.core.clock import Clock
from cse.gateway.problems import edge_problem
from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.channels.gathering import Gatherer, Schedule
from cse.gateway.ws.channels.interests import Interests
from cse.gateway.ws.channels.missed import MissedOrders
from cse.gateway.ws.channels.names import OF_AN_ACCOUNT, ChannelKind, no_channel, parse
from cse.gateway.ws.channels.public import Factories, Factory, PublicChannel, Sources
from cse.gateway.ws.channels.registry import FACTORIES
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.user_channels import UserChannels
from cse.market_data import MarketDataHub
from cse.messages import events as e
from cse.messages.catalog import Catalog
from cse.messages.wire import Record
from cse.projections.live import LiveAccounts


class Streams:
    """Turns events into messages of channels. Views must have seen a command before `apply` gets it."""

    def __init__(
        self,
        catalog: Catalog,
        live: LiveAccounts,
        hub: MarketDataHub,
        clock: Clock,
        options: WsOptions | None = None,
        schedule: Schedule | None = None,
        factories: Factories | None = None,
    ) -> None:
        """Begin without channels; `Follower` (or whoever owns the views) calls `apply`.

        `factories` make more kinds of public channels than those of the registry.
        """
        self.options: Final = options or WsOptions()
        gatherer = Gatherer(schedule or Schedule())
        self.sources: Final = Sources(catalog, hub, clock, self.options, gatherer)
        self._factories: Final[dict[ChannelKind, Factory]] = {**FACTORIES, **(factories or {})}
        self._interests: Final = Interests(gatherer)
        self._users: Final = UserChannels(live, catalog, self.options)
        self._channels: Final[dict[str, PublicChannel]] = {}

    def register(self, kind: ChannelKind, factory: Factory) -> None:
        """Have channels of a kind made by this, for what is built after the streams are."""
        self._factories[kind] = factory

    def read_missed_from(self, history: MissedOrders) -> None:
        """Read own orders and fills that memory has forgotten from here, for who asks `since` long ago."""
        self._users.read_missed_from(history)

    def find(self, name: str, account_id: int | None) -> Channel:
        """Return a channel by name; `user.*` ones are those of the account.

        Raises:
            ApiProblem: 401 for `user.*` without an account, 404 for a market, interval or kind that is not,
                429 for one more than the exchange keeps (unusual price steps).
        """
        known = self._channels.get(name)
        if known is not None:
            return known
        parsed = parse(name)
        if parsed.kind in OF_AN_ACCOUNT:
            if account_id is None:
                raise edge_problem("not_authenticated", f"{name} needs a login: send `auth` first.")
            return self._users.channel(name, account_id)
        factory = self._factories.get(parsed.kind)
        if factory is None:
            raise no_channel(name)
        return factory(parsed, self.sources)

    def subscribe(self, found: Channel, subscriber: Subscriber) -> Channel:
        """Send the updates of a channel that was found to a subscriber from now on.

        Returns the channel to go on with: another one if the same name was subscribed since `find`.
        """
        channel = found
        if isinstance(found, PublicChannel):
            channel = self._channels.setdefault(found.name, found)
            if channel is found and not channel.subscribers:
                found.begin()
                self._interests.add(found)
        channel.subscribers[subscriber] = None
        return channel

    def unsubscribe(self, channel: Channel, subscriber: Subscriber) -> None:
        """End that; a public channel that nobody listens to any more is forgotten."""
        channel.subscribers.pop(subscriber, None)
        if not isinstance(channel, PublicChannel) or channel.subscribers:
            return
        if self._channels.get(channel.name) is channel:
            del self._channels[channel.name]
            self._interests.remove(channel)
            self.sources.gatherer.forget(channel)
            channel.close()

    def apply(self, applied: e.Applied) -> None:
        """Take in one command: private messages go out at once, public changes gather."""
        self._interests.apply(applied)
        self._users.apply(applied)


class Follower:
    """Keeps all views of a gateway current, in the one order that lets each rely on the one before.

    Attach it: `follower.load(feed.attach(follower.apply))`.
    """

    def __init__(
        self, catalog: Catalog, live: LiveAccounts, hub: MarketDataHub, streams: Streams
    ) -> None:
        """Take care of these."""
        self._catalog: Final = catalog
        self._live: Final = live
        self._hub: Final = hub
        self._streams: Final = streams

    def load(self, records: Iterable[Record]) -> None:
        """Take in the state that following begins from; a big one is never held as a whole."""
        rest = iter(records)
        while some := list(islice(rest, _RECORDS_AT_ONCE)):
            self._catalog.load(some)
            self._live.load(some)
            self._hub.load(some)

    def apply(self, batch: Sequence[e.Applied]) -> None:
        """Take in what was applied, command by command; an EventFeed's listener."""
        for applied in batch:
            if applied.sequence <= self._live.sequence:
                continue
            for event in applied.events:
                if type(event) in _LISTINGS:
                    self._catalog.apply(event)
            one = (applied,)
            self._live.apply(one)
            self._hub.apply(one)
            self._streams.apply(applied)


_RECORDS_AT_ONCE: Final = 1_000
_LISTINGS: Final = frozenset(
    {e.AssetCreated, e.FeeTierSet, e.MarketCreated, e.MarketUpdated, e.MarketStatusChanged}
)
