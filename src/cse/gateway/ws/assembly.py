"""The WebSocket server of a process that has the views: a gateway's."""

import time
from typing import Final

from cse.gateway.batch import BatchEntry
from cse.gateway.deps import GatewayDeps
from cse.gateway.history_gate import HistoryGate
from cse.gateway.indicators.service import IndicatorService
from cse.gateway.ws.channels.missed import MissedOrders
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.indicator_channel import IndicatorChannels
from cse.gateway.ws.local_orders import LocalOrders
from cse.gateway.ws.order_ops import OrderOps
from cse.gateway.ws.server import WebSocketServer
from cse.gateway.ws.session import SessionParts
from cse.gateway.ws.streams import Streams
from cse.projections.ports import HistoryReader

MISSED_WAIT_MS: Final = 15_000
"""How long who asks `since` waits for history: after a restart it takes a few seconds to be complete."""


def gateway_websockets(deps: GatewayDeps, streams: Streams) -> WebSocketServer:
    """Return the server; `streams` is fed by whoever feeds the views of `deps` (`Follower`)."""
    complete(streams, deps.history, deps.indicators)
    batch = BatchEntry(deps.queue, deps.catalog, deps.lookup, deps.order_entry)
    ops = OrderOps(deps.order_entry, batch, deps.limiter)
    parts = SessionParts(
        deps.authenticator,
        LocalOrders(ops, deps.queue, deps.live),
        deps.clock,
        streams.options,
        time.monotonic_ns,
        deps.signed,
        deps.accounts,
    )
    return WebSocketServer(
        streams, parts, deps.limiter, deps.addresses, deps.options.cors_origins, deps.registry
    )


def complete(streams: Streams, history: HistoryReader, indicators: IndicatorService) -> None:
    """Give streams what they read history for: what memory has forgotten, and indicators."""
    patient = HistoryGate(history, MISSED_WAIT_MS)
    streams.read_missed_from(MissedOrders(history, patient))
    streams.register(ChannelKind.INDICATORS, IndicatorChannels(indicators))
