"""The specification and its tests name each other: no criterion without a test, no test of an unknown criterion."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
SPECIFICATION = HERE.parents[2] / "docs" / "reference" / "matching.md"


def _tests() -> dict[str, str]:
    """Return file::test -> docstring of every engine test."""
    found = {}
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[f"{path.name}::{node.name}"] = ast.get_docstring(node) or ""
    return found


def _criteria() -> dict[str, str]:
    """Return criterion -> file::test as the specification names it."""
    text = SPECIFICATION.read_text()
    return dict(re.findall(r"\*\*(MATCH-\d{3})\*\*.*?`(test_\w+\.py::\w+)`", text, re.DOTALL))


def test_every_criterion_names_a_test_that_names_it() -> None:
    """Each MATCH number of the specification points at a test whose docstring carries the number."""
    tests, criteria = _tests(), _criteria()
    assert len(criteria) == SPECIFICATION.read_text().count("- **MATCH-")
    missing = {
        number: test for number, test in criteria.items() if number not in tests.get(test, "")
    }
    assert not missing, f"named in matching.md, but no such test says so: {missing}"


def test_no_test_names_an_unknown_criterion() -> None:
    """A test cannot prove a criterion that the specification does not have."""
    known = set(_criteria())
    unknown = {
        test: set(re.findall(r"MATCH-\d{3}", said)) - known for test, said in _tests().items()
    }
    assert not {test: numbers for test, numbers in unknown.items() if numbers}
