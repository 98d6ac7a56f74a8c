"""The OpenAPI document in the repository is the gateway's own."""

from cse.gateway.http.openapi_file import OPENAPI_FILE, openapi_text
from tests.unit.gateway.world import World
from tests.unit.house.sources import ROOT


def test_the_web_apps_openapi_document_is_fresh() -> None:
    """What the web app's types are made from is what a gateway of now answers at /api/openapi.json."""
    kept = (ROOT / OPENAPI_FILE).read_text(encoding="utf-8")
    fix = ".venv/bin/python tools/write_openapi.py && (cd web && npm run api)"
    assert kept == openapi_text(World().app.app.openapi()), f"{OPENAPI_FILE} is stale: {fix}"
