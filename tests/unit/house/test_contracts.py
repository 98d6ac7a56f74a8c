"""Import contracts cannot name what does not exist yet; each is completed as soon as it does."""

import tomllib
from pathlib import Path

import pytest

from tests.unit.house.sources import ROOT, text

CONTRACTS = Path("pyproject.toml")
BARRED = {
    "gateway": {"engine", "sequencer"},
    "sandbox": {"engine", "market_data", "projections", "sequencer", "users"},
}


@pytest.mark.parametrize("package", BARRED)
def test_a_package_is_barred_from_what_it_must_not_know(package: str) -> None:
    linter = tomllib.loads(text(CONTRACTS))["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in linter["contracts"]}
    wanted = {f"cse.{name}" for name in BARRED[package] if (ROOT / "src/cse" / name).exists()}
    missing = wanted - set(contracts[package]["forbidden_modules"])
    assert not missing, f"add to contract {package!r} in {CONTRACTS}: {sorted(missing)}"
