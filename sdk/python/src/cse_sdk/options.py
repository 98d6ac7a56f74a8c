"""What a client can be told to do differently, and what it counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Times are milliseconds. The defaults suit the exchange's own limits."""

    first_pause_ms: int = 250
    """Before the second attempt to connect; doubles with each further one."""
    longest_pause_ms: int = 15_000
    restart_spread_ms: int = 1_000
    """After a close with 1012 (the exchange restarts) clients come back at random within this."""
    steady_ms: int = 10_000
    """A connection or a channel that was good for so long begins with short pauses again."""
    heal_first_ms: int = 200
    """Before the second resync in a row of a channel; the first goes out at once."""
    heal_longest_ms: int = 10_000
    heal_limit: int = 6
    """Resyncs of a channel in a row; then the connection is made anew."""
    heal_interval_ms: int = 50
    """Between two resyncs of any channels."""
    answer_ms: int = 10_000
    """For an answer, and for a snapshot after it was asked for."""
    ping_ms: int = 5_000
    stale_ms: int = 10_000
    """Silence after which the connection counts as stale."""
    dead_ms: int = 20_000
    """Silence after which it is given up."""
    channels_per_message: int = 50
    keep: int = 1_000
    """Trades, fills and candles that each channel keeps."""


@dataclass(slots=True)
class Counts:
    """What happened since the beginning."""

    messages: int = 0
    gaps: int = 0
    """Messages after which one was missing, or came in the wrong order."""
    old: int = 0
    """Messages that were known already: duplicates and late copies."""
    wrong_checksums: int = 0
    resyncs: int = 0
    """Channels asked for again."""
    missed: int = 0
    """Times that trades or private events were lost for good to the stream (REST has them)."""
    connections: int = 0
    refused: int = 0
    """Operations that the exchange refused."""
    latency_ms: int | None = None
    """Of the last ping and its answer."""
