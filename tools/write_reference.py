"""Write the reference pages that are made from definitions in the code: `.venv/bin/python tools/write_reference.py`."""

import sys
from importlib import import_module
from pathlib import Path

from cse.gateway.http.permissions_page import permissions_page
from cse.market_data.indicators.reference import indicators_page
from cse.messages.reference import PAGES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"


def permissions() -> str:
    """Return the page of a whole gateway's calls: the one that unit tests make."""
    sys.path.insert(0, str(ROOT))
    gateway = import_module("tests.unit.gateway.world").World()
    return permissions_page(gateway.app.app.router.routes)


for name, page in {
    **PAGES,
    "indicators.md": indicators_page,
    "permissions.md": permissions,
}.items():
    (FOLDER / name).write_text(page(), encoding="utf-8")
