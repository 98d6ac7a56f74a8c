"""The session in README.md works as pasted: it is cut out of the page and run against a live exchange."""

import json
import re
import subprocess
from pathlib import Path

from tests.integration.exchange import Exchange

ROOT = Path(__file__).parents[2]
_SESSION = re.compile(r"## A session.*?```bash\n(.*?)```", re.DOTALL)


def _session() -> str:
    found = _SESSION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found, "README.md has a section `A session` with a bash block"
    return found[1]


def test_the_session_is_ten_lines() -> None:
    """As short as it says."""
    assert len(_session().splitlines()) == 10


def test_the_session_works_as_pasted(tmp_path: Path) -> None:
    """Twice, as people do: only the port is another one, and the pauses are those of a busy machine.

    The trade is seen, ann has her tokens.
    """
    with Exchange(tmp_path) as exchange:
        lines = _session().replace("127.0.0.1:8000", exchange.base.removeprefix("http://"))
        lines = lines.replace("sleep 5", "sleep 12").replace("sleep 1\n", "sleep 4\n")
        for attempt in (1, 2):
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", lines],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
            assert ran.stderr == ""
            assert re.search(r'< .*"type":"update".*"quantity":"4.00"', ran.stdout), ran.stdout
            balances = json.loads(ran.stdout[ran.stdout.rindex('{"balances"') :])["balances"]
            nova = next(b["available"] for b in balances if b["asset"] == "NOVA")
            assert nova == ["3.996000", "7.992000"][attempt - 1]
