"""What Prometheus may know of the engine's side; read when /metrics is asked for, so it costs orders nothing."""

from prometheus_client import CollectorRegistry, Gauge, Info

from cse.gateway.entry.desk import Desk
from cse.sequencer.sequencer import Sequencer, State


def count_sequencer(registry: CollectorRegistry, sequencer: Sequencer, engine: str) -> None:
    """Show which engine runs, how far it is, how much waits for it, and whether it takes commands."""
    Info("cse_engine", "Which engine applies commands", registry=registry).info({"engine": engine})
    gauges = {
        ("cse_engine_sequence", "The last command that was applied"): lambda: (
            sequencer.status.sequence
        ),
        ("cse_engine_waiting_commands", "Commands handed in and not yet answered"): lambda: (
            sequencer.status.waiting
        ),
        ("cse_engine_accepting", "1: takes commands, 0: read-only or stopping"): lambda: (
            sequencer.status.state is State.RUNNING
        ),
    }
    for (name, text), read in gauges.items():
        Gauge(name, text, registry=registry).set_function(read)


def count_order_entry(registry: CollectorRegistry, desk: Desk) -> None:
    """Show how many programs are connected, and how many sessions there are."""
    Gauge(
        "cse_entry_connections", "Open connections of binary order entry", registry=registry
    ).set_function(lambda: desk.connections)
    Gauge(
        "cse_entry_sessions",
        "Sessions of binary order entry, those that wait for their client included",
        registry=registry,
    ).set_function(lambda: len(desk.sessions))
