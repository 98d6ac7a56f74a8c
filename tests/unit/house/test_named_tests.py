"""The reference pages that name tests, for limits and for attacks, name tests that there are."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = ("docs/reference/limits.md", "docs/reference/security-tests.md")
NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)(?:::(test_[a-z0-9_]+))?`")


def _tests_of(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_row_names_a_test_that_exists(page: str) -> None:
    """Each row of a table ends with a test; its file is there, and the test is in it."""
    rows = [
        line
        for line in (ROOT / page).read_text().splitlines()
        if line.startswith("| ") and not line.endswith("| test |")
    ]
    assert len(rows) > 20
    for row in rows:
        named = NAMED.search(row.split("|")[-2])
        assert named, f"{page}: no test in {row}"
        path = ROOT / named[1]
        assert path.is_file(), f"{page}: {named[1]} is not there"
        assert named[2] is None or named[2] in _tests_of(path), f"{page}: {named[0]} is not there"


def test_every_attack_has_one_row() -> None:
    """No attack of the page stands there twice."""
    attacks = re.findall(r"^\| ([^|]+) \| `tests", (ROOT / PAGES[1]).read_text(), re.MULTILINE)
    assert len(attacks) == len(set(attacks))
