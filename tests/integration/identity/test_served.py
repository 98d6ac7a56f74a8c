"""Behind the real server: a document of the largest size arrives, a stranger's is not read, levels are asked."""

from pathlib import Path

import httpx

from cse.settings import Settings
from cse.settings.sections import IdentitySettings
from cse.users.identity_checks.model import MAX_DOCUMENT_BYTES
from tests.integration.http_exchange import order, problem
from tests.integration.http_server import served_exchange
from tests.integration.identity.people import CHECKS, DATA, PDF


def test_documents_and_levels_behind_a_server(tmp_path: Path) -> None:
    """10 MiB over a socket; 401 for who is not logged in; 403 for an order past ASGI; reads go on."""
    settings = Settings(data_dir=tmp_path, identity=IdentitySettings(level_to_trade=1))
    largest = PDF[:9] + bytes(MAX_DOCUMENT_BYTES - len(PDF)) + PDF[9:]
    with served_exchange(tmp_path, settings=settings) as served:
        login = {"authorization": f"Bearer {served.token}"}
        with httpx.Client(base_url=served.url, headers=login, timeout=60) as trader:
            check = trader.post(CHECKS, json={"level": 1, "data": DATA}).json()["check_id"]
            path = f"{CHECKS}/{check}/documents?kind=source_of_funds"
            media = {"content-type": "application/pdf"}
            assert trader.post(path, content=largest, headers=media).status_code == 201
            for _ in range(2):  # the second time its head is known
                answer = trader.post("/api/orders", json=order("buy", "1.0000", "1.00"))
                problem(answer, 403, "identity_level_too_low")
            assert trader.get("/api/orders").status_code == 200
            refused = httpx.post(served.url + path, content=PDF, headers=media, timeout=30)
            problem(refused, 401, "not_authenticated")
            assert refused.headers["connection"] == "close"
    (file,) = (tmp_path / "documents").iterdir()
    assert file.stat().st_size > MAX_DOCUMENT_BYTES
