"""The native engine's message definitions are made from the Python ones, and both sides can tell."""

from pathlib import Path

import pytest

from cse.messages.layout import LAYOUT_HASH, layout_text
from cse.messages.native_source import sources
from cse.messages.registry import MESSAGE_TYPES

FOLDER = Path(__file__).parents[3] / "native" / "src" / "messages"


@pytest.mark.parametrize("name", sorted(sources()))
def test_rust_source_is_current(name: str) -> None:
    """Each generated file stands in native/src/messages as it would be written now."""
    stale = "run .venv/bin/python tools/write_native_messages.py"
    assert (FOLDER / name).read_text(encoding="utf-8") == sources()[name], stale


def test_no_generated_file_is_left_over() -> None:
    """The folder holds the generated files and nothing else."""
    assert {path.name for path in FOLDER.iterdir()} == set(sources())


def test_fingerprint_covers_every_message() -> None:
    """The text that is hashed names every message type, and its hash is what the Rust source carries."""
    text = layout_text().splitlines()
    assert all(f"{number} {cls.__name__}" in text for number, cls in MESSAGE_TYPES.items())
    carried = "".join(f"0x{byte:02x}" for byte in LAYOUT_HASH)
    assert carried in "".join(sources()["mod.rs"].split()).replace(",", "")
