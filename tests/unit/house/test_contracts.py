"""A package that has import rules of its own has its contract as soon as it exists."""

import tomllib
from pathlib import Path

import pytest

from tests.unit.house.sources import ROOT, text

CONTRACTS = Path("pyproject.toml")


@pytest.mark.parametrize("package", ["gateway", "sandbox"])
def test_a_package_with_rules_of_its_own_has_its_contract(package: str) -> None:
    linter = tomllib.loads(text(CONTRACTS))["tool"]["importlinter"]
    known = {contract["id"] for contract in linter["contracts"]}
    exists = (ROOT / "src/cse" / package).exists()
    assert not exists or package in known, (
        f"cse.{package} exists: take the # off its contract at the end of {CONTRACTS}"
    )
