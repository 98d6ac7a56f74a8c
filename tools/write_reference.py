"""Write the reference pages that are made from definitions in the code: `.venv/bin/python tools/write_reference.py`."""

from pathlib import Path

from cse.market_data.indicators.reference import indicators_page
from cse.messages.reference import PAGES

FOLDER = Path(__file__).parents[1] / "docs" / "reference"

for name, page in {**PAGES, "indicators.md": indicators_page}.items():
    (FOLDER / name).write_text(page(), encoding="utf-8")
