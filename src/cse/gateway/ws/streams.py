"""All channels of the gateway: made when somebody subscribes, fed from events, gone with the last listener."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from cse.core.clock import Clock
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.market_channels import (
    BookChannel,
    CandlesChannel,
    MarketChannel,
    TickerChannel,
    TradesChannel,
)
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.user_channels import USER_CHANNELS, UserChannels
from cse.market_data import INTERVALS, MarketDataHub, TapeTrade
from cse.messages import events as e
from cse.messages.catalog import Catalog
from cse.messages.wire import Record
from cse.projections.live import LiveAccounts


class Schedule:
    """When gathered changes are sent: at the end of this turn of the event loop, or at a pace."""

    def soon(self, call: Callable[[], None]) -> None:
        """Call when what is under way in this turn of the loop is done."""
        asyncio.get_running_loop().call_soon(call)

    def later(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Call after a while."""
        asyncio.get_running_loop().call_later(delay_ms / 1_000, call)


class _OfMarket:
    """The channels of one market that somebody listens to."""

    __slots__ = ("book", "candles", "ticker", "trades")

    def __init__(self) -> None:
        self.book: BookChannel | None = None
        self.trades: TradesChannel | None = None
        self.ticker: TickerChannel | None = None
        self.candles: dict[str, CandlesChannel] = {}


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
    ) -> None:
        """Begin without channels; `Follower` (or whoever owns the views) calls `apply`."""
        self.options: Final = options or WsOptions()
        self._catalog: Final = catalog
        self._live: Final = live
        self._hub: Final = hub
        self._clock: Final = clock
        self._schedule: Final = schedule or Schedule()
        self._users: Final = UserChannels(live, catalog, self.options)
        self._channels: Final[dict[str, MarketChannel]] = {}
        self._markets: Final[dict[int, _OfMarket]] = {}
        self._due_soon: dict[MarketChannel, None] = {}
        self._due_later: dict[MarketChannel, None] = {}

    def find(self, name: str, account_id: int | None) -> Channel:
        """Return a channel by name; `user.*` ones are those of the account.

        Raises:
            ApiProblem: 401 for `user.*` without an account, 404 for a market, interval or kind that is not.
        """
        if name in USER_CHANNELS:
            if account_id is None:
                raise edge_problem("not_authenticated", f"{name} needs a login: send `auth` first.")
            return self._users.channel(name, account_id)
        known = self._channels.get(name)
        return known or self._make(name)

    def subscribe(self, found: Channel, subscriber: Subscriber) -> Channel:
        """Send the updates of a channel that was found to a subscriber from now on.

        Returns the channel to go on with: another one if the same name was subscribed since `find`.
        """
        channel = found
        if isinstance(found, MarketChannel):
            channel = self._channels.setdefault(found.name, found)
            if channel is found:
                self._install(found)
        channel.subscribers[subscriber] = None
        return channel

    def unsubscribe(self, channel: Channel, subscriber: Subscriber) -> None:
        """End that; a market's channel that nobody listens to any more is forgotten."""
        channel.subscribers.pop(subscriber, None)
        if not isinstance(channel, MarketChannel) or channel.subscribers:
            return
        if self._channels.pop(channel.name, None) is not None:
            self._remove(channel)

    def apply(self, applied: e.Applied) -> None:
        """Take in one command: private messages go out at once, public changes gather."""
        if self._markets:
            for event in applied.events:
                if isinstance(event, e.LevelChanged):
                    self._level_changed(event)
                elif isinstance(event, e.Trade):
                    self._traded(event, applied)
        self._users.apply(applied)

    def flush(self) -> None:
        """Send what has gathered in channels that are not paced."""
        due, self._due_soon = self._due_soon, {}
        for channel in due:
            channel.flush()

    def flush_paced(self) -> None:
        """Send what has gathered in tickers and candles."""
        due, self._due_later = self._due_later, {}
        for channel in due:
            channel.flush()

    def _level_changed(self, event: e.LevelChanged) -> None:
        of_market = self._markets.get(event.market_id)
        if of_market is None:
            return
        if of_market.book is not None:
            of_market.book.level_changed(event.side, event.price)
            self._soon(of_market.book)
        if of_market.ticker is not None:
            of_market.ticker.dirty = True
            self._later(of_market.ticker)

    def _traded(self, event: e.Trade, applied: e.Applied) -> None:
        of_market = self._markets.get(event.market_id)
        if of_market is None:
            return
        if of_market.trades is not None:
            of_market.trades.traded(TapeTrade.of_event(event, applied.sequence, applied.time_ms))
            self._soon(of_market.trades)
        if of_market.ticker is not None:
            of_market.ticker.dirty = True
            self._later(of_market.ticker)
        for candles in of_market.candles.values():
            candles.traded(applied.time_ms)
            self._later(candles)

    def _soon(self, channel: MarketChannel) -> None:
        if not self._due_soon:
            self._schedule.soon(self.flush)
        self._due_soon[channel] = None

    def _later(self, channel: MarketChannel) -> None:
        if not self._due_later:
            self._schedule.later(self.options.pace_ms, self.flush_paced)
        self._due_later[channel] = None

    def _make(self, name: str) -> MarketChannel:
        kind, _, rest = name.partition(".")
        symbol, _, interval = rest.partition(".")
        market = self._catalog.markets_by_symbol.get(symbol)
        if market is None or market.market_id not in self._hub:
            raise edge_problem("not_found", f"There is no channel {name!r}.")
        market_id, data = market.market_id, self._hub.market(market.market_id)
        if kind == "candles" and interval in INTERVALS:
            return CandlesChannel(name, market_id, data, self._catalog, interval)
        if kind == "orderbook" and not interval:
            return BookChannel(name, market_id, data, self._catalog)
        if kind == "trades" and not interval:
            return TradesChannel(name, market_id, data, self._catalog)
        if kind == "ticker" and not interval:
            return TickerChannel(name, market_id, data, self._catalog, self._clock)
        raise _no_channel(name)

    def _install(self, channel: MarketChannel) -> None:
        of_market = self._markets.setdefault(channel.market.market_id, _OfMarket())
        if isinstance(channel, BookChannel):
            of_market.book = channel
        elif isinstance(channel, TradesChannel):
            of_market.trades = channel
        elif isinstance(channel, TickerChannel):
            of_market.ticker = channel
        elif isinstance(channel, CandlesChannel):
            of_market.candles[channel.name] = channel

    def _remove(self, channel: MarketChannel) -> None:
        of_market = self._markets[channel.market.market_id]
        if isinstance(channel, BookChannel):
            of_market.book = None
        elif isinstance(channel, TradesChannel):
            of_market.trades = None
        elif isinstance(channel, TickerChannel):
            of_market.ticker = None
        elif isinstance(channel, CandlesChannel):
            del of_market.candles[channel.name]
        if not (of_market.book or of_market.trades or of_market.ticker or of_market.candles):
            del self._markets[channel.market.market_id]


def _no_channel(name: str) -> ApiProblem:
    return edge_problem("not_found", f"There is no channel {name!r}.")


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
