"""WebSocket fan-out: what it costs to tell many clients of a market, beside the bare library.

Three processes: this one directs; `serving` is the exchange's WebSocket server fed by a real engine, or picows
alone; `clients` is everybody who listens. The two share the machine's cores.
"""

from benches.fanout.scenarios import run

__all__ = ["run"]
