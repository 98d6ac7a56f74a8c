"""The recorded sequences are what the Python client does; sdk/typescript/test repeats them in TypeScript."""

from dataclasses import asdict
from itertools import cycle
from typing import Any

from cse_sdk.book import BookView
from cse_sdk.options import Options
from cse_sdk.protocol import Protocol
from tests.sdk.vectors import CHAOS_FILE, SCENARIOS_FILE, Vector, read, scenario_vectors


def test_the_scenarios_are_recorded_as_they_are() -> None:
    """A change of a scenario, or of what the client does in it, is written by `python -m tests.sdk.vectors`."""
    assert read(SCENARIOS_FILE) == scenario_vectors()


def test_recorded_chaos_comes_out_the_same() -> None:
    """Each of the recorded sequences, step by step: actions, events, next wake-up; books and counts at the end."""
    vectors = read(CHAOS_FILE)
    assert len(vectors) == 200
    for vector in vectors:
        _replay(vector)


def _replay(vector: Vector) -> None:
    client = Protocol(Options(**vector["options"]), cycle(vector["chances"]).__next__)
    for number, step in enumerate(vector["steps"]):
        getattr(client, step["do"])(*step["with"], step["at"])
        where = f"{vector['name']}, step {number}"
        assert client.drain() == step["out"], where
        assert client.wake_ms(step["at"]) == step["wake"], where
    assert client.state == vector["state"], vector["name"]
    assert asdict(client.counts) == vector["counts"], vector["name"]
    for name, expected in vector["values"].items():
        assert _shown(client, name) == expected, f"{vector['name']}, {name}"


def _shown(client: Protocol, name: str) -> Any:
    found = client.get(name)
    value = None if found is None else found.fold.value()
    if isinstance(value, BookView):
        return value._asdict() | {
            "bids": list(map(list, value.bids)),
            "asks": list(map(list, value.asks)),
        }
    return value
