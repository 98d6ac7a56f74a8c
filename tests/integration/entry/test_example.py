"""The example of docs/reference/order-entry.md runs as it stands there, against a live exchange."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.integration.entry.test_processes import entry_address
from tests.integration.exchange import Exchange, deposit

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "order-entry.md"


def test_the_example_runs(tmp_path: Path) -> None:
    """A pair made by `cse keys new`, registered over REST, the program cut out of the page."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    program, pem = tmp_path / "bot.py", tmp_path / "bot.pem"
    program.write_text(found[1], encoding="utf-8")
    made = _run("-m", "cse.cli", "keys", "new", str(pem))
    public = re.search(r"[0-9A-Za-z+/]{43}=", made)
    assert public, made
    with Exchange(tmp_path) as exchange, exchange.person("ada") as ada:
        deposit(ada, "USDC", "1000", "gift")
        asked = {"name": "bot", "public_key": public[0], "scopes": ["read", "trade"]}
        key_id = json.loads(ada.post("/api/keys", json=asked).text)["key"]["id"]
        out = _run(str(program), entry_address(exchange), key_id, str(pem))
    assert re.search(r"\[OrderAccepted\(.*client_order_id='first'", out)
    assert "ALREADY_APPLIED" in out
    assert "OrderClosed" in out


def _run(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
