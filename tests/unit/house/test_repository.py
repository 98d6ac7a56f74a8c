"""House rules for files of every kind."""

import re
from pathlib import Path

from tests.unit.house.sources import ROOT, files, report

# Put together here so that this file does not name what it looks for.
REGISTRIES = [
    r"pypi\." + "org",
    r"python" + "hosted",
    r"registry\.npm" + "js",
    r"registry\.yarn" + "pkg",
    r"(static|index)\.crates\." + "io",
    r"proxy\.golang\." + "org",
    r"npm\.pkg\.git" + "hub",
    "art" + "ifactory",
]
# From the root of the file system: a folder `home` of ours may lie below others.
MACHINES = ["/ro" + "ot/", r"(?<!\w)/ho" + r"me/[a-z]", "/wo" + "rk/", "/Us" + "ers/[a-z]"]
DECISIONS = Path("docs/decisions")


def test_no_file_names_a_package_registry() -> None:
    report(
        "packages come from the index of the machine (docs/decisions/0002); `make lock` cleans uv.lock:",
        _lines_with(REGISTRIES),
    )


def test_no_file_holds_a_path_of_one_machine() -> None:
    report("a clone lies elsewhere; use a path relative to the repository:", _lines_with(MACHINES))


def _lines_with(patterns: list[str]) -> list[str]:
    found = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in files()
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if found.search(line)
    ]


def _text(path: Path) -> str:
    content = (ROOT / path).read_bytes()
    return "" if b"\0" in content[:8_192] else content.decode("utf-8", errors="replace")


def test_decisions_are_numbered_without_gaps() -> None:
    names = [path.name for path in files() if path.parent == DECISIONS]
    wrong = [name for name in names if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)]
    report(f"{DECISIONS} holds only files like 0007-a-few-words.md:", wrong)
    numbers = [int(name[:4]) for name in sorted(names)]
    assert numbers == list(range(1, len(numbers) + 1)), f"a gap or a double in {sorted(names)}"
