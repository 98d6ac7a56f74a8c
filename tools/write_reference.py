"""Write the reference pages that are made from the message definitions: `.venv/bin/python tools/write_reference.py`."""

from pathlib import Path

from cse.messages.reference import PAGES

FOLDER = Path(__file__).parents[1] / "docs" / "reference"

for name, page in PAGES.items():
    (FOLDER / name).write_text(page(), encoding="utf-8")
