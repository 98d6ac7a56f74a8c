"""The limits of the WebSocket. Each is enforced; docs/reference/websocket.md says what happens at each."""

from typing import Final

import msgspec

CLOSE_POLICY: Final = 1008
CLOSE_TOO_BIG: Final = 1009
CLOSE_BAD_TEXT: Final = 1007
CLOSE_ERROR: Final = 1011
CLOSE_SHUTDOWN: Final = 1012
CLOSE_SLOW: Final = 4008
"""Ours (4000-4999 are free for applications): the client read too slowly."""
CLOSE_IDLE: Final = 4009
"""Ours: nothing was subscribed and nothing sent for too long."""


class WsOptions(msgspec.Struct, frozen=True):
    """How much one connection may ask for."""

    max_frame_bytes: int = 65_536
    """Of one message from the client."""
    max_subscriptions: int = 200
    messages_per_second: int = 100
    """Sustained rate of messages from the client."""
    message_burst: int = 200
    max_refused: int = 200
    """Messages over the rate that are answered with an error before the connection is closed."""
    max_in_flight: int = 64
    """Order operations under way at once; reading pauses at this many."""
    buffer_bytes: int = 1_048_576
    """Waiting to be sent; past this the connection is closed."""
    conflate_bytes: int = 262_144
    """Waiting to be sent; past this (at most a quarter of the buffer) books, tickers and candles wait for a
    fresh snapshot."""
    socket_bytes: int = 131_072
    """What the kernel may hold of one connection besides (twice that, as Linux counts it)."""
    max_connections: int = 10_000
    address_connections: int = 1_000
    """Connections of one IP address (a /64 counts as one IPv6 address)."""
    account_connections: int = 100
    address_subscriptions: int = 20_000
    """Subscriptions over all connections of one IP address."""
    account_subscriptions: int = 2_000
    address_messages: int = 2_000
    """Messages per second that all connections of one IP address may keep up; twice as many at once."""
    account_messages: int = 500
    """The same of one account."""
    pace_ms: int = 250
    """Tickers and candles are sent at most this often."""
    check_session_ms: int = 1_000
    """How soon a connection notices that its session is over."""
    ping_ms: int = 20_000
    """A client that says nothing for so long is sent a ping; after as long again it is taken for dead."""
    idle_ms: int = 300_000
    """A client that has not logged in, has nothing subscribed and says nothing (but pongs) for so long is sent
    away."""
    replay_messages: int = 1_000
    """Messages of each `user.*` channel that are kept for `since`."""
    replay_total: int = 50_000
    """Messages of all `user.*` channels together that are kept; the oldest go."""
    replay_accounts: int = 10_000
    """Accounts for which they are kept."""
    send_timeout_ms: int = 5_000
    """How long a close may wait for a client that does not read."""
    compression: bool = False
    """Whether clients that offer permessage-deflate get compressed messages."""
    allowed_origins: tuple[str, ...] = ()
    """Besides the own origin; `*` allows any."""

    @property
    def conflate_from(self) -> int:
        """The bytes from which conflation begins."""
        return min(self.conflate_bytes, self.buffer_bytes // 4)
