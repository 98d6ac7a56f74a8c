"""What docs/reference/api-keys.md says to paste works as pasted on a live exchange; its numbers are the code's."""

import json
import re
import subprocess
from pathlib import Path

from cse.gateway.seen_signatures import MAX_OF_KEY, MAX_WINDOW_MS
from cse.gateway.signed import WINDOW_MS
from tests.integration.exchange import Exchange

ROOT = Path(__file__).parents[2]
KEY_HEADER = '-H "X-CSE-KEY: '
PAGE = (ROOT / "docs/reference/api-keys.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The page's blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def run(lines: str, folder: Path) -> str:
    """What bash prints for these lines, which must all succeed."""
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def test_the_lines_work_as_pasted(tmp_path: Path) -> None:
    """Both kinds of key, from registration to signed requests, with openssl and curl; then the Python example."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work/.venv").symlink_to(ROOT / ".venv")
    with_secret, with_pair = blocks("bash")
    (python,) = blocks("python")
    (tmp_path / "work/example.py").write_text(python, encoding="utf-8")
    with Exchange(tmp_path) as exchange:
        lines = "set +u\n" + with_secret.replace("http://127.0.0.1:8000", exchange.base)
        lines += 'export API="$api" KEY="$key" SECRET="$secret"\n'
        lines += f".venv/bin/python example.py\n{with_pair}"
        # A busy machine needs longer from the clock to the exchange than anybody's.
        lines = lines.replace(KEY_HEADER, f"-H 'X-CSE-RECV-WINDOW: 60000' {KEY_HEADER}")
        told = run(lines, tmp_path / "work").strip().splitlines()
    assert told[0].endswith('{"orders":[],"next_cursor":null}'), told
    assert "{'balances': []}" in told, told
    assert json.loads(told[-1]) == {"balances": []}
    assert not any('"code"' in line or "'code'" in line for line in told), told


def test_the_numbers_are_the_code_s() -> None:
    """Windows and the bound of remembered signatures."""
    assert f"1 to {MAX_WINDOW_MS} ms; {WINDOW_MS} without" in PAGE
    assert f"{MAX_OF_KEY:,} signatures" in PAGE
