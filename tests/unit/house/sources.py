"""What the house rules look at: the files of the repository, parsed once."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = ("src", "sdk", "tests", "benches", "tools")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or could at once be, committed; relative to the root."""
    if (ROOT / ".git").exists():
        asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        found = {Path(name) for name in listed.split("\0") if name}
    else:
        found = {path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()}
        found = {path for path in found if not path.parts[0].startswith((".venv", ".tools"))}
    return tuple(sorted(path for path in found if (ROOT / path).is_file()))


def python_files(*folders: str) -> list[Path]:
    """The Python files below these folders, relative to the root."""
    wanted = folders or CODE
    return [
        path
        for path in files()
        if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in wanted)
    ]


def collected_files() -> list[Path]:
    """The Python files that pytest collects tests from."""
    return [path for path in python_files("tests") if path.name.startswith("test_")]


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), filename=str(path))


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    """Every function of a file with its dotted name, methods and inner functions too."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                yield f"{prefix}{child.name}", child
            named = isinstance(child, ast.ClassDef | Function)
            yield from walk(child, f"{prefix}{child.name}." if named else prefix)

    return walk(tree(path), "")


def called(node: ast.AST) -> str:
    """The dotted name that a call calls (`pytest.skip`), or nothing for other nodes."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def at(path: Path, node: ast.AST) -> str:
    """`path:line`, as editors understand it."""
    return f"{path}:{getattr(node, 'lineno', 1)}"


def report(rule: str, found: list[str]) -> None:
    """Fails with the rule and every place that breaks it."""
    assert not found, "\n".join([rule, *found])
