"""House rules for tests."""

import ast
from pathlib import Path

from tests.unit.house.sources import (
    at,
    called,
    collected_files,
    functions,
    python_files,
    report,
    tree,
)

WAITING = Path("tests/waiting.py")
SKIPS = {
    "pytest.skip",
    "pytest.xfail",
    "pytest.mark.skip",
    "pytest.mark.skipif",
    "pytest.mark.xfail",
}
CONDITIONAL = {"pytest.mark.skipif", "pytest.mark.xfail"}


def test_no_test_sleeps() -> None:
    report(
        f"wait for what you wait for: wait_until of {WAITING}; asyncio.sleep(0) may yield:",
        [
            at(path, node)
            for path in python_files("tests")
            if path != WAITING
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and _sleeps(node)
        ],
    )


def _sleeps(node: ast.Call) -> bool:
    yields = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
    return called(node) in {"time.sleep", "sleep", "asyncio.sleep"} and not yields


def test_every_test_says_what_it_proves() -> None:
    report(
        "give the module or the test a docstring that says what it proves and how:",
        [
            f"{at(path, node)} {name}"
            for path in collected_files()
            if not ast.get_docstring(tree(path))
            for name, node in functions(path)
            if node.name.startswith("test_") and not ast.get_docstring(node)
        ],
    )


def test_every_skip_has_a_reason() -> None:
    report(
        "say why it is skipped; importorskip skips in silence, what is missing must fail:",
        [
            at(path, node)
            for path in python_files("tests")
            for node in ast.walk(tree(path))
            if _skips_in_silence(node)
        ],
    )


def _skips_in_silence(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return any(ast.unparse(decorator) in SKIPS for decorator in node.decorator_list)
    if called(node) == "pytest.importorskip":
        return True
    if not isinstance(node, ast.Call) or called(node) not in SKIPS:
        return False
    reason = any(keyword.arg in {"reason", "msg"} for keyword in node.keywords)
    return not reason and (called(node) in CONDITIONAL or not node.args)
