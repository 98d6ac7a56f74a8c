"""The limits of binary order entry. Each is enforced; docs/reference/order-entry.md says what happens at each."""

from typing import Final

import msgspec

PROTOCOL_VERSION: Final = 1
MAX_COMMANDS: Final = 1_000
"""Of one Submit, whatever the settings say."""
MIN_HEARTBEAT_MS: Final = 500
MAX_HEARTBEAT_MS: Final = 60_000
MAX_GRACE_MS: Final = 600_000
"""How long cancel on disconnect may wait for a client."""


class EntryOptions(msgspec.Struct, frozen=True):
    """How much one client may ask for, and how long it may take."""

    max_connections: int = 1_000
    max_connections_per_address: int = 100
    """From one IP address (a /64 counts as one IPv6 address); Unix sockets have none."""
    max_sessions_per_account: int = 16
    """Those that may still be gone on with included; for a new one the oldest of these is forgotten."""
    max_sessions: int = 2_000
    """Of all accounts, likewise; more than connections, so there is always one to forget."""
    max_commands: int = MAX_COMMANDS
    max_in_flight: int = 16
    """Submits of one session that are not answered yet; at that many its connection is not read."""
    max_under_way: int = 32_768
    """Commands of all sessions that are not answered yet; at that many no connection is read. Half of what the
    sequencer lets wait, so that other ways to it stay open."""
    orders_per_second: int = 20_000
    """Commands of one account, over all its sessions, in the long run."""
    order_burst: int = 40_000
    """Commands of one account at once."""
    logins_per_minute: int = 120
    """From one address."""
    messages_per_second: int = 50
    """Messages of one connection that are no Submit, in the long run; twice as many at once."""
    login_timeout_ms: int = 5_000
    """From the connection to the log-in."""
    frame_timeout_ms: int = 5_000
    """From the first byte of a message to its last."""
    heartbeat_ms: int = 5_000
    """Where the client asks for none of its own."""
    clock_window_ms: int = 30_000
    """How far a log-in's time may lie from ours."""
    replay_bytes: int = 1_048_576
    """Sent messages that one session keeps for a client that comes back."""
    keep_session_ms: int = 60_000
    """How long a session without a connection can be gone on with."""
    max_unsent_bytes: int = 4_194_304
    """Waiting to be read by the client; past this it is disconnected."""
    write_timeout_ms: int = 10_000
    """How long a client may leave our messages unread; then it is disconnected."""
    close_timeout_ms: int = 2_000
    """How long a connection that we end may take to read our last words."""
    sweep_ms: int = 100
    """How often all these times are looked at."""
