"""`candles.M.INTERVAL`: the latest candles, then those that change, at a pace.

What was sent stays as it was printed: a snapshot is made of that, so that asking for one, however often, makes
nobody else any work, and is what somebody who followed all messages knows.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from cse.gateway import market_schemas as s
from cse.gateway.present_market import candles_json
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelName
from cse.gateway.ws.channels.public import Interest, PublicChannel, Sources
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import CandlesMessage, Kind
from cse.market_data import Candle, open_time
from cse.market_data.tape import TradeLike

SNAPSHOT_CANDLES: Final = 100


class CandlesChannel(PublicChannel):
    """One market's candles of one interval."""

    conflates = True
    interests = Interest.TRADES

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin after the candles so far."""
        market = sources.market(name)
        (self._interval,) = name.parameters
        self._data: Final = sources.hub.market(market.market_id)
        super().__init__(name, sources, market, self._data.trade_sequence)
        self.pace_ms = sources.options.pace_ms
        self._interval_ms: Final = self._data.candles(self._interval).interval_ms
        self._changed_from_ms: int | None = None
        self._sent: Final[deque[s.Candle]] = deque(maxlen=SNAPSHOT_CANDLES)
        self._snapshot: Outgoing | None = None
        self._traded_ms = self._time_ms = self._last_ms()
        self._seeded = self._data.seeded

    def begin(self) -> None:
        """Print the candles so far: who only names a channel makes nobody that work."""
        self._load()

    def traded(self, trade: TradeLike) -> None:
        """Note that the candle of this moment has changed."""
        if self._changed_from_ms is None:
            self._changed_from_ms = open_time(trade.time_ms, self._interval_ms)
        self._traded_ms = trade.time_ms
        self.due()

    def flush(self) -> None:
        """Send the candles that changed, if any did."""
        if self._changed_from_ms is None:
            return
        changed = self._print(self._data.candles(self._interval).since(self._changed_from_ms))
        self._keep(changed)
        self._changed_from_ms = self._snapshot = None
        self._time_ms = self._traded_ms
        self.send(self._message("update", self._data.trade_sequence, self.sequence, changed))
        self._take_seed()

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send the latest candles as they were sent last."""
        self._take_seed()
        if self._snapshot is None:
            candles = list(self._sent)
            self._snapshot = Outgoing(self._message("snapshot", self.sequence, None, candles))
        subscriber.push(self._snapshot)
        return True

    def _take_seed(self) -> None:
        """Begin anew, with everybody, once the trades from before the start are in."""
        if self._seeded == self._data.seeded:
            return
        self._seeded = self._data.seeded
        self.flush()
        self._load()
        self._snapshot = None
        for listening in list(self.subscribers):
            listening.reopen(self)

    def _load(self) -> None:
        self._sent.clear()
        self._sent.extend(self._print(self._data.candles(self._interval).latest(SNAPSHOT_CANDLES)))

    def _keep(self, changed: list[s.Candle]) -> None:
        """Put candles in the place of those of their time."""
        while changed and self._sent and self._sent[-1].time >= changed[0].time:
            self._sent.pop()
        self._sent.extend(changed)

    def _print(self, candles: Sequence[Candle]) -> list[s.Candle]:
        return candles_json(candles, self.market)

    def _last_ms(self) -> int:
        latest = self._data.trades.latest(1)
        return latest[0].time_ms if latest else self._data.depth.time_ms

    def _message(
        self, kind: Kind, sequence: int, previous: int | None, candles: list[s.Candle]
    ) -> CandlesMessage:
        return CandlesMessage(
            self.name, kind, sequence, previous, self._time_ms, self._interval, candles
        )
