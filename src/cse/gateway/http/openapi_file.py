"""The OpenAPI document as a file in the repository, which the web app's types are generated from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

OPENAPI_FILE: Final = Path("web/packages/core/src/api/openapi.json")
"""Relative to the root of the repository; `tools/write_openapi.py` writes it."""


def openapi_text(document: Mapping[str, Any]) -> str:
    """Return the document so that the same one always gives the same bytes, and a change shows in a diff."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
