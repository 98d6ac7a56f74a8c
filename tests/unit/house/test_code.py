"""House rules for all code that no linter knows."""

import ast
import re
from pathlib import Path

from tests.unit.house.sources import at, called, files, python_files, report, text, tree

PURE = ("src/cse/core", "src/cse/messages", "src/cse/engine")
MONEY = (*PURE, "src/cse/sequencer", "src/cse/projections", "src/cse/users")
DRAWERS = {"utils", "util", "common", "helpers", "misc"}
SILENCE = re.compile(r"#\s*(noqa|type:\s*ignore|pragma)\b(:\s*|\[)?([A-Za-z0-9, -]+\]?)?(.*)")


def test_no_exception_is_swallowed() -> None:
    report(
        "`except ...: pass` hides what went wrong; handle it, or say with contextlib.suppress what is fine:",
        [
            at(path, node)
            for path in python_files()
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ExceptHandler) and all(map(_does_nothing, node.body))
        ],
    )


def _does_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def test_money_is_never_a_float() -> None:
    report(
        "amounts are integers of the smallest unit (ARCHITECTURE.md); no float() here:",
        [
            at(path, node)
            for path in python_files(*MONEY)
            for node in ast.walk(tree(path))
            if called(node) == "float"
        ],
    )


def test_nothing_a_replay_depends_on_computes_with_floats() -> None:
    report(
        "a replay must give the same state on every machine; no float, no `/` here (use //):",
        [
            at(path, node)
            for path in python_files(*PURE)
            for node in ast.walk(tree(path))
            if _makes_a_float(node)
        ],
    )


def _makes_a_float(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return isinstance(node.op, ast.Div)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return False


def test_there_are_no_drawers() -> None:
    report(
        "name a folder or module for what it does, not for being shared:",
        [
            str(path)
            for path in files()
            if path.is_relative_to("src") or path.suffix == ".py"
            if DRAWERS & {Path(part).stem for part in path.parts}
        ],
    )


def test_what_silences_a_check_names_it_and_says_why() -> None:
    report(
        "write the rule and the reason on the line, as in `# noqa: S311  # bots want a seed`:",
        [
            f"{path}:{number}"
            for path in python_files()
            if path.name != Path(__file__).name
            for number, line in enumerate(text(path).splitlines(), start=1)
            if (found := SILENCE.search(line)) and not _has_reason(found)
        ],
    )


def _has_reason(found: re.Match[str]) -> bool:
    return bool(found[2] and found[3] and re.search(r"\w{2,}", found[4]))
