"""Every kind of public channel and who makes it: the one place to add another."""

from types import MappingProxyType
from typing import Final

from cse.gateway.ws.channels.book import BookChannel, StepChannel
from cse.gateway.ws.channels.candles import CandlesChannel
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.channels.public import Factories
from cse.gateway.ws.channels.status import StatusChannel
from cse.gateway.ws.channels.ticker import TickerChannel, TickersChannel
from cse.gateway.ws.channels.top import BestChannel, TopChannel
from cse.gateway.ws.channels.trades import TradesChannel

FACTORIES: Final[Factories] = MappingProxyType(
    {
        ChannelKind.BOOK: BookChannel,
        ChannelKind.TOP: TopChannel,
        ChannelKind.STEP: StepChannel,
        ChannelKind.BBO: BestChannel,
        ChannelKind.TRADES: TradesChannel,
        ChannelKind.TICKER: TickerChannel,
        ChannelKind.TICKERS: TickersChannel,
        ChannelKind.STATUS: StatusChannel,
        ChannelKind.CANDLES: CandlesChannel,
    }
)
"""What needs nothing but `Sources`. A kind that needs more (indicators) is given to `Streams` by whoever wires it."""
