"""`trades.M`: the latest trades, then each new one; never conflated."""

from collections.abc import Hashable
from typing import Final

from cse.gateway.present_market import trade_json
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelName
from cse.gateway.ws.channels.public import Interest, PublicChannel, Sources
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Kind, TradesMessage
from cse.market_data.tape import TradeLike

SNAPSHOT_TRADES: Final = 50


class TradesChannel(PublicChannel):
    """All trades of a market."""

    interests = Interest.TRADES

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin after the trades so far."""
        market = sources.market(name)
        self._data: Final = sources.hub.market(market.market_id)
        super().__init__(name, sources, market, self._data.trade_sequence)
        self._new: list[TradeLike] = []
        self._snapshot: Outgoing | None = None
        self._made_of: Hashable = None

    def traded(self, trade: TradeLike) -> None:
        """Note a new trade; kept here, since one turn may bring more than the tape keeps."""
        self._new.append(trade)
        self.due()

    def flush(self) -> None:
        """Send the new trades, if there are any."""
        if self._new:
            trades, self._new = self._new, []
            self.send(self._message("update", self.sequence, trades))

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send the latest trades; all who ask between two changes get the same message."""
        self.flush()
        made_of = (self.sequence, self._data.seeded)
        if self._snapshot is None or self._made_of != made_of:
            self._made_of = made_of
            latest = list(self._data.trades.latest(SNAPSHOT_TRADES))[::-1]
            self._snapshot = Outgoing(self._message("snapshot", None, latest))
        subscriber.push(self._snapshot)
        return True

    def _message(self, kind: Kind, previous: int | None, trades: list[TradeLike]) -> TradesMessage:
        market = self.market
        return TradesMessage(
            self.name,
            kind,
            self._data.trade_sequence,
            previous,
            trades[-1].time_ms if trades else self._data.depth.time_ms,
            [trade_json(trade, market) for trade in trades],
        )
