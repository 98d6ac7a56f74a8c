"""No file over 400 lines and no function over 70; what is recorded in ratchet.json may only shrink.

The record holds the exact length of each exception, so that a shorter one lowers the record, and what
the last commit did not record cannot be added to it.
"""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.house.sources import ROOT, files, functions, python_files, report, text

FILE_LINES = 400
FUNCTION_LINES = 70
RECORD = Path("tests/unit/house/ratchet.json")


def lengths_of_files() -> dict[str, int]:
    others = [path for path in files() if path.suffix in {".rs", ".ts", ".tsx"}]
    return {str(path): len(text(path).splitlines()) for path in [*python_files(), *others]}


def lengths_of_functions() -> dict[str, int]:
    """Python's and TypeScript's; clippy.toml bounds those of Rust."""
    lengths = {
        f"{path}::{name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in python_files()
        for name, node in functions(path)
    }
    for path in files():
        if path.suffix in {".ts", ".tsx"}:
            blocks = typescript_blocks(text(path).splitlines())
            lengths |= {f"{path}::line {line}": length for line, length in blocks.items()}
    return lengths


FUNCTION_BEGINS = re.compile(
    r"^( *)(?!(?:export |abstract )*(?:class|interface|namespace)\b)\S.*[{(\[]$"
)


def typescript_blocks(lines: list[str]) -> dict[int, int]:
    """Lines of each block by where it begins: from a line that opens it to the next one as little indented.

    No parser, but the formatting of our sources; classes and interfaces may be longer than functions.
    """
    lengths = {}
    for number, line in enumerate(lines):
        if begins := FUNCTION_BEGINS.match(line):
            rest = lines[number + 1 :]
            ends = (at for at, other in enumerate(rest, 2) if re.match(begins[1] + r"\S", other))
            lengths[number + 1] = next(ends, len(rest) + 1)
    return lengths


def test_typescript_functions_are_measured() -> None:
    """A function is as long as its braces say; a class is no function."""
    source = ["class A {", "  b(): void {", "    c({", "      d,", "    })", "  }", "}"]
    assert typescript_blocks(source) == {2: 5, 3: 3}


@pytest.mark.parametrize(
    ("kind", "limit", "measure"),
    [("files", FILE_LINES, lengths_of_files), ("functions", FUNCTION_LINES, lengths_of_functions)],
)
def test_nothing_grows_over_its_limit(
    kind: str, limit: int, measure: Callable[[], dict[str, int]]
) -> None:
    recorded = json.loads(text(RECORD))[kind]
    lengths = measure()
    over = {name: lines for name, lines in lengths.items() if lines > limit}
    report(
        f"split these {kind} by idea (limit {limit} lines):",
        [f"{name}: {lines}" for name, lines in over.items() if lines > recorded.get(name, 0)],
    )
    report(
        f"these shrank, well done: lower or remove their record in {RECORD}:",
        [
            f"{name}: {lengths.get(name, 0)}"
            for name in recorded
            if recorded[name] != over.get(name)
        ],
    )


def test_the_record_takes_no_new_entries() -> None:
    asked = ["git", "show", f"HEAD:{RECORD}"]
    known = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if known.returncode == 0:  # a tree without history has nothing to compare with
        before, now = json.loads(known.stdout), json.loads(text(RECORD))
        added = [name for kind in now for name in now[kind] if name not in before[kind]]
        report(f"{RECORD} only shrinks; split these instead:", added)
