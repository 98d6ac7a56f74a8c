"""The limits of the WebSocket. Each is enforced; docs/reference/websocket.md says what happens at each."""

from typing import Final

import msgspec

CLOSE_SHUTDOWN: Final = 1012
CLOSE_POLICY: Final = 1008
CLOSE_TOO_BIG: Final = 1009
CLOSE_ERROR: Final = 1011
CLOSE_SLOW: Final = 4008
"""Ours (4000-4999 are free for applications): the client read too slowly."""


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
    max_connections: int = 10_000
    pace_ms: int = 250
    """Tickers and candles are sent at most this often."""
    check_session_ms: int = 1_000
    """How soon a connection notices that its session is over."""
    replay_messages: int = 1_000
    """Messages of each `user.*` channel that are kept for `since`."""
    replay_total: int = 50_000
    """Messages of all `user.*` channels together that are kept; the oldest go."""
    replay_accounts: int = 10_000
    """Accounts for which they are kept."""
    send_timeout_ms: int = 5_000
    """How long a close may wait for a client that does not read."""
    allowed_origins: tuple[str, ...] = ()
    """Besides the own origin; `*` allows any."""
