"""Write the message definitions as Rust source: `.venv/bin/python tools/write_native_messages.py`."""

from pathlib import Path

from cse.messages.native_source import sources

FOLDER = Path(__file__).parents[1] / "native" / "src" / "messages"

FOLDER.mkdir(parents=True, exist_ok=True)
for name, text in sources().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
