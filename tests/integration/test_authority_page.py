"""What docs/operating/authority.md says to paste works: one proposes, another approves, the log names both."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.integration.exchange import Exchange

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operating/authority.md").read_text(encoding="utf-8")


def test_two_people_by_curl(tmp_path: Path) -> None:
    """Both log in, the proposer is refused, the second person's yes does it, and the search shows every step."""
    (lines,) = [
        block for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) if "curl" in block
    ]
    shims = tmp_path / "bin"
    shims.mkdir()
    (shims / "cse").write_text(f'#!/bin/sh\nexec {sys.executable} -m cse.cli "$@"\n')
    (shims / "cse").chmod(0o755)
    with Exchange(tmp_path) as exchange:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CSE_")}
        told = subprocess.run(
            [
                "bash",
                "-euo",
                "pipefail",
                "-c",
                lines.replace("http://127.0.0.1:8000", exchange.base),
            ],
            env={
                **clean,
                "PATH": f"{shims}:{os.environ['PATH']}",
                "CSE_DATA_DIR": str(exchange.data_dir),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert told.returncode == 0, told.stdout + told.stderr
    said = told.stdout.splitlines()
    dana, omar = [line.split("user ")[1].split(")")[0] for line in said[:2]]
    assert all(line.endswith("has the role admin now") for line in said[:2])
    assert said[2] == '[1,"fee_tier.set","fee_tier:7",{},{"maker_ppm":100,"taker_ppm":200}]'
    assert said[3:5] == ["own_proposal", "done"]
    assert [line.split('"')[1] for line in said[5:9]] == [
        "approval.end",
        "approval.execute",
        "approval.approve",
        "approval.propose",
    ]
    assert f'"user:{omar}","127.0.0.1"' in said[7]
    assert said[9] == f'["user:{dana}",["user:{omar}"]]'
