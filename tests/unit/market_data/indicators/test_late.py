"""An exchange that nobody asks for indicators never loads numpy or TA-Lib: not for `cse --help`, not for its API."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "start",
    [
        "import cse.cli",
        "import cse.gateway.app, cse.gateway.ws.assembly",
        "from cse.market_data.indicators import catalogue, parse_one; parse_one('rsi(7)')",
    ],
)
def test_the_start_loads_neither(start: str) -> None:
    """A fresh interpreter that has done this has none of the two among its modules."""
    asked = f"{start}; import sys; print([m for m in ('numpy', 'talib') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"
