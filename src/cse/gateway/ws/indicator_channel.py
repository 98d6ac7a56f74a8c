"""`indicators.M.INTERVAL.NAME(params)`: the latest values of an indicator, then those that change, at a pace.

Values are computed off the event loop, at most once a pace and never twice at a time: what is traded meanwhile is in
the next ones. A channel is called by the indicator's canonical spelling, so that all who want the same share one.
"""

import asyncio
from typing import Final
from weakref import WeakSet

import structlog

from cse.core.errors import Unavailable
from cse.gateway.indicators.service import IndicatorService
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelName, no_channel
from cse.gateway.ws.channels.public import Interest, PublicChannel, Sources
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import IndicatorMessage, Kind
from cse.market_data import INTERVALS
from cse.market_data.indicators import Chosen, Unusable, parse_one
from cse.market_data.indicators.told import Values, joined
from cse.market_data.tape import TradeLike

log = structlog.get_logger(__name__)

SNAPSHOT_VALUES: Final = 100
MAX_CHANNELS: Final = 200
"""Of one process. Each costs at most four computations of some 0.4 ms in a second of trading: a third of a core."""
AT_A_TIME: Final = 8
"""Channels that compute; the others wait for their turn here, not in the queue that REST calls are refused by."""


class IndicatorChannels:
    """Makes indicator channels; a factory for `Streams`."""

    def __init__(self, service: IndicatorService, max_channels: int = MAX_CHANNELS) -> None:
        """Begin without channels."""
        self.service: Final = service
        self.open: Final[set[IndicatorChannel]] = set()
        self._made: Final[WeakSet[IndicatorChannel]] = WeakSet()
        """Those and what is about to be subscribed: one message may name many."""
        self.turns: Final = asyncio.Semaphore(AT_A_TIME)
        self._max_channels: Final = max_channels

    def __call__(self, name: ChannelName, sources: Sources) -> PublicChannel:
        """Return a channel.

        Raises:
            ApiProblem: 404, there is no such market or indicator, or it is spelled otherwise; 429, one too many.
        """
        try:
            chosen = parse_one(name.parameters[1])
        except Unusable as error:
            raise no_channel(str(name), f"{error.field} {error.reason}") from error
        if chosen.name != name.parameters[1]:
            raise no_channel(str(name), f"this indicator is written {chosen.name}")
        if len(self._made) >= self._max_channels:
            words = f"More than {self._max_channels} indicators are being watched; try again later."
            raise edge_problem("rate_limited", words)
        made = IndicatorChannel(name, sources, self, chosen)
        self._made.add(made)
        return made

    def forget(self, channel: "IndicatorChannel") -> None:
        """Make room: nobody listens to a channel any more."""
        self.open.discard(channel)
        self._made.discard(channel)


class IndicatorChannel(PublicChannel):
    """One indicator of one market and interval."""

    conflates = True
    interests = Interest.TRADES

    def __init__(
        self, name: ChannelName, sources: Sources, channels: IndicatorChannels, chosen: Chosen
    ) -> None:
        """Begin without values; the first one who listens has them computed."""
        market = sources.market(name)
        self._data: Final = sources.hub.market(market.market_id)
        super().__init__(name, sources, market, self._data.trade_sequence)
        self.pace_ms = sources.options.pace_ms
        self._interval: Final = name.parameters[0]
        self._step_ms: Final = INTERVALS[self._interval]
        self._chosen: Final = chosen
        self._channels: Final = channels
        self._told: Values | None = None
        """The values that were sent last, and those before them."""
        self._time_ms = 0
        self._snapshot: Outgoing | None = None
        self._waiting: dict[Subscriber, None] = {}
        self._computing: asyncio.Task[None] | None = None
        self._again = False
        self._failing = False

    def begin(self) -> None:
        """Have the first values computed."""
        self._channels.open.add(self)
        self.flush()

    def close(self) -> None:
        """Compute no more."""
        self._channels.forget(self)
        self._waiting.clear()
        if self._computing is not None:
            self._computing.cancel()

    def traded(self, trade: TradeLike) -> None:  # noqa: ARG002  # what traded is in the candles
        """Note that values have changed."""
        self.due()

    def flush(self) -> None:
        """Begin to compute; what is computed is sent when it is there."""
        if self._computing is not None:
            self._again = True
            return
        self._computing = asyncio.ensure_future(self._in_turn())
        self._computing.add_done_callback(self._computed)

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send the latest values as they were sent last; False: the first ones are being computed."""
        if self._told is None:
            self._waiting[subscriber] = None
            return False
        self._waiting.pop(subscriber, None)
        if self._snapshot is None:
            self._snapshot = Outgoing(self._message("snapshot", self.sequence, None, self._told))
        subscriber.push(self._snapshot)
        return True

    async def _in_turn(self) -> None:
        async with self._channels.turns:
            await self._refresh()

    async def _refresh(self) -> None:
        service, market = self._channels.service, self.market
        sequence, time_ms = self._data.trade_sequence, self._last_ms()
        end_ms = time_ms + 1
        oldest_ms = max(0, end_ms - SNAPSHOT_VALUES * self._step_ms)
        from_ms = oldest_ms
        if self._told is not None and self._told.times:
            from_ms = max(oldest_ms, self._told.times[-1])
        window = await service.window(
            market.market_id, self._interval, from_ms, end_ms, SNAPSHOT_VALUES + 1
        )
        values = await service.latest(market, self._interval, self._chosen, window)
        self._failing = False
        self._take(values, sequence, time_ms)

    def _take(self, values: Values, sequence: int, time_ms: int) -> None:
        """Send the new values to who listens: as an update if they go on from the last ones, else anew."""
        told, self._snapshot, self._time_ms = self._told, None, time_ms
        if told is None or not told.times or not values.times:
            goes_on = False
        else:
            goes_on = values.times[0] <= told.times[-1] + self._step_ms
        if told is None or not goes_on:
            self._told, self.sequence = values, sequence
            self._open_all()
            return
        changed = _changed(told, values)
        known = joined([told.between(0, values.times[0]), values])
        self._told = known.between(known.times[-1] - (SNAPSHOT_VALUES - 1) * self._step_ms, 2**53)
        if changed.times:
            self.send(self._message("update", sequence, self.sequence, changed))

    def _open_all(self) -> None:
        for subscriber in {**self.subscribers, **self._waiting}:
            subscriber.reopen(self)

    def _computed(self, task: asyncio.Task[None]) -> None:
        self._computing = None
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Unusable):
            self._end("invalid_request", f"{error.field}: {error.reason}")
        elif isinstance(error, ApiProblem | Unavailable):
            if not self._failing:
                log.warning("indicator_waits", channel=self.name, reason=str(error))
            self._failing = self._again = True
            self._let_go()
        elif error is not None:
            log.error("indicator_failed", channel=self.name, exc_info=error)
            self._end("internal_error", "The indicator could not be computed.")
        if self._again and self in self._channels.open:
            self._again = False
            self.due()

    def _let_go(self) -> None:
        """Keep waiting only those who listen: others ask again, or have gone."""
        for subscriber in [each for each in self._waiting if each not in self.subscribers]:
            del self._waiting[subscriber]
            subscriber.end(self, "unavailable", "The indicator cannot be computed now; try again.")

    def _end(self, code: str, detail: str) -> None:
        for subscriber in {**self.subscribers, **self._waiting}:
            subscriber.end(self, code, detail)

    def _last_ms(self) -> int:
        latest = self._data.trades.latest(1)
        return latest[0].time_ms if latest else self._channels.service.now_ms()

    def _message(
        self, kind: Kind, sequence: int, previous: int | None, values: Values
    ) -> IndicatorMessage:
        columns = {
            output.name: column
            for output, column in zip(self._chosen.function.outputs, values.columns, strict=True)
        }
        return IndicatorMessage(
            self.name,
            kind,
            sequence,
            previous,
            self._time_ms,
            self._interval,
            list(values.times),
            columns,
        )


def _changed(told: Values, new: Values) -> Values:
    """Return the new values from the first on that is another than was told."""
    before = told.between(new.times[0], new.times.stop)
    for index, time_ms in enumerate(new.times):
        now = [column[index] for column in new.columns]
        if index >= len(before.times) or now != [column[index] for column in before.columns]:
            return new.between(time_ms, new.times.stop)
    return new.between(new.times.stop, new.times.stop)
