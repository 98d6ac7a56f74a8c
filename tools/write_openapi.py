"""Write the OpenAPI document that the web app's types are made from, without a running exchange.

`.venv/bin/python tools/write_openapi.py`, then `cd web && npm run api`.
"""

import sys
from importlib import import_module
from pathlib import Path

from cse.gateway.http.openapi_file import OPENAPI_FILE, openapi_text

ROOT = Path(__file__).parents[1]

sys.path.insert(0, str(ROOT))
gateway = import_module("tests.unit.gateway.world").World()  # a whole gateway, with every call
(ROOT / OPENAPI_FILE).write_text(openapi_text(gateway.app.app.openapi()), encoding="utf-8")
