"""The recorded sequences under sdk/vectors, which clients in all languages must repeat to the letter.

`python -m tests.sdk.vectors` writes them anew: after a change of what the client does, look at the difference.
"""

import gzip
import json
from pathlib import Path
from typing import Any

from tests.sdk.chaos import BOOKS, PRIVATE, RATES, Chaos
from tests.sdk.driver import VECTORS
from tests.sdk.scenarios import SCENARIOS

SCENARIOS_FILE = VECTORS / "scenarios.jsonl"
CHAOS_FILE = VECTORS / "chaos.jsonl.gz"
"""One vector per line."""
CHAOS_SEEDS = range(1_000, 1_200)
CHANNELS = (
    (BOOKS[0],),
    (BOOKS[0], "trades.GOLD-USD1"),
    PRIVATE,
    (BOOKS[1], "ticker.GOLD-USD2", *PRIVATE),
)

Vector = dict[str, Any]


def scenario_vectors() -> list[Vector]:
    """What the scenarios do now."""
    return [scenario().vector(scenario.__name__, scenario.__doc__ or "") for scenario in SCENARIOS]


def chaos_vector(seed: int) -> Vector:
    """A short run on a bad line, and its healing."""
    chaos = Chaos(seed, CHANNELS[seed % len(CHANNELS)])
    chaos.run(30, RATES, cut=0.02)
    chaos.run(20, {})
    return chaos.driver.vector(f"chaos {seed}", "made by tests/sdk/vectors.py")


def read(path: Path) -> list[Vector]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [json.loads(line) for line in text.splitlines()]


def _write(path: Path, vectors: list[Vector]) -> None:
    lines = [json.dumps(vector, separators=(",", ":")) + "\n" for vector in vectors]
    content = "".join(lines).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


if __name__ == "__main__":
    _write(SCENARIOS_FILE, scenario_vectors())
    _write(CHAOS_FILE, [chaos_vector(seed) for seed in CHAOS_SEEDS])
