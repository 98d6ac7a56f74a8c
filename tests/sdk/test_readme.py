"""The example of sdk/README.md works as pasted: it is cut out of the page and run against a live exchange."""

import re
import subprocess
import sys
from pathlib import Path

from tests.integration.exchange import Exchange, deposit, place
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
_EXAMPLE = re.compile(r"## Fifteen lines.*?```python\n(.*?)```", re.DOTALL)


def _example() -> str:
    found = _EXAMPLE.search((ROOT / "sdk" / "README.md").read_text(encoding="utf-8"))
    assert found, "sdk/README.md has a section `Fifteen lines` with a block of Python"
    return found[1]


def test_the_example_is_as_short_as_it_says() -> None:
    """Fifteen lines, empty ones not counted."""
    assert len([line for line in _example().splitlines() if line.strip()]) <= 15


def test_the_example_works_as_pasted(tmp_path: Path) -> None:
    """Only the port is another one. It says when it is live and prints the book as it changes."""
    out = tmp_path / "printed"
    with Exchange(tmp_path) as exchange, exchange.person("ann") as ann, out.open("wb") as printed:
        deposit(ann, "USDC", "1000", "usdc")
        program = _example().replace("127.0.0.1:8000", exchange.base.removeprefix("http://"))
        command = [sys.executable, "-u", "-c", program]
        running = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: "now live" in out.read_text(), 60, "the client to be live")
            place(ann, "buy", "1.2400", "5.00")
            expected = "bid [('1.2400', '5.00')] ask []"
            wait_until(lambda: expected in out.read_text(), 60, f"{expected}:\n{out.read_text()}")
        finally:
            running.kill()
            running.wait()
