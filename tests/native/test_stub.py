"""The module is what its stub says: mypy's stubtest compares every name, parameter and default of the two."""

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

from cse.engine.native import VERSION
from tests.engines import running_on

ROOT = Path(__file__).parents[2]


def test_the_stub_and_the_module_agree(tmp_path: Path) -> None:
    """Nothing is missing on either side, and nothing has another signature."""
    allowed = tmp_path / "allowed.txt"
    allowed.write_text(
        "cse_native.cse_native\n"
    )  # the shared object inside the package, which has no stub
    with running_on("native"):
        done = subprocess.run(
            [sys.executable, "-m", "mypy.stubtest", "cse_native", "--allowlist", str(allowed)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stub_that_is_installed_is_the_one_in_the_repository() -> None:
    """Or what was compared above, and what mypy reads, would be two things."""
    with running_on("native"):
        found = find_spec("cse_native")
    assert found is not None
    installed = Path(str(found.origin)).with_name("__init__.pyi")
    assert installed.read_text() == (ROOT / "native/cse_native.pyi").read_text()


def test_the_wrapper_expects_the_version_that_is_here() -> None:
    """A new version of the crate is a new version in the wrapper, which refuses the old one."""
    cargo = tomllib.loads((ROOT / "native/Cargo.toml").read_text(encoding="utf-8"))
    assert cargo["package"]["version"] == VERSION
