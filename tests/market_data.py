"""Recorded market data for tests: real files that lie beside the repository, not in it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOBSTER_FILE = "lobster-AAPL-2012-06-21-message-10.csv"
BINANCE_FILE = "binance-spot-ethusdt-20240808.jsonl.gz"


def market_data(name: str) -> Path:
    """Return where a file of recorded data lies; skips the test, saying so, when it is not there."""
    folder = Path(os.environ.get("CSE_MARKET_DATA") or ROOT.parent / "shared" / "data")
    path = folder / name
    if not path.is_file():
        pytest.skip(f"{name} is not in {folder}: set CSE_MARKET_DATA to where it lies")
    return path
